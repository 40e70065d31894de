import type { Message } from 'minimix-web'
import type { Refused } from '../state/outbox.ts'
import { inWords } from '../state/words.ts'
import { useApp, useConversation } from './context.ts'
import { MessageText } from './message-text.tsx'

interface OutgoingGroupProps {
  readonly waiting: readonly Message[]
  readonly refused: readonly Refused[]
}

/** What was said and nobody has seen: it is on its way, or was refused. */
export function OutgoingGroup({ waiting, refused }: OutgoingGroupProps) {
  const { outbox } = useConversation()
  const { toasts } = useApp()
  const takeBack = async (message: Message): Promise<void> => {
    const done = await outbox.takeBack(message).catch(() => false)
    if (!done) toasts.show('It is too late: the message is on its way.')
  }
  return (
    <li class="group" data-own="true">
      <div class="said">
        {waiting.map((message) => (
          <div key={message.id} class="bubble" data-state="sending">
            <MessageText body={message.body} />
            {message.state === 'sent' ? (
              <p class="fate">Sending …</p>
            ) : (
              <p class="fate">
                Waiting for the connection.{' '}
                <button type="button" class="link" onClick={() => takeBack(message)}>
                  Take it back
                </button>
              </p>
            )}
          </div>
        ))}
        {refused.map((message) => (
          <div key={message.key} class="bubble" data-state="failed">
            <MessageText body={message.words.body} />
            <p class="fate">
              Not sent: {inWords(message.error)}{' '}
              <button type="button" class="link" onClick={() => outbox.retry(message).catch(() => undefined)}>
                Try again
              </button>{' '}
              <button type="button" class="link" onClick={() => outbox.discard(message.key)}>
                Discard
              </button>
            </p>
          </div>
        ))}
      </div>
    </li>
  )
}
