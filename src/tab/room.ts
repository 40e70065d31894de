import type { JoinCall } from '../contract/api.ts'
import { MinimixError } from '../contract/errors.ts'
import type { HistoryWish, JoinResult, Message, Occupant, RoomPhase, Subject } from '../contract/model.ts'
import { mustBe, nickname } from './check.ts'
import { Emitter, type Listener, type OnOptions } from './emitter.ts'
import type { NamedRoomEvent, RoomEvents } from './events.ts'
import type { Link } from './link.ts'
import { CALL_MS, callBroker } from './remote.ts'
import { foldRoom, interrupt, newRoomView, type RoomTabEvent, toMessage } from './room-view.ts'

export interface JoinOptions {
  readonly nick: string
  readonly password?: string
  readonly history?: HistoryWish
  /** Gives the join up: the promise rejects with `aborted`, and the room is let go of. */
  readonly signal?: AbortSignal
}

export interface SendOptions {
  /** Milliseconds until the message is given back in the state that it has then; 20,000 if left out. */
  readonly timeoutMs?: number
  /** `false`: do not wait for the room. */
  readonly wait?: boolean
}

/** A room's state at one moment; the same object until something changes. */
export interface RoomSnapshot {
  readonly state: RoomPhase
  readonly nick: string | undefined
  readonly self: Occupant | undefined
  readonly occupants: ReadonlyMap<string, Occupant>
  readonly subject: Subject
}

/** These change nothing in a snapshot. */
const SAYS_NOTHING_OF_STATE: ReadonlySet<string> = new Set(['message', 'message-updated', 'config'])

/** The worker's own deadline for a join is 30 s; the answer must have time to come. */
const JOIN_MS = 35_000

/** A group chat as this tab sees it: as if it had joined by itself. */
export class Room {
  /** Bare JID. */
  readonly jid: string
  readonly #link: Link
  readonly #tab: string
  readonly #emitter = new Emitter<RoomEvents>()
  readonly #subscribers = new Set<() => void>()
  readonly #view = newRoomView()
  #wanted: JoinCall | undefined
  #snapshot: RoomSnapshot | undefined
  /** Something changed of which subscribers have not heard. */
  #changed = false

  /** Made by `account.room()`. */
  constructor(jid: string, tab: string, link: Link) {
    this.jid = jid
    this.#tab = tab
    this.#link = link
  }

  get state(): RoomPhase {
    return this.#view.phase
  }

  /** The nick in use, which all tabs share; `undefined` while out. */
  get nick(): string | undefined {
    return this.#view.nick
  }

  get self(): Occupant | undefined {
    return this.snapshot().self
  }

  /** By nick, ourselves included. A picture of this moment: it does not change, the next one is another map. */
  get occupants(): ReadonlyMap<string, Occupant> {
    return this.snapshot().occupants
  }

  get subject(): Subject {
    return this.#view.subject
  }

  /** The state of this moment; the same object until the next change, as stores of view libraries want it. */
  snapshot(): RoomSnapshot {
    const { phase: state, nick, occupants, subject } = this.#view
    this.#snapshot ??= {
      state,
      nick,
      self: nick === undefined ? undefined : occupants.get(nick),
      occupants: new Map(occupants),
      subject,
    }
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

  /**
   * Enters the room in this tab. Where another tab is in already the room hears nothing, and this tab is given the nick
   * in use. Resolves when occupants, history and subject have been told (XEP-0045 section 7.1).
   *
   * @throws TypeError at once for arguments of the wrong type; MinimixError `jid-malformed` at once for a nick that
   *   cannot be one; rejects with `room-…`, `timeout`, `aborted`, `worker-gone`
   */
  join(options: JoinOptions): Promise<JoinResult> {
    mustBe(typeof options === 'object' && options !== null, 'join(options): options must be an object')
    const nick = nickname(options.nick, 'join({ nick })')
    const { password, history, signal } = options
    mustBe(password === undefined || typeof password === 'string', 'join({ password }) must be a string')
    mustBe(history === undefined || typeof history === 'object', 'join({ history }) must be an object')
    const wanted: JoinCall = {
      room: this.jid,
      nick,
      ...(password !== undefined && { password }),
      ...(history !== undefined && { history }),
    }
    return this.#enter(wanted, signal)
  }

  async #enter(wanted: JoinCall, signal: AbortSignal | undefined): Promise<JoinResult> {
    this.#wanted = wanted
    if (this.#view.phase !== 'in' && this.#view.phase !== 'interrupted') this.#setPhase('joining')
    try {
      return await callBroker(this.#link, 'join', wanted, { timeoutMs: JOIN_MS, signal })
    } catch (error) {
      if (this.#wanted === wanted) this.#giveUp(error)
      throw error
    }
  }

  /** The join failed: nothing of it may stay behind in the worker. */
  #giveUp(error: unknown): void {
    this.#wanted = undefined
    if (this.#view.phase === 'joining') this.#setPhase('out')
    const gone = error instanceof MinimixError && (error.code === 'timeout' || error.code === 'aborted')
    if (gone) callBroker(this.#link, 'leave', { room: this.jid }).catch(() => undefined) // nothing was promised to anybody
  }

  /**
   * Leaves the room in this tab: others stay, and the room sees nothing until the last one leaves.
   *
   * @param options `everywhere` takes every tab out, and the account with them; `status` is what the room is shown
   */
  async leave({ status, everywhere }: { readonly status?: string; readonly everywhere?: boolean } = {}): Promise<void> {
    this.#wanted = undefined
    await callBroker(this.#link, 'leave', {
      room: this.jid,
      ...(status !== undefined && { status }),
      ...(everywhere !== undefined && { everywhere }),
    })
  }

  /**
   * Says something to everybody. Resolves with the message once the room has reflected it; where that takes longer than
   * `timeoutMs`, with the message as it stands then.
   *
   * @throws TypeError at once for what is no text; rejects with `not-joined`, `offline`, `forbidden`, `not-acceptable`,
   *   `stanza-error`, `worker-gone`
   */
  send(
    message: string | { readonly body: string },
    { timeoutMs = CALL_MS, wait = true }: SendOptions = {},
  ): Promise<Message> {
    const body = typeof message === 'string' ? message : message?.body
    mustBe(typeof body === 'string' && body !== '', 'send(body): the body must be a text that is not empty')
    mustBe(typeof timeoutMs === 'number' && timeoutMs >= 0, 'send(…, { timeoutMs }) must be a number of milliseconds')
    const waitMs = wait ? timeoutMs : 0
    const call = { room: this.jid, id: crypto.randomUUID(), body, waitMs }
    return callBroker(this.#link, 'send', call, { timeoutMs: waitMs + CALL_MS }).then((shared) =>
      toMessage(shared, false, this.#tab),
    )
  }

  /** For the account alone: an event of the worker that concerns this room. */
  take(event: RoomTabEvent): void {
    const told = foldRoom(this.#view, event, this.#tab)
    if (event.kind === 'removed' || event.kind === 'destroyed' || event.kind === 'left') this.#wanted = undefined
    if (!SAYS_NOTHING_OF_STATE.has(event.kind)) this.#invalidate()
    this.#tell(told)
  }

  /** For the account alone: the worker died, and what it knew is kept until the next one has it. */
  workerGone(): void {
    const told = interrupt(this.#view, 'worker')
    this.#invalidate()
    this.#tell(told)
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

  #tell(told: readonly NamedRoomEvent[]): void {
    // Each name comes with its own event; the compiler sees only that both are of the union.
    for (const { name, event } of told) this.#emitter.emit(name, event as never)
  }

  /** For the account alone: there is another worker, which knows nothing of this tab's rooms. */
  async joinAgain(): Promise<void> {
    const wanted = this.#wanted
    if (!wanted || this.#view.phase === 'joining') return
    const after = this.#view.lastOrder
    try {
      await callBroker(this.#link, 'join', { ...wanted, ...(after !== undefined && { after }) }, { timeoutMs: JOIN_MS })
    } catch (error) {
      if (this.#wanted !== wanted) return
      this.#wanted = undefined
      this.take({ kind: 'left', room: this.jid, everywhere: false })
      this.settle()
      throw error
    }
  }

  #setPhase(phase: RoomPhase): void {
    this.#view.phase = phase
    this.#invalidate()
    this.settle()
  }

  #invalidate(): void {
    this.#snapshot = undefined
    this.#changed = true
  }
}
