import { vi } from 'vitest'
import { exposeApi } from '../../../src/adapters/comlink.ts'
import { webLocks } from '../../../src/adapters/web-locks.ts'
import { Broker } from '../../../src/broker/broker.ts'
import { Door } from '../../../src/broker/door.ts'
import type { Clock, Stream, Upstream } from '../../../src/broker/ports.ts'
import type { Plugin } from '../../../src/contract/plugin.ts'
import { memoryStore } from '../../../src/storage/memory-store.ts'
import type { Store } from '../../../src/storage/store.ts'
import type { Account } from '../../../src/tab/account.ts'
import { type ConnectOptions, connect } from '../../../src/tab/connect.ts'
import type { RoomEvents } from '../../../src/tab/events.ts'
// What pages load late is there already: a test waits for turns of the event loop, not for a disk.
import '../../../src/tab/file-sending.ts'
import '../../../src/tab/other-ways.ts'
import '../../../src/tab/pictures.ts'
import '../../../src/tab/reload.ts'
import type { Room } from '../../../src/tab/room.ts'
import { bareLater } from './bare-later.ts'
import { type FakeClock, fakeClock } from './fake-clock.ts'
import { type LockTable, lockTable } from './fake-locks.ts'
import { type FakeMuc, type FakeRoom, fakeMuc } from './fake-muc.ts'
import { type BookmarkService, type FakePep, fakePep } from './fake-pep.ts'
import { type FakeUpstream, type FakeUpstreamOptions, fakeUpstream } from './fake-upstream.ts'
import { plainPrints } from './plain-prints.ts'
import { ACCOUNT, ROOM } from './room-xml.ts'
import { turns } from './turn.ts'

export const SERVICE = 'wss://capulet.example/'

/** An event of a room as its listener got it. */
export type Heard = { [N in keyof RoomEvents]: { readonly name: N; readonly event: RoomEvents[N] } }[keyof RoomEvents]

export interface Tab {
  readonly account: Account
  readonly room: Room
  /** Everything that listeners of `room` heard, in its order. */
  readonly heard: readonly Heard[]
  /** What listeners of `room` heard of one name. */
  all<N extends keyof RoomEvents>(name: N): RoomEvents[N][]
  /** The texts that `message` brought. */
  bodies(): string[]
  /** Ends as a crash ends it: its lock falls free, and it says nothing. */
  die(): void
}

/** A SharedWorker, as far as it can be seen from outside. */
export interface WorkerLife {
  readonly instance: string
  readonly port: () => MessagePort
  /** Ends without a word: its lock falls free, its ports go silent, its timers and streams are gone. */
  die(): void
}

export interface TabStageOptions extends FakeUpstreamOptions {
  /** The store of each life of the worker; one for all lives unless said. */
  readonly store?: () => Store
  readonly bookmarks?: BookmarkService
  /** What rooms say that they can do. */
  readonly features?: readonly string[]
  /** How a tab finds the worker; what `spawn` gives unless said. */
  readonly worker?: (spawn: () => SharedWorker) => SharedWorker
  readonly plugins?: readonly Plugin[]
  /** What else the server does with a stanza. */
  readonly serve?: NonNullable<FakeUpstreamOptions['onSent']>
}

export interface TabStage {
  readonly clock: FakeClock
  readonly upstream: FakeUpstream
  readonly muc: FakeMuc
  readonly room: FakeRoom
  readonly pep: FakePep
  readonly locks: LockTable
  /** What listeners threw, as the browser would report it. */
  readonly reported: readonly unknown[]
  /** How often a worker was looked for, and how often one was started. */
  readonly counts: { spawned: number; started: number }
  readonly worker: WorkerLife
  /** Finds the worker, or starts it. */
  spawn(): SharedWorker
  /** A tab that is online. */
  tab(options?: Partial<ConnectOptions>): Promise<Tab>
  /** A tab that is online and in the room. */
  tabInRoom(words?: Partial<Parameters<Room['join']>[0]>): Promise<Tab>
  /** `connect()` in a tab of its own, as the app calls it. */
  connect(options?: Partial<ConnectOptions>): { readonly connecting: Promise<Account>; die(): void }
  /** Lets run what is on its way, a few batches' pauses long. */
  settle(): Promise<void>
  /** Lets time pass for worker and tabs. */
  pass(ms: number): Promise<void>
  /** The end of a promise, reached without time to speak of. @throws Error where it is not */
  until<T>(promise: Promise<T>): Promise<T>
  /** The error of a promise that must fail; its class and fields are the app's. */
  failure(promise: Promise<unknown>): Promise<unknown>
  /** All tabs are shown, or hidden: here they are one page. */
  look(visible: boolean): void
  /** Takes everything down again. */
  end(): void
}

const PAUSE_MS = 8
const ROUNDS = 12

/**
 * Tabs and worker with real ports and Comlink between them, and fakes around them: locks, clock, server. The browser's
 * globals are put in place by the first stage of a file and taken away by `end`.
 */
export function tabStage(options: TabStageOptions = {}): TabStage {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const clock = fakeClock()
  const locks = lockTable()
  const muc = fakeMuc({ clock, ...(options.features && { features: options.features }) })
  const pep = fakePep(ACCOUNT, options.bookmarks)
  const onSent: FakeUpstreamOptions['onSent'] = (node, stream) => {
    muc.onSent(node, stream)
    pep.onSent(node, stream)
    options.serve?.(node, stream)
  }
  const upstream = fakeUpstream({ onSent, ...options })
  const shared = memoryStore()
  const { store = () => shared } = options
  const reported: unknown[] = []
  const counts = { spawned: 0, started: 0 }
  const ports = new Set<MessagePort>()
  const globals = browserGlobals(reported)
  globals.setLocks(locks.agent().manager)
  let life: ReturnType<typeof startWorker> | undefined

  function startWorker() {
    const instance = `life-${++counts.started}`
    const agent = locks.agent()
    const held = new Set<MessagePort>()
    const streams = new Set<Stream>()
    let alive = true
    // What is dead neither hears nor acts: a worker that a browser has killed runs no code.
    const mortal =
      <A extends unknown[]>(run: (...args: A) => void) =>
      (...args: A): void => {
        if (alive) run(...args)
      }
    const mortalClock: Clock = {
      ...clock,
      nowMs: () => clock.nowMs(),
      after: (ms, run) => clock.after(ms, mortal(run)),
    }
    const mortalUpstream: Upstream = {
      figures: () => upstream.figures(),
      connect(credentials, { onOnline, onStanza, onEnd }) {
        const stream = upstream.connect(credentials, {
          onOnline: mortal(onOnline),
          onStanza: mortal(onStanza),
          onEnd: mortal(onEnd),
        })
        streams.add(stream)
        return {
          send: mortal((node) => stream.send(node)),
          close: mortal(() => stream.close()),
          drop: mortal(() => stream.drop()),
        }
      },
    }
    const workerLocks = webLocks(agent.manager)
    const broker = new Broker({
      later: bareLater,
      account: ACCOUNT,
      instance,
      engine: 'shared-worker',
      upstream: mortalUpstream,
      store: store(),
      clock: mortalClock,
      passwords: plainPrints,
      ...(options.plugins && { plugins: options.plugins }),
    })
    const lock = `minimix:broker:${instance}`
    const door = new Door({
      instance,
      lock: { name: lock, held: workerLocks.hold(lock) },
      locks: workerLocks,
      expose: exposeApi,
      entranceOf: (account) =>
        account === ACCOUNT ? Promise.resolve(broker) : Promise.reject(new Error(`this worker serves ${ACCOUNT}`)),
    })
    return {
      instance,
      port() {
        const { port1, port2 } = new MessageChannel()
        for (const port of [port1, port2]) ports.add(port)
        held.add(port2)
        door.open(port2, ({ ports }) => ports)
        const listen = port2.onmessage
        port2.onmessage = (event) => {
          for (const port of event.ports) {
            held.add(port)
            ports.add(port)
          }
          listen?.call(port2, event)
        }
        return port1
      },
      die() {
        alive = false
        agent.die()
        for (const stream of streams) stream.drop()
        for (const port of held) port.close()
        if (life?.instance === instance) life = undefined
      },
    }
  }

  const spawn = (): SharedWorker => {
    counts.spawned += 1
    life ??= startWorker()
    // The two things of a SharedWorker that the SDK touches.
    return { port: life.port(), onerror: null } as unknown as SharedWorker
  }

  const settle = async (): Promise<void> => {
    for (let i = 0; i < ROUNDS; i++) {
      await turns(2)
      clock.advance(PAUSE_MS)
    }
    await turns(2)
  }

  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms)
    await vi.advanceTimersByTimeAsync(ms)
    await settle()
  }

  const until = async <T>(promise: Promise<T>): Promise<T> => {
    let done = false
    const note = (): void => {
      done = true
    }
    promise.then(note, note)
    for (let i = 0; i < 50 && !done; i++) await settle()
    if (!done) throw new Error('the promise has not settled')
    return promise
  }

  const begin = (words: Partial<ConnectOptions> = {}) => {
    const agent = locks.agent()
    globals.setLocks(agent.manager)
    const { worker } = options
    const connecting = connect({
      jid: ACCOUNT,
      service: SERVICE,
      password: 'secret',
      worker: worker ? () => worker(spawn) : spawn,
      ...words,
    })
    // A test that looks at the outcome later must not be taken for one that forgot it.
    connecting.catch(() => undefined)
    return { connecting, die: () => agent.die() }
  }

  const tab = async (words?: Partial<ConnectOptions>): Promise<Tab> => {
    const { connecting, die } = begin(words)
    const account = await until(connecting)
    const room = account.room(ROOM)
    const heard: Heard[] = []
    for (const name of ROOM_EVENTS) room.on(name, (event) => heard.push({ name, event } as Heard))
    const all = <N extends keyof RoomEvents>(name: N): RoomEvents[N][] =>
      heard.flatMap((each) => (each.name === name ? [each.event as RoomEvents[N]] : []))
    return { account, room, heard, all, bodies: () => all('message').map(({ body }) => body), die }
  }

  return {
    clock,
    upstream,
    muc,
    room: muc.room(ROOM),
    pep,
    locks,
    reported,
    counts,
    get worker() {
      life ??= startWorker()
      return life
    },
    spawn,
    tab,
    async tabInRoom(words) {
      const opened = await tab()
      await until(opened.room.join({ nick: 'juliet', ...words }))
      return opened
    },
    connect: begin,
    settle,
    pass,
    until,
    failure: (promise) =>
      until(
        promise.then(
          (value) => {
            throw new Error(`it did not fail: ${JSON.stringify(value)}`)
          },
          (error: unknown) => error,
        ),
      ),
    look: (visible) => globals.look(visible),
    end() {
      for (const port of ports) port.close()
      globals.restore()
      vi.useRealTimers()
    },
  }
}

const ROOM_EVENTS: readonly (keyof RoomEvents)[] = [
  'occupant-joined',
  'occupant-left',
  'occupant-changed',
  'nick-changed',
  'joined',
  'message',
  'message-updated',
  'private-message',
  'subject',
  'catching-up',
  'affiliation-changed',
  'typing',
  'config',
  'configuration-needed',
  'voice-request',
  'interrupted',
  'resumed',
  'left',
  'removed',
  'destroyed',
]

/** What a page has and Node has not. */
export function browserGlobals(reported: unknown[]): {
  setLocks(manager: LockManager): void
  look(visible: boolean): void
  restore(): void
} {
  const names = ['navigator', 'SharedWorker', 'ErrorEvent', 'reportError', 'document', 'addEventListener'] as const
  const before = names.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const)
  const put = (name: (typeof names)[number], value: unknown): void =>
    void Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
  // One that knows the option reads it, and then the worker of before is forgotten as soon as it is dead.
  put(
    'SharedWorker',
    class {
      constructor(_url: string, options?: { readonly extendedLifetime?: boolean }) {
        void options?.extendedLifetime
      }
    },
  )
  put('ErrorEvent', class extends Event {})
  put('reportError', (error: unknown) => reported.push(error))
  const page = Object.assign(new EventTarget(), { visibilityState: 'visible' })
  put('document', page)
  put('addEventListener', page.addEventListener.bind(page))
  return {
    setLocks: (locks) => put('navigator', { locks }),
    look(visible) {
      page.visibilityState = visible ? 'visible' : 'hidden'
      page.dispatchEvent(new Event('visibilitychange'))
    },
    restore() {
      for (const [name, descriptor] of before) {
        if (descriptor) Object.defineProperty(globalThis, name, descriptor)
        else Reflect.deleteProperty(globalThis, name)
      }
    },
  }
}
