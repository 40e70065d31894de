import { useChat, useConversation } from './context.ts'
import { CloseIcon } from './icons.tsx'

/** The files that are on their way to this room, whichever tab sent them. */
export function UploadList() {
  const chat = useChat()
  const { jid } = useConversation()
  const uploads = chat.uploads.value.filter(({ room }) => room === jid)
  if (uploads.length === 0) return null
  return (
    <ul class="uploads" aria-label="Files on their way">
      {uploads.map(({ id, name, size, sent }) => (
        <li key={id}>
          <span dir="auto">{name}</span>
          <progress aria-label={`${name} is on its way`} value={sent} max={Math.max(1, size)} />
          <small>{Math.floor((100 * sent) / Math.max(1, size))} %</small>
          <button type="button" class="quiet" aria-label={`Do not send ${name}`} onClick={() => chat.cancelUpload(id)}>
            <CloseIcon />
          </button>
        </li>
      ))}
    </ul>
  )
}
