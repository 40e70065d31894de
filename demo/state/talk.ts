import type { Message, Room, RoomSnapshot } from 'minimix-web'

interface ListenOptions {
  readonly signal?: AbortSignal
}

/** What rooms have in common with conversations between two: messages, and what can be done with them. */
export interface Talk
  extends Pick<
    Room,
    'jid' | 'send' | 'sendFile' | 'correct' | 'retract' | 'react' | 'history' | 'cancelSend' | 'setShown' | 'subscribe'
  > {
  snapshot(): Pick<RoomSnapshot, 'unread' | 'outbox'>
  on(name: 'message', listener: (message: Message) => void, options?: ListenOptions): () => void
  on(
    name: 'message-updated',
    listener: (event: { readonly message: Message }) => void,
    options?: ListenOptions,
  ): () => void
}
