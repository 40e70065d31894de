import type { SignIn, TabEvent } from '../contract/api.ts'
import { failure, MinimixError } from '../contract/errors.ts'
import type { AccountStatus, Inspection } from '../contract/model.ts'
import { bareJid, mustBe } from './check.ts'
import { Emitter, type Listener, type OnOptions } from './emitter.ts'
import type { AccountEvents } from './events.ts'
import { Link } from './link.ts'
import { callBroker } from './remote.ts'
import { Room } from './room.ts'
import type { RoomTabEvent } from './room-view.ts'

/** What `connect` has made of its options. */
export interface AccountOptions {
  /** Bare JID. */
  readonly jid: string
  readonly signIn: Omit<SignIn, 'password'>
  readonly password: string | (() => Promise<string>) | undefined
  readonly spawn: () => SharedWorker
  readonly timeoutMs: number
}

/** An account as this tab sees it. The connection is the worker's, and shared by all tabs. */
export class Account {
  /** Bare JID. */
  readonly jid: string
  readonly #options: AccountOptions
  readonly #tab = crypto.randomUUID()
  readonly #link: Link
  readonly #emitter = new Emitter<AccountEvents>()
  readonly #rooms = new Map<string, Room>()
  readonly #memberships = new Map<string, { readonly nick: string }>()
  readonly #changed = new Set<Room>()
  #status: AccountStatus = 'connecting'
  /** Ends `open`, until it has ended. */
  #opening: { readonly resolve: () => void; readonly reject: (error: unknown) => void } | undefined

  /** Made by `connect()`. */
  constructor(options: AccountOptions) {
    this.jid = options.jid
    this.#options = options
    this.#link = new Link({
      tab: this.#tab,
      account: options.jid,
      spawn: options.spawn,
      onAttached: () => void this.#attached(),
      onEvents: (events) => this.#take(events),
      onGone: () => this.#workerGone(),
      onFailed: (error) => this.#failed(error),
    })
  }

  get status(): AccountStatus {
    return this.#status
  }

  /** The rooms that this tab has asked for, by bare JID. */
  get rooms(): ReadonlyMap<string, Room> {
    return this.#rooms
  }

  /** The rooms that the account is in, whichever tab or device asked. */
  get memberships(): ReadonlyMap<string, { readonly nick: string }> {
    return this.#memberships
  }

  /**
   * The room of that address: always the same object.
   *
   * @throws TypeError for what is no string; MinimixError `jid-malformed` for what is no bare JID
   */
  room(jid: string): Room {
    const bare = bareJid(jid, 'room(jid)')
    const room = this.#rooms.get(bare) ?? new Room(bare, this.#tab, this.#link)
    this.#rooms.set(bare, room)
    return room
  }

  /** @returns takes the listener off again */
  on<N extends keyof AccountEvents>(name: N, listener: Listener<AccountEvents[N]>, options?: OnOptions): () => void {
    return this.#emitter.on(name, listener, options)
  }

  /** What the worker is doing, and the last of its log. */
  inspect(): Promise<Inspection> {
    return callBroker(this.#link, 'inspect', null)
  }

  /** Takes this tab out of everything; the others go on. The account object is of no use afterwards. */
  async detach(): Promise<void> {
    try {
      await callBroker(this.#link, 'detach', null, { timeoutMs: 1_000 })
    } catch (error) {
      if (!(error instanceof MinimixError)) throw error // a worker that does not answer sees the lock fall free
    }
    this.#link.close()
    this.#setStatus('offline')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.detach()
  }

  /**
   * Signs the account out in every tab: leaves its rooms and ends the session on the server.
   *
   * @param options `wipe` deletes the archive, too
   */
  async logout({ wipe = false }: { readonly wipe?: boolean } = {}): Promise<void> {
    mustBe(typeof wipe === 'boolean', 'logout({ wipe }) must be a boolean')
    await callBroker(this.#link, 'logout', { wipe })
  }

  /** For `connect` alone: resolves when the account is online, rejects when it cannot be. */
  async open(): Promise<void> {
    const opened = new Promise<void>((resolve, reject) => {
      this.#opening = { resolve, reject }
    })
    const { timeoutMs } = this.#options
    const deadline = setTimeout(() => {
      this.#opening?.reject(
        new MinimixError(failure('timeout', `connect ${this.jid}: not online within ${timeoutMs} ms`)),
      )
    }, timeoutMs)
    try {
      await this.#link.open()
      await opened
    } catch (error) {
      this.#link.close()
      throw error
    } finally {
      clearTimeout(deadline)
      this.#opening = undefined
    }
  }

  /** There is a worker: the first one, or another that knows nothing of this tab. */
  async #attached(): Promise<void> {
    try {
      await this.#signIn()
      this.#opening?.resolve()
    } catch (error) {
      if (this.#opening) this.#opening.reject(error)
      else if (error instanceof MinimixError && error.code !== 'worker-gone') this.#emitter.emit('error', error)
      return
    }
    const again = [...this.#rooms.values()].map((room) => room.joinAgain())
    for (const outcome of await Promise.allSettled(again)) {
      if (outcome.status === 'rejected' && outcome.reason instanceof MinimixError)
        this.#emitter.emit('error', outcome.reason)
    }
  }

  /** A password that must be asked for is asked for only where no other tab has signed in. */
  async #signIn(): Promise<void> {
    const { signIn, password, timeoutMs } = this.#options
    const call = (given: string | undefined) =>
      callBroker(this.#link, 'signIn', { ...signIn, ...(given !== undefined && { password: given }) }, { timeoutMs })
    if (typeof password !== 'function') {
      await call(password)
      return
    }
    try {
      await call(undefined)
    } catch (error) {
      if (!(error instanceof MinimixError) || error.code !== 'credentials-required') throw error
      await call(await password())
    }
  }

  #take(events: readonly TabEvent[]): void {
    for (const event of events) this.#takeOne(event)
    for (const room of this.#changed) room.settle()
    this.#changed.clear()
  }

  #takeOne(event: TabEvent): void {
    switch (event.kind) {
      case 'status':
        this.#setStatus(event.status, event.error && new MinimixError(event.error))
        return
      case 'memberships':
        this.#refillMemberships(event.rooms)
        return
      case 'membership': {
        const { room, change, nick } = event
        if (change === 'joined') this.#memberships.set(room, { nick })
        else this.#memberships.delete(room)
        const by = typeof event.by === 'string' ? event.by : event.by.tab === this.#tab ? 'this-tab' : 'other-tab'
        this.#emitter.emit('membership', { room, change, by })
        return
      }
      case 'error':
        this.#emitter.emit('error', new MinimixError(event.error))
        return
      default:
        this.#takeRoomEvent(event)
    }
  }

  /** All of them at once, when this tab attaches: what changed since an earlier worker was there is told. */
  #refillMemberships(rooms: readonly { readonly room: string; readonly nick: string }[]): void {
    const before = new Set(this.#memberships.keys())
    this.#memberships.clear()
    for (const { room, nick } of rooms) this.#memberships.set(room, { nick })
    for (const { room } of rooms) {
      if (!before.delete(room)) this.#emitter.emit('membership', { room, change: 'joined', by: 'room' })
    }
    for (const room of before) this.#emitter.emit('membership', { room, change: 'left', by: 'room' })
  }

  #takeRoomEvent(event: RoomTabEvent): void {
    const room = this.#rooms.get('message' in event ? event.message.room : event.room)
    if (!room) return
    room.take(event)
    this.#changed.add(room)
  }

  #workerGone(): void {
    this.#setStatus('interrupted')
    for (const room of this.#rooms.values()) {
      room.workerGone()
      room.settle()
    }
  }

  #failed(error: MinimixError): void {
    if (this.#opening) this.#opening.reject(error)
    else {
      this.#setStatus('offline', error)
      this.#emitter.emit('error', error)
    }
  }

  #setStatus(status: AccountStatus, error?: MinimixError): void {
    if (status === this.#status && !error) return
    this.#status = status
    this.#emitter.emit('status', { status, ...(error && { error }) })
  }
}
