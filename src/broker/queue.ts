import type { Clock } from './ports.ts'

/** From here on one step is long: everybody else waits for it. */
const LONG_MS = 100

export interface QueueWorld<T> {
  readonly handle: (item: T) => void
  readonly onError: (item: T, error: unknown) => void
  readonly clock: Clock
  /** The item was handled, or failed, and that took so long. */
  readonly onLong: (item: T, ms: number) => void
}

/** One thing after the other: what one of them causes waits for its turn, and one that throws stops none behind it. */
export class Queue<T> {
  readonly #world: QueueWorld<T>
  readonly #items: T[] = []
  #busy = false
  /** The one that was handled last is to be handled again, later, and all others behind it. */
  #held = false

  constructor(world: QueueWorld<T>) {
    this.#world = world
  }

  push(item: T): void {
    this.#items.push(item)
    if (!this.#busy) this.#run()
  }

  /**
   * The item that is being handled is handled once more when that is over, before any other.
   *
   * @param until must not reject
   */
  again(item: T, until: Promise<void>): void {
    this.#items.unshift(item)
    this.#held = true
    void until.then(() => {
      this.#held = false
      this.#run()
    })
  }

  #run(): void {
    this.#busy = true
    while (!this.#held) {
      const next = this.#items.shift()
      if (next === undefined) break
      this.#step(next)
    }
    this.#busy = this.#held
  }

  #step(item: T): void {
    const { handle, onError, clock, onLong } = this.#world
    const sinceMs = clock.nowMs()
    try {
      handle(item)
    } catch (error) {
      onError(item, error)
    }
    const ms = clock.nowMs() - sinceMs
    if (ms > LONG_MS) onLong(item, ms)
  }
}
