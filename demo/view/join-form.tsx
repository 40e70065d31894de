import { useSignal } from '@preact/signals'
import { useId } from 'preact/hooks'
import { inWords } from '../state/words.ts'
import { useApp, useChat } from './context.ts'
import { FindDialog } from './find-dialog.tsx'
import { PlusIcon, SearchIcon } from './icons.tsx'
import { MakeDialog } from './make-dialog.tsx'

/** Enters a room by its address, or by its name where the server of rooms is known. */
export function JoinForm({ onJoined }: { readonly onJoined: () => void }) {
  const chat = useChat()
  const { config } = useApp()
  const address = useSignal('')
  const error = useSignal<string | undefined>(undefined)
  const dialog = useSignal<'find' | 'make' | undefined>(undefined)
  const id = useId()
  const close = (): void => {
    dialog.value = undefined
  }
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    const typed = address.value.trim()
    const jid = config && !typed.includes('@') ? `${typed}@${config.mucDomain}` : typed
    try {
      chat.show(jid)
      void chat.join(jid)
      address.value = ''
      error.value = undefined
      onJoined()
    } catch (reason) {
      error.value = inWords(reason)
    }
  }
  return (
    <>
      <form class="join-form" aria-label="Join a room" onSubmit={submit}>
        <label for={id}>Join another room</label>
        <div class="joined">
          <input
            id={id}
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            required
            placeholder={config ? 'name or address' : 'name@rooms.server'}
            value={address.value}
            aria-describedby={error.value === undefined ? undefined : `${id}-error`}
            onInput={({ currentTarget }) => {
              address.value = currentTarget.value
              error.value = undefined
            }}
          />
          <button type="submit">Join</button>
        </div>
        {error.value !== undefined && (
          <p class="field-error" id={`${id}-error`} role="alert">
            {error.value}
          </p>
        )}
        <div class="room-buttons">
          <button
            type="button"
            onClick={() => {
              dialog.value = 'find'
            }}
          >
            <SearchIcon />
            Find rooms
          </button>
          <button
            type="button"
            onClick={() => {
              dialog.value = 'make'
            }}
          >
            <PlusIcon />
            New room
          </button>
        </div>
      </form>
      {dialog.value === 'find' && <FindDialog onClose={close} />}
      {dialog.value === 'make' && <MakeDialog onClose={close} />}
    </>
  )
}
