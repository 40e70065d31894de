import { useSignal } from '@preact/signals'
import { localPart, usualNick } from '../state/address.ts'
import type { Credentials, Stage } from '../state/app.ts'
import { inWords } from '../state/words.ts'
import { Avatar } from './avatar.tsx'
import { useApp } from './context.ts'
import { SignInForm } from './sign-in-form.tsx'
import { ThemeSwitch } from './theme-switch.tsx'

type SignInStage = Extract<Stage, { at: 'sign-in' }>

export function SignIn({ stage }: { readonly stage: SignInStage }) {
  const app = useApp()
  const busy = useSignal(false)
  const error = useSignal<string | undefined>(undefined)
  const ready = app.config?.accounts ?? []
  const suggested = app.config?.memory ? ready[0] : undefined
  const signIn = async (credentials: Credentials): Promise<void> => {
    busy.value = true
    error.value = undefined
    try {
      await app.signIn(credentials)
    } catch (reason) {
      error.value = inWords(reason)
    } finally {
      busy.value = false
    }
  }
  return (
    <main class="sign-in">
      <div class="sign-in-card">
        <header>
          <div class="sign-in-top">
            <img src="./icon.svg" alt="" width="44" height="44" />
            <ThemeSwitch theme={app.theme} />
          </div>
          <h1>One of you, in every tab</h1>
          <p>A group chat in as many tabs as you like, over one connection. To the room you are one person.</p>
        </header>
        {app.config?.memory && (
          <p class="notice">
            This is a demonstration without a server: the room and the people in it live in this browser, in the worker
            that your tabs share. Nothing leaves it.
          </p>
        )}
        {stage.notice !== undefined && error.value === undefined && (
          <p class="notice" role="status">
            {stage.notice}
          </p>
        )}
        {error.value !== undefined && (
          <p class="notice notice-bad" role="alert">
            {error.value}
          </p>
        )}
        {ready.length > 0 && (
          <ul class="ready" aria-label="Accounts that are ready">
            {ready.map(({ jid, password }) => (
              <li key={jid}>
                <button
                  type="button"
                  class="ready-account"
                  disabled={busy.value}
                  onClick={() => signIn({ jid, password, service: app.config?.service ?? '' })}
                >
                  <Avatar nick={usualNick(jid)} />
                  <span>
                    <b>Continue as {usualNick(jid)}</b>
                    <small>{jid}</small>
                  </span>
                </button>
              </li>
            ))}
          </ul>
        )}
        {ready.length > 0 && <p class="divider">or with another account</p>}
        <SignInForm
          key={`${stage.jid} ${stage.service}`}
          jid={stage.jid || (suggested?.jid ?? '')}
          {...(suggested && { password: suggested.password })}
          service={stage.service}
          busy={busy.value}
          wantsPassword={stage.notice !== undefined && localPart(stage.jid) !== ''}
          onSubmit={signIn}
        />
      </div>
    </main>
  )
}
