import { exposeApi } from '../adapters/comlink.ts'
import { locksHere } from '../adapters/web-locks.ts'
import { Broker } from '../broker/broker.ts'
import { Host } from '../broker/host.ts'
import type { Clock, Locks, PasswordPrints, Upstream } from '../broker/ports.ts'
import type { Retention } from '../broker/retention.ts'
import type { BrokerApi } from '../contract/api.ts'
import { isBatch, isTabWord } from '../contract/handshake.ts'
import type { Plugin } from '../contract/plugin.ts'
import { later } from '../later.ts'
import { withOwn } from '../own-plugins.ts'
import { memoryStore } from '../storage/memory-store.ts'

export interface MemoryWorkerOptions {
  readonly upstream: Upstream
  readonly clock: Clock
  readonly plugins: readonly Plugin[]
  readonly retention: Retention | undefined
  /** A tab has called. */
  readonly onCall: () => void
}

/** What a SharedWorker is to the tabs of one account, in the same thread as they. */
export interface MemoryWorker {
  /** For `connect({ worker })`: each call is one more tab. */
  readonly spawn: () => SharedWorker
  /** A tab has not handled yet what it was told. */
  readonly isAhead: boolean
  /** Lets go of all tabs. */
  end(): void
}

/** The real broker of one account, with an upstream and a store that live as long as the test. */
export function memoryWorker({ upstream, clock, plugins, retention, onCall }: MemoryWorkerOptions): MemoryWorker {
  const ports: MessagePort[] = []
  const ahead: (() => boolean)[] = []
  const host = new Host({
    // Where there are Web Locks they are those of the whole origin: the worker's name must be nobody else's.
    clock: { ...clock, nowMs: () => clock.nowMs(), newId: () => crypto.randomUUID() },
    locks: withoutRivals(locksHere()),
    control: { post: () => undefined, listen: () => undefined },
    expose: (api, port) => exposeApi(counting(api, onCall), port),
    hearPages: () => () => undefined,
    newBroker: async (account, instance) =>
      new Broker({
        account,
        instance,
        engine: 'shared-worker',
        upstream,
        store: memoryStore(),
        clock,
        passwords: plainPrints,
        plugins: withOwn(plugins),
        later,
        ...(retention && { retention }),
      }),
  })
  const open = (port: MessagePort): void => {
    ports.push(port)
    host.open(port, ({ ports: handed }) => {
      ports.push(...handed)
      const [, events] = handed
      if (events) ahead.push(watchAhead(events))
      return handed
    })
  }
  return {
    spawn() {
      const { port1, port2 } = new MessageChannel()
      ports.push(port1)
      open(port2)
      // All of a SharedWorker that the SDK touches.
      return { port: port1, onerror: null } as unknown as SharedWorker
    },
    get isAhead() {
      return ahead.some((is) => is())
    },
    end() {
      for (const port of ports) port.close()
    },
  }
}

/** @returns whether the tab at the other end has not handled yet all the events that were posted to it */
function watchAhead(events: MessagePort): () => boolean {
  const post = events.postMessage.bind(events)
  let told = 0
  let handled = 0
  events.postMessage = (message: unknown): void => {
    if (isBatch(message)) told = message.seq + message.events.length - 1
    post(message)
  }
  events.addEventListener('message', ({ data }) => {
    if (!isTabWord(data)) return
    if ('ack' in data) handled = data.ack
    // A tab that is gone handles nothing any more.
    else if ('going' in data) handled = Number.POSITIVE_INFINITY
  })
  return () => told > handled
}

/** The account of a test is its own, also where another test on the same page has one of that name. */
function withoutRivals(locks: Locks): Locks {
  const granted = async (): Promise<() => void> => () => undefined
  return { ...locks, holdIfFree: granted, steal: granted }
}

function counting(api: BrokerApi, onCall: () => void): BrokerApi {
  return {
    call(name, args) {
      // The one by which a test looks whether all is done.
      if (name !== 'inspect') onCall()
      return api.call(name, args)
    },
  }
}

/** Prints that hide nothing, and cost nothing: the passwords of a test are nobody's secret. */
const plainPrints: PasswordPrints = {
  print: async (password) => ({ salt: new Uint8Array(), digest: new TextEncoder().encode(password) }),
  matches: async ({ digest }, password) => new TextDecoder().decode(digest) === password,
}
