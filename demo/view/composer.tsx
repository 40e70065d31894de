import { useEffect, useId, useRef } from 'preact/hooks'
import { localPart } from '../state/address.ts'
import type { RoomModel } from '../state/room-model.ts'
import { silence } from '../state/words.ts'
import { useChat } from './context.ts'
import { SendIcon } from './icons.tsx'

const MOST_ROWS = 8

/** Enter sends, Shift+Enter begins a new line. */
export function Composer({ model }: { readonly model: RoomModel }) {
  const { standing } = useChat()
  const { state, self } = model.snapshot.value
  const reason = silence(standing.value.status, state, self?.role)
  const { draft } = model
  const field = useRef<HTMLTextAreaElement>(null)
  const id = useId()
  useEffect(() => {
    // On a touch screen the keyboard would cover half of the room.
    if (matchMedia('(pointer: fine)').matches) field.current?.focus()
  }, [])
  const send = (): void => {
    const body = draft.value.trim()
    if (body === '' || reason !== undefined) return
    draft.value = ''
    void model.outbox.send(body)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    send()
  }
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault()
    send()
    field.current?.focus()
  }
  return (
    <form class="composer" onSubmit={onSubmit}>
      <div class="composer-box" data-silent={reason !== undefined}>
        {/* Read only rather than disabled: the focus, and what was begun, outlive an interruption. */}
        <textarea
          ref={field}
          rows={Math.min(MOST_ROWS, draft.value.split('\n').length)}
          aria-label={`Message to ${localPart(model.jid)}`}
          aria-describedby={reason === undefined ? undefined : id}
          aria-disabled={reason !== undefined}
          readOnly={reason !== undefined}
          placeholder={`Message to ${localPart(model.jid)}`}
          value={draft.value}
          onInput={({ currentTarget }) => {
            draft.value = currentTarget.value
          }}
          onKeyDown={onKeyDown}
        />
        <button
          type="submit"
          class="send"
          aria-label="Send"
          disabled={reason !== undefined || draft.value.trim() === ''}
        >
          <SendIcon />
        </button>
      </div>
      {reason !== undefined && (
        <p class="silence" id={id} role="status">
          {reason}
        </p>
      )}
    </form>
  )
}
