import type { LogLevel, LogRecord } from '../contract/model.ts'
import type { Clock } from './ports.ts'

const KEPT = 2000
/** What the network says in a record may be of any length. */
const LONGEST = 2000

/** Gets each record as it is made. What it throws, or what becomes of a promise of its own, is nobody's trouble. */
export type OnRecord = (record: LogRecord) => unknown

/** The last records of the worker, for `inspect()`: what a SharedWorker prints, nobody sees. */
export class Log {
  readonly #clock: Clock
  readonly #onRecord: OnRecord | undefined
  readonly #records: LogRecord[] = []

  constructor(clock: Clock, onRecord?: OnRecord) {
    this.#clock = clock
    this.#onRecord = onRecord
  }

  add(level: LogLevel, text: string): void {
    const record = { atMs: this.#clock.nowMs(), level, text: withoutTokens(text.slice(0, LONGEST)) }
    this.#records.push(record)
    if (this.#records.length > KEPT) this.#records.splice(0, this.#records.length - KEPT)
    if (this.#onRecord) tell(this.#onRecord, { ...record })
  }

  get records(): readonly LogRecord[] {
    return this.#records
  }
}

/** Some services want a token or a password in their address, and an address is in the words of what went wrong there. */
const withoutTokens = (text: string): string =>
  text.replace(/\bwss?:\/\/\S+/gi, (url) => url.replace(/\/\/[^/?#]*@/, '//').replace(/[?#]\S*?(?=[:)]*$)/, '?…'))

/** A rejection that nobody hears would be a fault of the worker, and that would be a record again. */
async function tell(onRecord: OnRecord, record: LogRecord): Promise<void> {
  try {
    await onRecord(record)
  } catch {
    // The application's own.
  }
}

/** For the log: where it comes from, where it says so. */
export const describe = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)
