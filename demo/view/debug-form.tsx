import { useSignal } from '@preact/signals'
import { useId } from 'preact/hooks'
import type { Inspector, InspectorStage } from '../state/inspector.ts'
import { ThemeSwitch } from './theme-switch.tsx'

interface DebugFormProps {
  readonly stage: Extract<InspectorStage, { at: 'asking' }>
  readonly inspector: Inspector
}

/** Asks for the account. A password is not asked for: some tab must be signed in already. */
export function DebugForm({ stage, inspector }: DebugFormProps) {
  const jid = useSignal(stage.jid)
  const id = useId()
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    void inspector.attach(jid.value.trim())
  }
  return (
    <main class="sign-in">
      <div class="sign-in-card">
        <header>
          <div class="sign-in-top">
            <img src="./icon.svg" alt="" width="44" height="44" />
            <ThemeSwitch theme={inspector.theme} />
          </div>
          <h1>Seen inside</h1>
          <p>What the worker that your tabs share is doing. Some tab must be signed in.</p>
        </header>
        {stage.notice !== undefined && (
          <p class="notice notice-bad" role="alert">
            {stage.notice}
          </p>
        )}
        <form class="sign-in-form" onSubmit={submit}>
          <div class="field">
            <label for={id}>Address</label>
            <input
              id={id}
              autocomplete="username"
              autocapitalize="none"
              spellcheck={false}
              placeholder="name@server"
              required
              value={jid.value}
              onInput={({ currentTarget }) => {
                jid.value = currentTarget.value
              }}
            />
          </div>
          <button type="submit" class="primary">
            Look inside
          </button>
        </form>
        <a href="./">To the chat</a>
      </div>
    </main>
  )
}
