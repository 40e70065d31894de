import { hasLocks, locksHere } from '../adapters/web-locks.ts'
import {
  callsOf,
  doorOf,
  eventsOf,
  type Hello,
  isGreeting,
  type LeaderWord,
  type OpenWord,
} from '../contract/handshake.ts'
import type { Port } from '../contract/port.ts'
import { isHidden } from './activity.ts'
import { workerNotLoaded } from './worker-error.ts'

/** How often a broadcast is asked anew: it keeps nothing for who is not there yet. */
const ASK_MS = 100
/** Until a worker that has the account, and does not answer a page, hangs or is frozen. */
const SILENT_MS = 2_000
/** Until a worker that took the account from one of those answers. */
const SUCCEEDED_MS = 2_000
/** Firefox gives out a worker that has died, for a moment, and forgets it only when nobody holds on to it any more. */
const FORGOTTEN_MS = 200
/** A page that nobody looks at leaves it to the others to start a worker. */
const HIDDEN_MS = 500
/** How long a worker may take to write down what another one needs. */
const RELEASE_MS = 1_000

/** A way to some worker, as long as it is not known whether anybody is there. */
export interface Way {
  /** Called once. @param onFailed there is no such worker */
  begin(onMessage: (message: unknown) => void, onFailed: (text: string) => void): void
  /** Says hello, and hands over what calls and events go by. */
  hello(hello: Hello): readonly [calls: Port, events: Port]
  /** Nobody goes this way any more. */
  close(): void
}

export interface WaysOptions {
  /** Bare JID. */
  readonly account: string
  /** The worker that all tabs share; none where there is no SharedWorker. */
  readonly shared: (() => SharedWorker | Worker) | undefined
  /** A worker of this tab alone, to which the others come. */
  readonly own: (() => Worker) | undefined
  /** Where their file was looked for, where it is known. */
  readonly url?: string | URL | undefined
}

/** The ways from this tab to the worker that has the account, best first. */
export class Ways {
  readonly #options: WaysOptions
  readonly #locks = locksHere()
  /** Shared workers have not answered: this tab is one of those without. */
  #withoutShared = false
  /** The worker of this tab, to which the others come. */
  #hosted: { readonly worker: Worker; readonly letGo: () => void } | undefined

  constructor(options: WaysOptions) {
    this.#options = options
  }

  /**
   * @param again there was a worker, which has died or hangs
   * @param elsewhere the worker at the end of the way before said that another one has the account
   */
  async next(again: 'died' | 'hangs' | undefined, elsewhere: boolean): Promise<Way> {
    const { account, shared, url } = this.#options
    const hangs = again === 'hangs'
    this.#drop()
    if (elsewhere) return broadcastWay(account)
    if (!shared || this.#withoutShared) return this.#leaderOrFollower(hangs)
    if (again && !outlivesTabs()) await pause(FORGOTTEN_MS, new AbortController().signal)
    const worker = shared()
    return 'port' in worker ? portWay(worker, worker.port, url) : this.#leaderOrFollower(hangs, worker)
  }

  /** Nobody answers: this tab does without SharedWorkers from now on. @returns whether it can, and did not yet */
  fallBack(): boolean {
    const { shared, own } = this.#options
    const can = shared !== undefined && own !== undefined && !this.#withoutShared
    this.#withoutShared ||= can
    return can
  }

  /** The page cannot host a worker any more: the one that it has goes, with all that another one needs to go on. */
  async release(): Promise<void> {
    const hosted = this.#hosted
    if (!hosted) return
    this.#hosted = undefined
    await new Promise<void>((resolve) => {
      const late = setTimeout(resolve, RELEASE_MS)
      hosted.worker.onmessage = () => {
        clearTimeout(late)
        resolve()
      }
      hosted.worker.postMessage({ minimix: 'release' } satisfies LeaderWord)
    })
    hosted.worker.terminate()
    hosted.letGo()
  }

  get hosts(): boolean {
    return this.#hosted !== undefined
  }

  /** Whoever has the lock of the leader starts a worker; the others find it by a broadcast. */
  async #leaderOrFollower(hangs: boolean, given?: Worker): Promise<Way> {
    const { account, own } = this.#options
    // Nobody can be a leader without Web Locks: this tab is one for itself.
    if (!hasLocks()) return this.#host(given ?? startOr(() => undefined, own), () => undefined)
    const following = broadcastWay(account)
    const over = new AbortController()
    const leading = this.#lead(hangs, over.signal)
    const letGo = await Promise.race([leading, following.answered]).catch((error: unknown) => {
      following.close()
      given?.terminate()
      throw error
    })
    over.abort()
    if (!letGo) {
      given?.terminate()
      leading.then(
        (late) => late(),
        () => undefined, // aborted: somebody was found
      )
      return following
    }
    following.close()
    return this.#host(given ?? startOr(letGo, own), letGo)
  }

  #host(worker: Worker, letGo: () => void): Way {
    this.#hosted = { worker, letGo }
    const { port1, port2 } = new MessageChannel()
    worker.postMessage({ minimix: 'connect' } satisfies LeaderWord, [port2])
    return portWay(worker, port1, this.#options.url)
  }

  async #lead(hangs: boolean, signal: AbortSignal): Promise<() => void> {
    const { account } = this.#options
    const { held = [] } = await navigator.locks.query()
    const leader = `minimix:leader:${account}`
    if (!hangs && !held.some(({ name }) => name === `minimix:engine:${account}`)) {
      await pause(isHidden() ? HIDDEN_MS : 0, signal)
      return this.#locks.hold(leader, signal)
    }
    // Somebody has the account. Who does not answer is frozen, or hangs, and its page learns of it when it comes to
    // itself. One tab at a time finds that out, and has the time to be found by the next one.
    const succeeded = await this.#locks.hold(`minimix:succession:${account}`, signal)
    const done = (): void => void setTimeout(succeeded, SUCCEEDED_MS)
    await pause(SILENT_MS, signal).catch((error: unknown) => {
      succeeded()
      throw error
    })
    return this.#locks.steal(leader, () => this.#drop()).finally(done)
  }

  /** It is dead, or has not the account, or was taken for dead by another tab. */
  #drop(): void {
    this.#hosted?.worker.terminate()
    this.#hosted?.letGo()
    this.#hosted = undefined
  }
}

/** Where no worker can be started nobody is kept from leading: a policy of this page need not be one of the others. */
function startOr(letGo: () => void, start: (() => Worker) | undefined): Worker {
  try {
    if (start) return start()
    throw new Error('no worker can be started here')
  } catch (error) {
    letGo()
    throw error
  }
}

/** By a port to the worker: calls and events get ports of their own. */
function portWay(worker: SharedWorker | Worker, port: MessagePort, url: string | URL | undefined): Way {
  return {
    begin(onMessage, onFailed) {
      port.onmessage = ({ data }) => onMessage(data)
      // An ErrorEvent is an exception of a worker that runs (Firefox); a plain Event says that there is none.
      worker.onerror = (event: Event) => {
        if (!(event instanceof ErrorEvent)) onFailed(workerNotLoaded(url))
      }
    },
    hello(hello) {
      const [calls, events] = [new MessageChannel(), new MessageChannel()]
      port.postMessage(hello, [calls.port2, events.port2])
      return [calls.port1, events.port1]
    },
    close() {
      worker.onerror = null
      port.close()
    },
  }
}

/**
 * To the worker that has the account, by broadcasts that only it and this page know. It begins at once: `answered`
 * resolves when somebody is there.
 */
function broadcastWay(account: string): Way & { readonly answered: Promise<undefined> } {
  const way = `minimix:way:${crypto.randomUUID()}`
  const port = new BroadcastChannel(way)
  const door = new BroadcastChannel(doorOf(account))
  // A broadcast keeps nothing for who is not there yet.
  const ask = (): void => door.postMessage({ minimix: 'open', way } satisfies OpenWord)
  const asking = setInterval(ask, ASK_MS)
  const early: unknown[] = []
  const answered = new Promise<undefined>((resolve) => {
    port.onmessage = ({ data }) => {
      clearInterval(asking)
      early.push(data)
      resolve(undefined)
    }
  })
  /** One that comes to itself, and does not know yet that it has lost the account, answers as well. */
  let life: string | undefined
  const isOther = (data: unknown): boolean => {
    if (!isGreeting(data) || data.minimix !== 'born') return false
    life ??= data.instance
    return data.instance !== life
  }
  ask()
  return {
    answered,
    begin(onMessage) {
      const take = (data: unknown): void => {
        if (!isOther(data)) onMessage(data)
      }
      for (const data of early) take(data)
      port.onmessage = ({ data }) => {
        clearInterval(asking)
        take(data)
      }
    },
    hello(hello) {
      const ports = [new BroadcastChannel(callsOf(way)), new BroadcastChannel(eventsOf(way))] as const
      port.postMessage(hello)
      return ports
    },
    close() {
      clearInterval(asking)
      for (const each of [port, door]) each.close()
    },
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason)
    })
  })
}

/** Whether a SharedWorker may live longer than its last tab: whoever knows the option reads it, whatever the address. */
export function outlivesTabs(): boolean {
  let known = false
  try {
    new SharedWorker('http://[', {
      get extendedLifetime() {
        known = true
        return true
      },
    })
  } catch {
    // no address
  }
  return known
}
