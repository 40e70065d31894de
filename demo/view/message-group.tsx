import type { Message } from 'minimix-web'
import { momentOf, timeOf } from '../state/moments.ts'
import { hueOf } from '../state/people.ts'
import { Avatar } from './avatar.tsx'
import { useConversation } from './context.ts'
import { MessageView, type Rover } from './message-view.tsx'

interface MessageGroupProps {
  readonly messages: readonly [Message, ...Message[]]
  readonly rover: Rover
}

/** What one person said in one breath. */
export function MessageGroup({ messages, rover }: MessageGroupProps) {
  const conversation = useConversation()
  const [{ own, stampMs }] = messages
  const name = conversation.nameOf(messages[0])
  return (
    <li class="group" data-own={own}>
      {!own && <Avatar nick={name} owner={conversation.ownerOf(messages[0])} />}
      <div class="said">
        <p class="by">
          <b class={own ? 'unseen' : 'who'} data-hue={hueOf(name)} dir="auto">
            {name}
          </b>
          <time dateTime={new Date(stampMs).toISOString()} title={momentOf(stampMs)}>
            {timeOf(stampMs)}
          </time>
        </p>
        {messages.map((message) => (
          <MessageView
            key={(message.own ? message.originId : undefined) ?? message.id}
            message={message}
            rover={rover}
          />
        ))}
      </div>
    </li>
  )
}
