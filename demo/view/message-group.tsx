import type { Message } from 'minimix-web'
import { momentOf, timeOf } from '../state/moments.ts'
import { hueOf } from '../state/people.ts'
import { Avatar } from './avatar.tsx'
import { TabIcon } from './icons.tsx'
import { MessageText } from './message-text.tsx'

interface MessageGroupProps {
  readonly messages: readonly [Message, ...Message[]]
  readonly ownNick: string | undefined
}

/** What one person said in one breath. */
export function MessageGroup({ messages, ownNick }: MessageGroupProps) {
  const [{ nick, own, stampMs }] = messages
  const name = nick === '' ? 'The room' : nick
  return (
    <li class="group" data-own={own}>
      {!own && <Avatar nick={name} />}
      <div class="said">
        <p class="by">
          <b class={own ? 'unseen' : 'who'} data-hue={hueOf(name)} dir="auto">
            {own ? 'You' : name}
          </b>
          <time dateTime={new Date(stampMs).toISOString()} title={momentOf(stampMs)}>
            {timeOf(stampMs)}
          </time>
        </p>
        {messages.map((message) => (
          <Bubble key={message.id} message={message} ownNick={ownNick} />
        ))}
      </div>
    </li>
  )
}

function Bubble({ message, ownNick }: { readonly message: Message; readonly ownNick: string | undefined }) {
  const { body, stampMs, history, own, fromThisTab, mentionsMe } = message
  return (
    <div class="bubble" data-history={history} data-mention={mentionsMe} title={momentOf(stampMs)}>
      <MessageText body={body} ownNick={own ? undefined : ownNick} />
      {own && !fromThisTab && !history && (
        <span class="other-tab" title="Written in another tab">
          <TabIcon />
          <span class="unseen">Written in another tab</span>
        </span>
      )}
    </div>
  )
}
