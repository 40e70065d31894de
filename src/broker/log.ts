import type { LogLevel, LogRecord } from '../contract/model.ts'
import type { Clock } from './ports.ts'

const KEPT = 2000
/** What the network says in a record may be of any length. */
const LONGEST = 2000

/** The last records of the worker, for `inspect()`: what a SharedWorker prints, nobody sees. */
export class Log {
  readonly #clock: Clock
  readonly #records: LogRecord[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(level: LogLevel, text: string): void {
    this.#records.push({ atMs: this.#clock.nowMs(), level, text: text.slice(0, LONGEST) })
    if (this.#records.length > KEPT) this.#records.splice(0, this.#records.length - KEPT)
  }

  get records(): readonly LogRecord[] {
    return this.#records
  }
}
