import { systemClock } from '../adapters/system-clock.ts'
import type { Clock, Upstream } from '../broker/ports.ts'
import type { Retention } from '../broker/retention.ts'
import type { Plugin } from '../contract/plugin.ts'
import { type Account, type ConnectOptions, connect } from '../index.ts'
import { parseJid } from '../protocol/jid.ts'
import { FakeRoom } from './fake-room.ts'
import { MemoryServer } from './memory-server.ts'
import { memoryUpstream } from './memory-upstream.ts'
import { type MemoryWorker, memoryWorker } from './memory-worker.ts'
import { FakePerson } from './people.ts'
import { FIRST_SETTINGS, type RoomSettings } from './room-config.ts'
import { type TestClock, testClock, turn } from './test-clock.ts'

export interface FakeServerOptions {
  /** Passwords by bare JID: nobody else may sign in. Left out, everybody may, with any password. */
  readonly accounts?: Readonly<Record<string, string>>
  /** The time of day that it begins with; milliseconds since the epoch. Now, where it is left out. */
  readonly startMs?: number
  /** `real`: time passes by itself, as for a demonstration that people look at; else `advance` lets it pass. */
  readonly time?: 'still' | 'real'
  /** The application's own parts of the worker. */
  readonly plugins?: readonly Plugin[]
  readonly retention?: Retention
}

/** Turns of the event loop without any sign of life after which all is taken to be done. */
const QUIET_TURNS = 6
const QUIET_ROUNDS = 2
const MOST_ROUNDS = 500
const PATIENT_ROUNDS = 200

/** What a tab loads when it first needs it: `settled` sees what a tab does, and not that it waits for a file. */
const lateParts = (): Promise<unknown> =>
  Promise.allSettled([import('../tab/file-sending.ts'), import('../tab/pictures.ts')])

/**
 * A chat server in memory, with the SDK before it as applications have it: the real tabs and the real worker, in this
 * thread. Without a network, without a Worker, without IndexedDB, in Node and in browsers.
 *
 * Time stands still unless `advance` lets it pass. `settled` waits until everything that is under way is done.
 */
export function fakeServer(options: FakeServerOptions = {}): FakeServer {
  return new FakeServer(options)
}

/** What `fakeServer()` gives. */
export class FakeServer implements AsyncDisposable {
  readonly #options: FakeServerOptions
  readonly #clock: Clock
  /** Where the time is in the hand of the test. */
  readonly #still: TestClock | undefined
  readonly #server: MemoryServer
  readonly #upstream: ReturnType<typeof memoryUpstream>
  readonly #workers = new Map<string, MemoryWorker>()
  readonly #rooms = new Map<string, FakeRoom>()
  readonly #people = new Map<string, FakePerson>()
  readonly #accounts = new Set<Account>()
  #connecting = 0
  #calls = 0

  constructor(options: FakeServerOptions) {
    this.#options = options
    const { time = 'still', startMs = Date.now() } = options
    if (time !== 'still' && time !== 'real') throw new TypeError("fakeServer({ time }) must be 'still' or 'real'")
    this.#still = time === 'still' ? testClock(startMs) : undefined
    this.#clock = this.#still ?? systemClock()
    this.#server = new MemoryServer({ clock: this.#clock })
    this.#upstream = memoryUpstream(this.#server, {
      // A server that people look at for days keeps nothing that only a test looks at.
      ...(this.#still ? { management: 'resumes' } : { keeps: 'nothing' }),
      ...(options.accounts && { accounts: options.accounts }),
    })
    // Node has none: what a listener of the application throws is to fail the test, as it would be seen in a browser.
    if (typeof reportError === 'undefined')
      Object.assign(globalThis, {
        reportError: (error: unknown) =>
          queueMicrotask(() => {
            throw error
          }),
      })
  }

  /** For a worker of the application's own: `startBroker({ upstream })`. With `time: 'real'` that is a demonstration. */
  get upstream(): Upstream {
    return this.#upstream
  }

  /** The time of the server; milliseconds since the epoch. */
  get nowMs(): number {
    return this.#clock.nowMs()
  }

  /**
   * `connect()` of the SDK, to this server: each call is one more tab. The password may be left out.
   *
   * @throws as `connect` does
   */
  async connect(options: ConnectOptions): Promise<Account> {
    const { jid } = options
    const known = this.#options.accounts?.[jid] ?? 'secret'
    const password = options.password ?? known
    this.#connecting += 1
    try {
      await lateParts()
      const account = await connect({ ...options, ...(!options.anonymous && { password }), worker: this.worker(jid) })
      this.#accounts.add(account)
      return account
    } finally {
      this.#connecting -= 1
    }
  }

  /** For an application that calls `connect()` itself: `connect({ jid, worker: server.worker(jid) })`. */
  worker(jid: string): () => SharedWorker {
    const known = this.#workers.get(jid)
    if (known) return known.spawn
    const worker = memoryWorker({
      upstream: this.#upstream,
      clock: this.#clock,
      plugins: this.#options.plugins ?? [],
      retention: this.#options.retention,
      onCall: () => {
        this.#calls += 1
      },
    })
    this.#workers.set(jid, worker)
    return worker.spawn
  }

  /**
   * The room of that address: always the same object, and there from now on. What it is like can be said; else anybody
   * comes in.
   *
   * @throws TypeError for what is no address of a room
   */
  room(jid: string, settings: Partial<RoomSettings> = {}): FakeRoom {
    const parsed = parseJid(jid)
    if (parsed?.local === undefined || parsed.resource !== undefined)
      throw new TypeError(`room(${JSON.stringify(jid)}): not the address of a room`)
    const room = this.#server.room(parsed.bare)
    // One that an account has made is as that account has made it.
    room.settings = { ...(room.exists ? room.settings : { ...FIRST_SETTINGS, persistent: true }), ...settings }
    room.exists = true
    const handle = this.#rooms.get(parsed.bare) ?? new FakeRoom(parsed.bare, this.#server)
    this.#rooms.set(parsed.bare, handle)
    return handle
  }

  /**
   * Somebody else with an account: always the same object.
   *
   * @throws TypeError for what is no bare JID
   */
  person(jid: string): FakePerson {
    const parsed = parseJid(jid)
    if (parsed?.local === undefined || parsed.resource !== undefined)
      throw new TypeError(`person(${JSON.stringify(jid)}): not a bare JID`)
    const person = this.#people.get(parsed.bare) ?? new FakePerson(parsed.bare, this.#server)
    this.#people.set(parsed.bare, person)
    return person
  }

  /**
   * Resolves when nothing is under way any more: all that was sent has arrived, all calls that can be answered are, and
   * every listener has heard what there was to hear. What waits for time to pass still waits: `advance`.
   *
   * @throws Error where it goes on without end: a listener that answers each message with another one, say
   */
  async settled(): Promise<void> {
    let quiet = 0
    for (let round = 0; quiet < QUIET_ROUNDS; round++) {
      if (round > MOST_ROUNDS) throw new Error('settled(): it goes on without end; does a listener answer itself?')
      const before = this.#activity
      for (let i = 0; i < QUIET_TURNS; i++) await turn()
      // A round trip of each tab: what it was told before has been heard, and what it called before has been taken.
      await Promise.all([...this.#accounts].map((account) => account.inspect().catch(() => undefined)))
      quiet = before === this.#activity && !this.#isUnderWay(round) ? quiet + 1 : 0
    }
  }

  /**
   * Lets so many milliseconds pass; whenever something falls due on the way it waits until all is done.
   *
   * @throws TypeError for what is no time, and where time passes by itself
   */
  async advance(ms: number): Promise<void> {
    const still = this.#still
    if (!still) throw new TypeError("advance(ms): with time: 'real' it passes by itself")
    if (typeof ms !== 'number' || !(ms >= 0)) throw new TypeError('advance(ms) must be a number of milliseconds')
    await this.settled()
    const untilMs = this.nowMs + ms
    while (this.nowMs < untilMs) {
      const left = untilMs - this.nowMs
      still.advance(Math.min(left, Math.max(1, still.nextMs ?? left)))
      await this.settled()
    }
  }

  /**
   * The network is gone: every account is `interrupted`, and comes back with `restore`.
   *
   * @param how `forget`: the server lets their sessions go meanwhile, and rooms see them leave
   */
  interrupt(how: 'keep' | 'forget' = 'keep'): void {
    this.#upstream.server.reachable = false
    for (const stream of this.#upstream.streams) stream.end('closed', 'interrupted')
    if (how === 'forget') this.#upstream.forget()
  }

  /** The network is back: accounts find that out by themselves, within a minute of `advance`. */
  restore(): void {
    this.#upstream.server.reachable = true
  }

  /** Detaches every tab that `connect` of this server has made, and ends the workers. */
  async close(): Promise<void> {
    await Promise.all([...this.#accounts].map((account) => account.detach()))
    this.#accounts.clear()
    for (const worker of this.#workers.values()) worker.end()
    this.#workers.clear()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #isUnderWay(round: number): boolean {
    if (this.#still && this.#still.pauses.open > 0) return true
    const waits = this.#connecting > 0 || [...this.#workers.values()].some(({ isAhead }) => isAhead)
    // Who does nothing for so long waits for time to pass, or for ever.
    return waits && round < PATIENT_ROUNDS
  }

  get #activity(): string {
    const { framesIn, framesOut, connections } = this.#upstream.figures()
    return [framesIn, framesOut, connections, this.#calls, this.#still?.pauses.ended, this.#connecting].join(' ')
  }
}
