import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { AvatarOwner, Message } from 'minimix-web'
import { sizeOf } from './files.ts'
import { Outbox } from './outbox.ts'
import type { Talk } from './talk.ts'
import { Timeline } from './timeline.ts'
import type { Toasts } from './toasts.ts'
import { Typing } from './typing.ts'
import { inWords } from './words.ts'

/** What the next words are for, where they are not just said. */
export interface Aim {
  readonly kind: 'reply' | 'edit'
  readonly message: Message
}

export interface ConversationOptions {
  readonly ended: AbortSignal
  readonly toasts: Toasts
}

/** What is said at one address, with what this tab is about to say there. */
export abstract class Conversation {
  abstract readonly kind: 'room' | 'person'
  readonly jid: string
  readonly timeline: Timeline
  readonly outbox: Outbox
  readonly unread: ReadonlySignal<number>
  /** What is being written: it outlives a look elsewhere. */
  readonly draft = signal('')
  readonly aim = signal<Aim | undefined>(undefined)
  /** Whether the person types here: the others are told, where they can be. */
  readonly typing = new Typing((is) => this.tellTyping(is))
  /** The message to which the timeline is to go. */
  readonly wanted = signal<string | undefined>(undefined)
  protected readonly toasts: Toasts
  readonly #talk: Talk
  readonly #unread: Signal<number>

  constructor(talk: Talk, { ended, toasts }: ConversationOptions) {
    this.jid = talk.jid
    this.#talk = talk
    this.toasts = toasts
    this.timeline = new Timeline(talk, ended)
    this.outbox = new Outbox(talk, ended)
    this.#unread = signal(talk.snapshot().unread)
    this.unread = computed(() => this.#unread.value)
    const unsubscribe = talk.subscribe(() => {
      this.#unread.value = talk.snapshot().unread
    })
    ended.addEventListener('abort', unsubscribe, { once: true })
    this.shown(false)
  }

  /** How it is called. */
  abstract get title(): string
  /** Our own name in it. */
  abstract get ownNick(): string | undefined
  /** What the sender of a message is called. */
  abstract nameOf(message: Message): string
  /** Who of the others types, by name. */
  abstract get typists(): readonly string[]
  /** Whose picture stands beside a message; `undefined` where nothing is known of its sender. */
  abstract ownerOf(message: Message): AvatarOwner | undefined
  /** Anybody's messages may be taken away. */
  abstract get moderates(): boolean

  /** What is in the field is another text now. */
  write(text: string): void {
    this.draft.value = text
    if (this.aim.value?.kind !== 'edit') this.typing.changed(text)
  }

  /** Whether it is what this tab shows. */
  shown(shown: boolean): void {
    if (!shown) {
      this.timeline.unreadFrom.value = undefined
      this.typing.stop()
    }
    this.#talk.setShown(shown).catch(() => undefined) // where nobody is in yet, the join says it
  }

  /** Says what was written, or puts it in the place of what is being edited. */
  say(body: string): void {
    const aim = this.aim.value
    this.draft.value = ''
    this.aim.value = undefined
    this.typing.said()
    if (aim?.kind === 'edit') void this.attempt(this.#talk.correct(aim.message.id, body))
    else {
      this.timeline.toLive()
      void this.attempt(this.outbox.send({ body, ...(aim && { replyTo: aim.message.id }) }))
    }
  }

  async sendFile(file: File): Promise<void> {
    const size = await sizeOf(file)
    await this.attempt(this.#talk.sendFile(file, size))
  }

  begin(aim: Aim): void {
    this.aim.value = aim
    if (aim.kind === 'edit') this.draft.value = aim.message.body
  }

  /** Leaves what the next words were for. */
  stop(): void {
    if (this.aim.value?.kind === 'edit') this.draft.value = ''
    this.aim.value = undefined
  }

  /** Puts an emoji of ours to a message, or takes it back. */
  toggle({ id, reactions }: Message, emoji: string): void {
    const ours = reactions.filter(({ own }) => own).map((reaction) => reaction.emoji)
    const next = ours.includes(emoji) ? ours.filter((each) => each !== emoji) : [...ours, emoji]
    void this.attempt(this.#talk.react(id, next))
  }

  retract({ id }: Message): void {
    void this.attempt(this.#talk.retract(id))
  }

  /** Told to us alone, or by us to one alone: nothing can be done to it. */
  isPrivate({ to }: Message): boolean {
    return this.kind === 'room' && to !== undefined
  }

  isEditable(message: Message): boolean {
    const { own, retracted, body, spoiler } = message
    return own && !retracted && !this.isPrivate(message) && body !== '' && spoiler === undefined
  }

  /** The newest message of ours, to mend it. */
  lastOwn(): Message | undefined {
    const messages = this.timeline.entries.value.map((entry) => (entry.kind === 'message' ? entry.message : undefined))
    return messages.findLast((message) => message !== undefined && this.isEditable(message))
  }

  /** Goes to a message, wherever in the archive it is. */
  async goTo(id: string): Promise<void> {
    if (!(await this.attempt(this.timeline.show(id)))) return
    this.wanted.value = undefined
    this.wanted.value = id
  }

  protected abstract tellTyping(typing: boolean): void

  /** @returns whether it worked; why not is said */
  protected async attempt(done: Promise<unknown>): Promise<boolean> {
    try {
      await done
      return true
    } catch (error) {
      this.toasts.show(inWords(error))
      return false
    }
  }

  async older(): Promise<void> {
    await this.attempt(this.timeline.older())
  }

  async newer(): Promise<void> {
    await this.attempt(this.timeline.newer())
  }
}
