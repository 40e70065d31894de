import { plainText } from '../state/body.ts'
import { useConversation } from './context.ts'

const MOST = 120

/** The message that another one answers. Choosing it goes there, however long ago it was. */
export function Quote({ id }: { readonly id: string }) {
  const conversation = useConversation()
  const { timeline, kind } = conversation
  const message = timeline.find(id) ?? (kind === 'person' ? timeline.findByOrigin(id) : undefined)
  const gone = message?.retracted || message?.moderated
  const hidden = message?.spoiler !== undefined
  const text = message && !gone && !hidden ? message.body : undefined
  return (
    <button type="button" class="quote" onClick={() => conversation.goTo(message?.id ?? id)}>
      <b>{message ? conversation.nameOf(message) : 'An earlier message'}</b>
      <span dir="auto">{text === undefined ? (message ? '…' : 'Show it') : cut(plainText(text))}</span>
    </button>
  )
}

const cut = (text: string): string => (text.length > MOST ? `${text.slice(0, MOST)} …` : text)
