import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { Affiliation, Message, Occupant, Role, Room, RoomEvents, RoomSnapshot } from 'minimix-web'
import { localPart } from './address.ts'
import { Conversation, type ConversationOptions } from './conversation.ts'

/** Why this tab is not in the room any more, though it did not want to leave. */
export type Ejection =
  | ({ readonly how: 'removed' } & RoomEvents['removed'])
  | ({ readonly how: 'destroyed' } & RoomEvents['destroyed'])

export interface RoomOptions extends ConversationOptions {
  /** Somebody else has said something just now. */
  readonly onHeard: (model: Conversation, message: Message) => void
  /** All tabs were taken out by one of them. */
  readonly onLeftEverywhere: (model: RoomModel) => void
}

const DEPARTURES: Readonly<Record<RoomEvents['occupant-left']['kind'], string>> = {
  left: 'left',
  kicked: 'was sent out',
  banned: 'was banned',
  'not-a-member': 'left: the room is for members now',
  shutdown: 'left: the room closes',
}

/** One room of the SDK as signals. */
export class RoomModel extends Conversation {
  readonly kind = 'room'
  readonly mentioned: ReadonlySignal<boolean>
  /** Why the last try to get in failed. */
  readonly refusal = signal<unknown>(undefined)
  readonly ejection = signal<Ejection | undefined>(undefined)
  readonly present: ReadonlySignal<boolean>
  readonly room: Room
  readonly #snapshot: Signal<RoomSnapshot>
  #wantedNick = ''

  constructor(room: Room, options: RoomOptions) {
    super(room, options)
    const { ended, onHeard, onLeftEverywhere } = options
    this.room = room
    this.#snapshot = signal(room.snapshot())
    this.present = computed(() => ['in', 'interrupted'].includes(this.#snapshot.value.state))
    this.mentioned = computed(() => this.#snapshot.value.mentions > 0)
    const unsubscribe = room.subscribe(() => {
      this.#snapshot.value = room.snapshot()
    })
    ended.addEventListener('abort', unsubscribe, { once: true })
    const on: Room['on'] = (name, hear) => room.on(name, hear, { signal: ended })
    on('message', (message) => {
      if (!message.history && !message.own) onHeard(this, message)
    })
    on('private-message', (message) => {
      this.timeline.add(message, true)
      if (!message.own) onHeard(this, message)
    })
    on('removed', (event) => {
      this.ejection.value = { how: 'removed', ...event }
    })
    on('destroyed', (event) => {
      this.ejection.value = { how: 'destroyed', ...event }
    })
    on('left', ({ everywhere }) => {
      if (everywhere) onLeftEverywhere(this)
    })
    this.#notice(on)
  }

  get title(): string {
    return this.#snapshot.value.config?.name || localPart(this.jid)
  }

  get snapshot(): ReadonlySignal<RoomSnapshot> {
    return this.#snapshot
  }

  get ownNick(): string | undefined {
    return this.#snapshot.value.nick
  }

  override nameOf({ nick, own }: Message): string {
    return own ? 'You' : nick === '' ? 'The room' : nick
  }

  override get typists(): readonly string[] {
    return this.#snapshot.value.typing
  }

  override ownerOf({ nick }: Message): Occupant | undefined {
    return this.#snapshot.value.occupants.get(nick)
  }

  get moderates(): boolean {
    return this.#snapshot.value.self?.role === 'moderator'
  }

  /** The name in this room, or the one that was asked for; `undefined` where this tab is not in, nor on its way. */
  get nick(): string | undefined {
    const { state, nick } = this.#snapshot.value
    return state === 'joining' || this.present.value ? (nick ?? this.#wantedNick) : undefined
  }

  /** Whether somebody should look at it, though this tab is not in. */
  get wantsLook(): boolean {
    return this.refusal.value !== undefined || this.ejection.value !== undefined
  }

  /** @returns whether it worked; `refusal` says why it did not */
  async join(nick: string, password: string | undefined): Promise<boolean> {
    this.#wantedNick = nick
    this.looked()
    try {
      await this.room.join({ nick, ...(password !== undefined && { password }) })
      return true
    } catch (error) {
      this.refusal.value = error
      return false
    }
  }

  leave(everywhere: boolean): Promise<void> {
    return this.room.leave({ everywhere })
  }

  /** What went wrong has been seen. */
  looked(): void {
    this.refusal.value = undefined
    this.ejection.value = undefined
  }

  moderate({ id }: Message, reason: string): void {
    void this.attempt(this.room.moderate(id, reason === '' ? undefined : reason))
  }

  protected override tellTyping(typing: boolean): void {
    if (this.present.peek()) this.room.setTyping(typing).catch(() => undefined) // nobody misses it
  }

  async invite(jid: string): Promise<void> {
    const asked = async (): Promise<void> => this.room.invite(jid) // what is no address throws at once
    if (await this.attempt(asked())) this.toasts.show(`${localPart(jid)} is asked in.`)
  }

  setSubject(text: string): void {
    void this.attempt(this.room.setSubject(text))
  }

  setNick(nick: string): void {
    void this.attempt(this.room.setNick(nick))
  }

  /** What somebody may do while they are here; `none` takes them out. */
  setRole({ nick }: Occupant, role: Role): void {
    void this.attempt(this.room.setRole(nick, role))
  }

  /** What somebody is to the room, of whom it shows the address. */
  setAffiliation({ jid = '' }: Occupant, affiliation: Affiliation): void {
    void this.attempt(this.room.setAffiliation(jid.split('/', 1)[0] ?? '', affiliation))
  }

  #notice(on: Room['on']): void {
    const { timeline } = this
    on('joined', () => timeline.clear())
    on('occupant-joined', ({ occupant, initial, synthetic }) => {
      if (!initial && !synthetic) timeline.notice(`${occupant.nick} came in`)
    })
    on('occupant-left', ({ occupant, kind, synthetic }) => {
      if (!synthetic) timeline.notice(`${occupant.nick} ${DEPARTURES[kind]}`)
    })
    on('nick-changed', ({ occupant, before }) => {
      timeline.notice(`${before.nick} is now ${occupant.nick}${occupant.own ? ' (you)' : ''}`)
    })
  }
}
