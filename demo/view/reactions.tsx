import type { Message } from 'minimix-web'
import { useConversation } from './context.ts'

/** Who feels what about a message; choosing one says the same, or takes ours back. */
export function Reactions({ message }: { readonly message: Message }) {
  const conversation = useConversation()
  return (
    <ul class="reactions" aria-label="Reactions">
      {message.reactions.map(({ emoji, nicks, own }) => (
        <li key={emoji}>
          <button
            type="button"
            class="reaction"
            aria-pressed={own}
            title={nicks.join(', ')}
            onClick={() => conversation.toggle(message, emoji)}
          >
            {emoji} <b>{nicks.length}</b>
            <span class="unseen"> by {nicks.join(', ')}</span>
          </button>
        </li>
      ))}
    </ul>
  )
}
