import type { Outbox, Outgoing } from '../state/outbox.ts'
import { inWords } from '../state/words.ts'
import { MessageText } from './message-text.tsx'

interface OutgoingGroupProps {
  readonly outbox: Outbox
  readonly waiting: readonly Outgoing[]
}

/** What this tab has said and the room has not sent back. */
export function OutgoingGroup({ outbox, waiting }: OutgoingGroupProps) {
  return (
    <li class="group" data-own="true">
      <div class="said">
        {waiting.map((message) => (
          <div key={message.key} class="bubble" data-state={message.state}>
            <MessageText body={message.body} />
            {message.state === 'sending' ? (
              <p class="fate">Sending …</p>
            ) : (
              <p class="fate">
                Not sent: {inWords(message.error)}{' '}
                <button type="button" class="link" onClick={() => outbox.retry(message)}>
                  Try again
                </button>{' '}
                <button type="button" class="link" onClick={() => outbox.discard(message.key)}>
                  Discard
                </button>
              </p>
            )}
          </div>
        ))}
      </div>
    </li>
  )
}
