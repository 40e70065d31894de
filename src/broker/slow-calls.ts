import type { Reply } from '../contract/errors.ts'
import type { LogLevel } from '../contract/model.ts'
import { callName } from './happening.ts'
import type { Clock } from './ports.ts'
import type { TabRequest } from './tab-calls.ts'

/** Until a call that has no answer makes a warning. */
const SLOW_MS = 5_000

type Settle = (reply: Reply<unknown>) => void

/** Calls of tabs that take long: each makes one warning, and a record of how it ended after all. */
export class SlowCalls {
  readonly #clock: Clock
  readonly #log: (level: LogLevel, text: string) => void
  readonly #stops = new Set<() => void>()

  constructor(clock: Clock, log: (level: LogLevel, text: string) => void) {
    this.#clock = clock
    this.#log = log
  }

  /** @returns what the call is to be settled with */
  watch(request: TabRequest, settle: Settle): Settle {
    if (mayTakeForEver(request)) return settle
    const name = callName(request)
    const sinceMs = this.#clock.nowMs()
    let slow = false
    const stop = this.#clock.after(SLOW_MS, () => {
      this.#stops.delete(stop)
      slow = true
      this.#log('warn', `${name}: no answer within ${SLOW_MS} ms`)
    })
    this.#stops.add(stop)
    return (reply) => {
      stop()
      this.#stops.delete(stop)
      if (slow) this.#log('info', `${name}: ${outcome(reply)} after ${this.#clock.nowMs() - sinceMs} ms`)
      settle(reply)
    }
  }

  /** Nobody answers any more. */
  end(): void {
    for (const stop of this.#stops) stop()
    this.#stops.clear()
  }
}

/** One that brings back what there was waits for as long as the server is away. */
const mayTakeForEver = ({ name, args }: TabRequest): boolean => name === 'signIn' && args.again

const outcome = (reply: Reply<unknown>): string => (reply.ok ? 'answered' : `refused (${reply.error.code})`)
