import { useSignal } from '@preact/signals'
import { MinimixError } from 'minimix-web'
import { useId } from 'preact/hooks'
import { localPart } from '../state/address.ts'
import type { RoomModel } from '../state/room-model.ts'
import { refusalInWords, removalInWords } from '../state/words.ts'
import { useChat } from './context.ts'

/** Asks under which name to go in, and for the password where the room wants one. */
export function EntryForm({ model }: { readonly model: RoomModel }) {
  const chat = useChat()
  const nick = useSignal(chat.nickIn(model.jid))
  const password = useSignal('')
  const id = useId()
  const error = model.refusal.value
  const ejection = model.ejection.value
  const removal = ejection?.how === 'removed' ? ejection : undefined
  const wantsPassword = error instanceof MinimixError && error.code === 'room-password-required'
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    void chat.join(model.jid, nick.value, password.value === '' ? undefined : password.value)
  }
  return (
    <form class="door-card" onSubmit={submit}>
      <h2>{removal ? removalInWords(removal) : `Go into ${localPart(model.jid)}?`}</h2>
      {error !== undefined && (
        <p class="notice notice-bad" role="alert">
          {refusalInWords(error)}
        </p>
      )}
      <div class="field">
        <label for={`${id}-nick`}>Your name in this room</label>
        <input
          id={`${id}-nick`}
          required
          autocomplete="nickname"
          value={nick.value}
          onInput={({ currentTarget }) => {
            nick.value = currentTarget.value
          }}
        />
      </div>
      {wantsPassword && (
        <div class="field">
          <label for={`${id}-password`}>Password of the room</label>
          <input
            id={`${id}-password`}
            type="password"
            autocomplete="off"
            value={password.value}
            onInput={({ currentTarget }) => {
              password.value = currentTarget.value
            }}
          />
        </div>
      )}
      <div class="door-buttons">
        <button type="submit" class="primary">
          Join {localPart(model.jid)}
        </button>
        <button type="button" onClick={() => chat.close(model.jid)}>
          Not now
        </button>
      </div>
    </form>
  )
}
