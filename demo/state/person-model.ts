import { type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { AvatarOwner, Chat, ChatSnapshot, Message } from 'minimix-web'
import { Conversation, type ConversationOptions } from './conversation.ts'

export interface PersonOptions extends ConversationOptions {
  /** They have said something just now. */
  readonly onHeard: (model: Conversation, message: Message) => void
  /** How this account calls them. */
  readonly nameOf: (jid: string) => string
}

/** What is said between two, as signals. */
export class PersonModel extends Conversation {
  readonly kind = 'person'
  readonly #chat: Chat
  readonly #snapshot: Signal<ChatSnapshot>
  readonly #nameOf: PersonOptions['nameOf']

  constructor(chat: Chat, options: PersonOptions) {
    super(chat, options)
    const { ended, onHeard, nameOf } = options
    this.#chat = chat
    this.#nameOf = nameOf
    this.#snapshot = signal(chat.snapshot())
    const unsubscribe = chat.subscribe(() => {
      this.#snapshot.value = chat.snapshot()
    })
    ended.addEventListener('abort', unsubscribe, { once: true })
    chat.on('message', (message) => message.own || onHeard(this, message), { signal: ended })
  }

  get title(): string {
    return this.#nameOf(this.jid)
  }

  get snapshot(): ReadonlySignal<ChatSnapshot> {
    return this.#snapshot
  }

  get ownNick(): undefined {
    return undefined // everything here is for us
  }

  get moderates(): boolean {
    return false
  }

  override get typists(): readonly string[] {
    return this.#snapshot.value.typing.length > 0 ? [this.title] : []
  }

  override nameOf({ own }: Message): string {
    return own ? 'You' : this.title
  }

  override ownerOf(): AvatarOwner {
    return { jid: this.jid }
  }

  override shown(shown: boolean): void {
    super.shown(shown)
    // What was said before this tab asked is in the archive.
    if (shown) void this.attempt(this.timeline.latest())
  }

  protected override tellTyping(typing: boolean): void {
    this.#chat.setTyping(typing).catch(() => undefined) // nobody misses it
  }
}
