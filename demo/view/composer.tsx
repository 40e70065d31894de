import { useEffect, useId, useRef } from 'preact/hooks'
import { RoomModel } from '../state/room-model.ts'
import { silence, typingInWords } from '../state/words.ts'
import { useChat, useConversation } from './context.ts'
import { ClipIcon, CloseIcon, EditIcon, ReplyIcon, SendIcon } from './icons.tsx'
import { UploadList } from './upload-list.tsx'

const MOST_ROWS = 8

/** Enter sends, Shift+Enter begins a new line, and the arrow up in an empty field mends what was said last. */
export function Composer() {
  const conversation = useConversation()
  const { standing } = useChat()
  const room = conversation instanceof RoomModel ? conversation : undefined
  const reason = silence(standing.value.status, room?.snapshot.value.self?.role)
  const { draft } = conversation
  const aim = conversation.aim.value
  const field = useRef<HTMLTextAreaElement>(null)
  const id = useId()
  useEffect(() => {
    // On a touch screen the keyboard would cover half of the room.
    if (matchMedia('(pointer: fine)').matches) field.current?.focus()
  }, [])
  useEffect(() => {
    if (aim) field.current?.focus()
  }, [aim])
  const send = (): void => {
    const body = draft.value.trim()
    if (body === '' || reason !== undefined) return
    conversation.say(body)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const { key, shiftKey, isComposing } = event
    const last = key === 'ArrowUp' && draft.value === '' && !aim ? conversation.lastOwn() : undefined
    if (last) conversation.begin({ kind: 'edit', message: last })
    else if (key === 'Escape' && aim) conversation.stop()
    else if (key === 'Enter' && !shiftKey && !isComposing) send()
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const onPaste = (event: ClipboardEvent): void => {
    const files = [...(event.clipboardData?.files ?? [])]
    if (files.length === 0) return
    event.preventDefault()
    for (const file of files) void conversation.sendFile(file)
  }
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault()
    send()
    field.current?.focus()
  }
  return (
    <form class="composer" onSubmit={onSubmit}>
      <TypingLine />
      {aim && <AimBar />}
      <UploadList />
      <div class="composer-box" data-silent={reason !== undefined}>
        {reason === undefined && <AttachButton />}
        {/* Read only rather than disabled: the focus, and what was begun, outlive an interruption. */}
        <textarea
          ref={field}
          rows={Math.min(MOST_ROWS, draft.value.split('\n').length)}
          aria-label={`Message to ${conversation.title}`}
          aria-describedby={reason === undefined ? undefined : id}
          aria-disabled={reason !== undefined}
          readOnly={reason !== undefined}
          placeholder={`Message to ${conversation.title}`}
          value={draft.value}
          onInput={({ currentTarget }) => {
            conversation.write(currentTarget.value)
          }}
          onPaste={onPaste}
          onKeyDown={onKeyDown}
        />
        <button
          type="submit"
          class="send"
          aria-label={aim?.kind === 'edit' ? 'Save' : 'Send'}
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

/** Sends the files that somebody chooses. */
function AttachButton() {
  const conversation = useConversation()
  const input = useRef<HTMLInputElement>(null)
  const onChange = (): void => {
    for (const file of input.current?.files ?? []) void conversation.sendFile(file)
    if (input.current) input.current.value = '' // the same one may be chosen again
  }
  return (
    <>
      <input ref={input} type="file" multiple hidden aria-label="Files to send" onChange={onChange} />
      <button
        type="button"
        class="quiet attach"
        aria-label="Send files"
        title="Send files"
        onClick={() => input.current?.click()}
      >
        <ClipIcon />
      </button>
    </>
  )
}

/** Who of the others types. It has its place also where nobody does. */
function TypingLine() {
  return <p class="typing">{typingInWords(useConversation().typists)}</p>
}

/** What the next words are for. */
function AimBar() {
  const conversation = useConversation()
  const aim = conversation.aim.value
  if (!aim) return null
  const { kind, message } = aim
  return (
    <div class="aim">
      {kind === 'reply' ? <ReplyIcon /> : <EditIcon />}
      <p role="status">
        <b>
          {kind === 'edit'
            ? 'Editing your message'
            : `Reply to ${message.own ? 'yourself' : conversation.nameOf(message)}`}
        </b>
        <span dir="auto">{message.body}</span>
      </p>
      <button type="button" class="quiet" aria-label="Cancel" onClick={() => conversation.stop()}>
        <CloseIcon />
      </button>
    </div>
  )
}
