import { useSignal } from '@preact/signals'
import { useEffect, useId, useRef } from 'preact/hooks'
import type { Credentials } from '../state/app.ts'

interface SignInFormProps {
  readonly jid: string
  readonly service: string
  /** One that anybody may know; then there is no connection to choose, either. */
  readonly password?: string
  readonly busy: boolean
  /** All but the password is known. */
  readonly wantsPassword: boolean
  readonly onSubmit: (credentials: Credentials) => void
}

export function SignInForm({ busy, wantsPassword, onSubmit, ...known }: SignInFormProps) {
  const jid = useSignal(known.jid)
  const service = useSignal(known.service)
  const password = useRef<HTMLInputElement>(null)
  const id = useId()
  useEffect(() => {
    if (wantsPassword) password.current?.focus()
  }, [wantsPassword])
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    const secret = password.current?.value ?? ''
    onSubmit({ jid: jid.value.trim(), service: service.value.trim(), password: secret })
  }
  return (
    <form class="sign-in-form" onSubmit={submit}>
      <div class="field">
        <label for={`${id}-jid`}>Address</label>
        <input
          id={`${id}-jid`}
          name="username"
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
      <div class="field">
        <label for={`${id}-password`}>Password</label>
        <input
          id={`${id}-password`}
          ref={password}
          name="password"
          type="password"
          autocomplete="current-password"
          required
          {...(known.password !== undefined && { defaultValue: known.password })}
        />
      </div>
      {known.password === undefined && (
        <details class="field" open={known.service === ''}>
          <summary>Connection</summary>
          <label for={`${id}-service`}>Service address (WebSocket)</label>
          <input
            id={`${id}-service`}
            name="service"
            inputmode="url"
            autocapitalize="none"
            spellcheck={false}
            placeholder="wss://server/xmpp-websocket"
            value={service.value}
            onInput={({ currentTarget }) => {
              service.value = currentTarget.value
            }}
          />
        </details>
      )}
      <button type="submit" class="primary" disabled={busy}>
        {busy ? 'Signing in …' : 'Sign in'}
      </button>
    </form>
  )
}
