import { type ReadonlySignal, useComputed, useSignal } from '@preact/signals'
import type { Message } from 'minimix-web'
import { wordsBeside } from '../state/files.ts'
import { momentOf, timeOf } from '../state/moments.ts'
import { fateInWords } from '../state/words.ts'
import { useConversation } from './context.ts'
import { FileView } from './file-view.tsx'
import { TabIcon } from './icons.tsx'
import { MessageActions } from './message-actions.tsx'
import { MessageText } from './message-text.tsx'
import { Quote } from './quote.tsx'
import { Reactions } from './reactions.tsx'
import { Spoiler } from './spoiler.tsx'

/** The one message that Tab reaches, by its id. */
export interface Rover {
  readonly at: ReadonlySignal<string | undefined>
  choose(id: string): void
}

interface MessageViewProps {
  readonly message: Message
  readonly rover: Rover
}

/** One message: the arrow keys go from one to the next, and Tab from there to what can be done with it. */
export function MessageView({ message, rover }: MessageViewProps) {
  const conversation = useConversation()
  const near = useSignal(false)
  const focused = useSignal(false)
  const held = useSignal(false)
  const { id, stampMs, own, fromThisTab, history, mentionsMe, retracted, to } = message
  const isReachable = useComputed(() => rover.at.value === id)
  const isPrivate = conversation.isPrivate(message)
  const gone = retracted || message.moderated === true
  const actions = (near.value || focused.value || held.value) && !gone && !isPrivate
  const onFocusOut = ({ currentTarget, relatedTarget }: FocusEvent): void => {
    focused.value =
      currentTarget instanceof Node && relatedTarget instanceof Node && currentTarget.contains(relatedTarget)
  }
  return (
    <div
      class="message"
      onPointerEnter={({ pointerType }) => {
        near.value = pointerType === 'mouse'
      }}
      onPointerLeave={() => {
        near.value = false
      }}
      onFocusIn={() => {
        focused.value = true
        rover.choose(id)
      }}
      onFocusOut={onFocusOut}
    >
      <article
        class="bubble"
        data-message={id}
        data-mention={mentionsMe}
        data-private={isPrivate}
        data-gone={gone}
        tabIndex={isReachable.value ? 0 : -1}
        aria-label={`${conversation.nameOf(message)}, ${timeOf(stampMs)}`}
        title={momentOf(stampMs)}
      >
        {isPrivate && <p class="fate">Only {own ? `${to} and you` : 'you'} can see this</p>}
        {message.replyTo !== undefined && !gone && <Quote id={message.replyTo} />}
        <Content message={message} />
        {message.correctedAtMs !== undefined && !gone && (
          <small class="edited" title={momentOf(message.correctedAtMs)}>
            edited
          </small>
        )}
        {conversation.kind === 'person' && conversation.lastOwn()?.id === id && (
          <small class="edited">{fateInWords(message)}</small>
        )}
        {own && !fromThisTab && !history && (
          <span class="other-tab" title="Written in another tab">
            <TabIcon />
            <span class="unseen">Written in another tab</span>
          </span>
        )}
      </article>
      {actions && (
        <MessageActions
          message={message}
          onHold={(is) => {
            held.value = is
          }}
        />
      )}
      {message.reactions.length > 0 && !gone && <Reactions message={message} />}
    </div>
  )
}

function Content({ message }: { readonly message: Message }) {
  const { ownNick } = useConversation()
  const { own, retracted, moderated, spoiler } = message
  if (moderated) return <p class="body">A moderator has deleted this message.</p>
  if (retracted) return <p class="body">{own ? 'You have deleted this message.' : 'This message was deleted.'}</p>
  const words = wordsBeside(message)
  const text = (
    <>
      {words !== '' && <MessageText body={words} ownNick={own ? undefined : ownNick} />}
      {message.file && <FileView file={message.file} />}
    </>
  )
  return spoiler === undefined ? text : <Spoiler hint={spoiler}>{text}</Spoiler>
}
