import type { RoomTabEvent } from '../contract/api.ts'
import type { Message, Occupant, RoomConfig, RoomPhase, Subject } from '../contract/model.ts'
import type { UnreadTabEvent } from '../contract/unread.ts'
import { Emitter, type Listener, type OnOptions } from './emitter.ts'
import type { NamedRoomEvent, RoomEvents } from './events.ts'
import { foldRoom, interrupt, newRoomView, type RoomView, toMessage } from './room-view.ts'

/** A room's state at one moment; the same object until something changes. */
export interface RoomSnapshot {
  readonly state: RoomPhase
  readonly nick: string | undefined
  readonly self: Occupant | undefined
  readonly occupants: ReadonlyMap<string, Occupant>
  readonly subject: Subject
  readonly config: RoomConfig | undefined
  readonly avatarHash: string | undefined
  /** The room is new, and this tab is to configure it. */
  readonly needsConfiguration: boolean
  /** Messages that nobody has seen, in whatever tab or device, and those of them that mention us. */
  readonly unread: number
  readonly mentions: number
  /** The nicks of the others who type. */
  readonly typing: readonly string[]
  /** What this account said and the room has not spread yet, oldest first. */
  readonly outbox: readonly Message[]
}

/** These change nothing in a snapshot. */
const SAYS_NOTHING_OF_STATE: ReadonlySet<string> = new Set([
  'message',
  'private-message',
  'voice-request',
  'affiliation-changed',
])

/** What a room is in this tab: its state, read at any time without `await`, and its events. */
export class RoomState {
  /** Bare JID. */
  readonly jid: string
  protected readonly tab: string
  protected readonly view: RoomView = newRoomView()
  readonly #emitter = new Emitter<RoomEvents>()
  readonly #subscribers = new Set<() => void>()
  #snapshot: RoomSnapshot | undefined
  /** Something changed of which subscribers have not heard. */
  #changed = false

  constructor(jid: string, tab: string) {
    this.jid = jid
    this.tab = tab
  }

  get state(): RoomPhase {
    return this.view.phase
  }

  /** The nick in use, which all tabs share; `undefined` while out. */
  get nick(): string | undefined {
    return this.view.nick
  }

  get self(): Occupant | undefined {
    return this.snapshot().self
  }

  /** By nick, ourselves included. A picture of this moment: it does not change, the next one is another map. */
  get occupants(): ReadonlyMap<string, Occupant> {
    return this.snapshot().occupants
  }

  get subject(): Subject {
    return this.view.subject
  }

  /** What the room is, as far as it says. */
  get config(): RoomConfig | undefined {
    return this.view.config
  }

  /** SHA-1 of the room's picture, hexadecimal (XEP-0486), as far as the room has said; `account.avatars` has the picture. */
  get avatarHash(): string | undefined {
    return this.snapshot().avatarHash
  }

  /** How many messages nobody has seen, in whatever tab or device; also while this tab is not in. */
  get unread(): number {
    return this.view.unread
  }

  /** How many of them mention us. */
  get mentions(): number {
    return this.view.mentions
  }

  /** The nicks of the others who type. */
  get typing(): readonly string[] {
    return this.view.typing
  }

  /** What this account said and the room has not spread yet, whichever tab said it; oldest first. */
  get outbox(): readonly Message[] {
    return this.snapshot().outbox
  }

  /** The state of this moment; the same object until the next change, as stores of view libraries want it. */
  snapshot(): RoomSnapshot {
    if (this.#snapshot) return this.#snapshot
    const { phase: state, nick, subject, config, needsConfiguration, unread, mentions, typing } = this.view
    const occupants = new Map(this.view.occupants)
    const self = nick === undefined ? undefined : occupants.get(nick)
    const outbox = [...this.view.outbox.values()].map((message) => toMessage(message, false, this.tab))
    const avatarHash = (this.view.avatarHash ?? config?.avatarHash) || undefined
    const facts = { avatarHash, subject, config, needsConfiguration, unread, mentions, typing, outbox }
    this.#snapshot = { state, nick, self, occupants, ...facts }
    return this.#snapshot
  }

  /** Calls the listener after each change of `snapshot()`. @returns takes it off again */
  subscribe(listener: () => void): () => void {
    this.#subscribers.add(listener)
    return () => this.#subscribers.delete(listener)
  }

  /** @returns takes the listener off again */
  on<N extends keyof RoomEvents>(name: N, listener: Listener<RoomEvents[N]>, options?: OnOptions): () => void {
    return this.#emitter.on(name, listener, options)
  }

  /** For the account alone: an event of the worker that concerns this room. */
  take(event: RoomTabEvent | UnreadTabEvent): void {
    const waiting = this.view.outbox.size
    const told = foldRoom(this.view, event, this.tab)
    if (!SAYS_NOTHING_OF_STATE.has(event.kind) || this.view.outbox.size !== waiting) this.invalidate()
    this.#tell(told)
  }

  /** For the account alone: the worker died, and what it knew is kept until the next one has it. */
  workerGone(): void {
    const told = interrupt(this.view, 'worker')
    this.invalidate()
    this.#tell(told)
  }

  /** For the account alone: what is known of its picture; empty where it has none. */
  avatarIs(hash: string | undefined): void {
    if (hash === this.view.avatarHash) return
    this.view.avatarHash = hash
    this.invalidate()
    this.settle()
  }

  /** For the account alone: a batch of events is over; subscribers are told once, where something changed. */
  settle(): void {
    if (!this.#changed) return
    this.#changed = false
    for (const listener of [...this.#subscribers]) {
      try {
        listener()
      } catch (error) {
        reportError(error)
      }
    }
  }

  protected invalidate(): void {
    this.#snapshot = undefined
    this.#changed = true
  }

  #tell(told: readonly NamedRoomEvent[]): void {
    // Each name comes with its own event; the compiler sees only that both are of the union.
    for (const { name, event } of told) this.#emitter.emit(name, event as never)
  }
}
