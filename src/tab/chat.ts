import { mustBe } from './check.ts'
import type { Listener, OnOptions } from './emitter.ts'
import type { RoomEvents } from './events.ts'
import { given } from './given.ts'
import { callBroker } from './remote.ts'
import { RoomMessages } from './room-messages.ts'
import type { RoomSnapshot } from './room-state.ts'

/** What `chat.on(…)` can listen to. */
export type ChatEvents = Pick<RoomEvents, 'message' | 'message-updated' | 'typing'>

/** A chat's state at one moment; the same object until something changes. */
export type ChatSnapshot = Pick<RoomSnapshot, 'state' | 'unread' | 'typing' | 'outbox'>

/** What only rooms have, and what the account alone calls. */
type NotOfChats =
  | Exclude<keyof RoomSnapshot, keyof ChatSnapshot>
  | 'on'
  | 'snapshot'
  | 'take'
  | 'workerGone'
  | 'settle'
  | 'listen'

/**
 * What is said between the account and one person, on all its devices, as this tab sees it: each message once, in the
 * same order in every tab. A message of ours is `sent` once our server has it, `delivered` with the receipt of theirs.
 */
export type Chat = Omit<PersonMessages, NotOfChats> & {
  snapshot(): ChatSnapshot
  /** @returns takes the listener off again */
  on<N extends keyof ChatEvents>(name: N, listener: Listener<ChatEvents[N]>, options?: OnOptions): () => void
}

export class PersonMessages extends RoomMessages {
  protected override readonly isChat = true
  #shown = false

  /**
   * Whether this tab shows the chat now: what comes while it is shown in a tab that is visible is read. Not shown unless
   * said.
   */
  setShown(shown: boolean): Promise<void> {
    mustBe(typeof shown === 'boolean', 'setShown(shown) must be a boolean')
    this.#shown = shown
    return this.done(callBroker(this.link, 'showRoom', { room: this.jid, shown }))
  }

  /** For the account alone: there is a worker, which is to tell this tab what is said. */
  listen(): Promise<void> {
    const { cursor } = this.view
    const after = cursor && { order: cursor.order, archive: cursor.archive }
    return this.done(callBroker(this.link, 'listenTo', given({ room: this.jid, shown: this.#shown, after })))
  }
}
