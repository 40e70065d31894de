import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { Message, Room, RoomEvents, RoomSnapshot } from 'minimix-web'
import { Outbox } from './outbox.ts'
import { Timeline } from './timeline.ts'

/** Why this tab is not in the room any more, though it did not want to leave. */
export type Ejection =
  | ({ readonly how: 'removed' } & RoomEvents['removed'])
  | ({ readonly how: 'destroyed' } & RoomEvents['destroyed'])

export interface RoomListener {
  /** Somebody else has said something just now. */
  readonly onHeard: (model: RoomModel, message: Message) => void
  /** A message of ours was refused. */
  readonly onRefused: (error: unknown) => void
  /** All tabs were taken out by one of them. */
  readonly onLeftEverywhere: (model: RoomModel) => void
}

/** One room of the SDK as signals. */
export class RoomModel {
  readonly jid: string
  readonly timeline: Timeline
  readonly outbox: Outbox
  /** What is being written: it outlives a look into another room. */
  readonly draft = signal('')
  readonly unread = signal(0)
  readonly mentioned = signal(false)
  /** Why the last try to get in failed. */
  readonly refusal = signal<unknown>(undefined)
  readonly ejection = signal<Ejection | undefined>(undefined)
  readonly present: ReadonlySignal<boolean>
  readonly #room: Room
  readonly #snapshot: Signal<RoomSnapshot>
  #wantedNick = ''

  constructor(room: Room, ended: AbortSignal, listener: RoomListener) {
    this.jid = room.jid
    this.#room = room
    this.#snapshot = signal(room.snapshot())
    this.present = computed(() => ['in', 'interrupted'].includes(this.#snapshot.value.state))
    this.timeline = new Timeline(room, ended)
    this.outbox = new Outbox(room, ended, listener.onRefused)
    const unsubscribe = room.subscribe(() => {
      this.#snapshot.value = room.snapshot()
    })
    ended.addEventListener('abort', unsubscribe, { once: true })
    const on: Room['on'] = (name, hear) => room.on(name, hear, { signal: ended })
    on('message', (message) => {
      if (!message.history && !message.own) listener.onHeard(this, message)
    })
    on('removed', (event) => {
      this.ejection.value = { how: 'removed', ...event }
    })
    on('destroyed', (event) => {
      this.ejection.value = { how: 'destroyed', ...event }
    })
    on('left', ({ everywhere }) => {
      if (everywhere) listener.onLeftEverywhere(this)
    })
  }

  get snapshot(): ReadonlySignal<RoomSnapshot> {
    return this.#snapshot
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
      await this.#room.join({ nick, ...(password !== undefined && { password }) })
      return true
    } catch (error) {
      this.refusal.value = error
      return false
    }
  }

  leave(everywhere: boolean): Promise<void> {
    return this.#room.leave({ everywhere })
  }

  /** What went wrong has been seen. */
  looked(): void {
    this.refusal.value = undefined
    this.ejection.value = undefined
  }

  count({ mentionsMe }: Message): void {
    this.unread.value += 1
    if (mentionsMe) this.mentioned.value = true
  }

  /** Everything in it has been seen. */
  read(): void {
    this.unread.value = 0
    this.mentioned.value = false
  }
}
