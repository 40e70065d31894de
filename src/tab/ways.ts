import { hasLocks, locksHere } from '../adapters/web-locks.ts'
import { type Hello, isGreeting } from '../contract/handshake.ts'
import type { Port } from '../contract/port.ts'
import { isHidden } from './activity.ts'
import { late } from './late.ts'
import type { OtherWays } from './other-ways.ts'

/** Firefox gives out a worker that has died, for a moment, and forgets it only when nobody holds on to it any more. */
const FORGOTTEN_MS = 200

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
  readonly #locks = hasLocks() ? locksHere() : undefined
  /** Shared workers have not answered: this tab is one of those without. */
  #withoutShared = false
  #others: OtherWays | undefined

  constructor(options: WaysOptions) {
    this.#options = options
  }

  /**
   * @param again there was a worker, which has died or hangs
   * @param elsewhere the worker at the end of the way before said that another one has the account
   * @throws MinimixError `worker-error` where what other ways than to a shared worker need cannot be loaded
   */
  async next(again: 'died' | 'hangs' | undefined, elsewhere: boolean): Promise<Way> {
    const { shared } = this.#options
    const hangs = again === 'hangs'
    this.#others?.drop()
    if (elsewhere) return (await this.#loaded()).byBroadcast()
    if (!shared || this.#withoutShared) return (await this.#loaded()).leaderOrFollower(hangs)
    if (again && !outlivesTabs()) await new Promise((resolve) => setTimeout(resolve, FORGOTTEN_MS))
    const worker = shared()
    if ('port' in worker) return this.#portWay(worker, worker.port)
    const others = await this.#loaded().catch((error: unknown) => {
      worker.terminate()
      throw error
    })
    return others.leaderOrFollower(hangs, worker)
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
    await this.#others?.release()
  }

  get hosts(): boolean {
    return this.#others?.hosts ?? false
  }

  /** Most pages have a shared worker, and never need it. What it shares with them is handed over: it imports nothing. */
  async #loaded(): Promise<OtherWays> {
    const { OtherWays } = await late('other-ways.js', import('./other-ways.ts'))
    this.#others ??= new OtherWays({
      ...this.#options,
      locks: this.#locks,
      portWay: (worker, port) => this.#portWay(worker, port),
      isGreeting,
      isHidden,
    })
    return this.#others
  }

  /** By a port to the worker: calls and events get ports of their own. */
  #portWay(worker: SharedWorker | Worker, port: MessagePort): Way {
    return {
      begin: (onMessage, onFailed) => {
        port.onmessage = ({ data }) => onMessage(data)
        // An ErrorEvent is an exception of a worker that runs (Firefox); a plain Event says that there is none.
        worker.onerror = (event: Event) => {
          if (event instanceof ErrorEvent) return
          late('other-ways.js', import('./other-ways.ts')).then(
            ({ workerNotLoaded }) => onFailed(workerNotLoaded(this.#options.url)),
            // Where that file is lost, the worker's is, too.
            (error: unknown) => onFailed(`the worker could not be loaded: ${String(error)}`),
          )
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
