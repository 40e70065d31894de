import { useSignal } from '@preact/signals'
import type { Message } from 'minimix-web'
import { useId } from 'preact/hooks'
import { RoomModel } from '../state/room-model.ts'
import { useConversation } from './context.ts'
import { Dialog } from './dialog.tsx'

/** Asks before a message is taken away, and a moderator for the reason. */
export function RemovalDialog({ message, onClose }: { readonly message: Message; readonly onClose: () => void }) {
  const conversation = useConversation()
  const reason = useSignal('')
  const id = useId()
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (message.own) conversation.retract(message)
    else if (conversation instanceof RoomModel) conversation.moderate(message, reason.value.trim())
    onClose()
  }
  return (
    <Dialog
      title={message.own ? 'Delete your message?' : `Delete the message of ${conversation.nameOf(message)}?`}
      onClose={onClose}
    >
      <form class="dialog-form" onSubmit={submit}>
        <p>It goes away for everybody, as far as their programs go along. Who has read it has read it.</p>
        {!message.own && (
          <div class="field">
            <label for={id}>Reason, for everybody to see (may be empty)</label>
            <input
              id={id}
              autocomplete="off"
              value={reason.value}
              onInput={({ currentTarget }) => {
                reason.value = currentTarget.value
              }}
            />
          </div>
        )}
        <div class="dialog-buttons">
          <button type="submit" class="primary danger">
            Delete
          </button>
          <button type="button" onClick={onClose}>
            Keep it
          </button>
        </div>
      </form>
    </Dialog>
  )
}
