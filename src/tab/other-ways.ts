// A file of its own, which most pages never load: what it needs of others it is given (`OtherWaysOptions`).
import type { locksHere } from '../adapters/web-locks.ts'
import { callsOf, doorOf, eventsOf } from '../contract/broadcasts.ts'
import type { isGreeting, LeaderWord, OpenWord } from '../contract/handshake.ts'
import type { Way, WaysOptions } from './ways.ts'

export { workerNotLoaded } from './worker-error.ts'

/** How often a broadcast is asked anew: it keeps nothing for who is not there yet. */
const ASK_MS = 100
/** Until a worker that has the account, and does not answer a page, hangs or is frozen. */
const SILENT_MS = 2_000
/** Until a worker that took the account from one of those answers. */
const SUCCEEDED_MS = 2_000
/** A page that nobody looks at leaves it to the others to start a worker. */
const HIDDEN_MS = 500
/** How long a worker may take to write down what another one needs. */
const RELEASE_MS = 1_000

type PageLocks = ReturnType<typeof locksHere>

export interface OtherWaysOptions extends Pick<WaysOptions, 'account' | 'own'> {
  /** None where there are no Web Locks. */
  readonly locks: PageLocks | undefined
  readonly portWay: (worker: Worker, port: MessagePort) => Way
  readonly isGreeting: typeof isGreeting
  readonly isHidden: () => boolean
}

/** The ways where there is no SharedWorker, or where another worker has the account. */
export class OtherWays {
  readonly #options: OtherWaysOptions
  /** The worker of this tab, to which the others come. */
  #hosted: { readonly worker: Worker; readonly letGo: () => void } | undefined

  constructor(options: OtherWaysOptions) {
    this.#options = options
  }

  get hosts(): boolean {
    return this.#hosted !== undefined
  }

  byBroadcast(): BroadcastWay {
    return broadcastWay(this.#options)
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

  /** Whoever has the lock of the leader starts a worker; the others find it by a broadcast. */
  async leaderOrFollower(hangs: boolean, given?: Worker): Promise<Way> {
    const { own, locks } = this.#options
    // Nobody can be a leader without Web Locks: this tab is one for itself.
    if (!locks) return this.#host(given ?? startOr(() => undefined, own), () => undefined)
    const following = this.byBroadcast()
    const over = new AbortController()
    const leading = this.#lead(locks, hangs, over.signal)
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
    return this.#options.portWay(worker, port1)
  }

  async #lead(locks: PageLocks, hangs: boolean, signal: AbortSignal): Promise<() => void> {
    const { account, isHidden } = this.#options
    const { held = [] } = await navigator.locks.query()
    const leader = `minimix:leader:${account}`
    if (!hangs && !held.some(({ name }) => name === `minimix:engine:${account}`)) {
      await pause(isHidden() ? HIDDEN_MS : 0, signal)
      return locks.hold(leader, signal)
    }
    // Somebody has the account. Who does not answer is frozen, or hangs, and its page learns of it when it comes to
    // itself. One tab at a time finds that out, and has the time to be found by the next one.
    const succeeded = await locks.hold(`minimix:succession:${account}`, signal)
    const done = (): void => void setTimeout(succeeded, SUCCEEDED_MS)
    await pause(SILENT_MS, signal).catch((error: unknown) => {
      succeeded()
      throw error
    })
    return locks.steal(leader, () => this.drop()).finally(done)
  }

  /** It is dead, or has not the account, or was taken for dead by another tab. */
  drop(): void {
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

interface BroadcastWay extends Way {
  readonly answered: Promise<undefined>
}

/**
 * To the worker that has the account, by broadcasts that only it and this page know. It begins at once: `answered`
 * resolves when somebody is there.
 */
function broadcastWay({ account, isGreeting }: OtherWaysOptions): BroadcastWay {
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
