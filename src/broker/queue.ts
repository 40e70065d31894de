/** One thing after the other: what one of them causes waits for its turn, and one that throws stops none behind it. */
export class Queue<T> {
  readonly #handle: (item: T) => void
  readonly #onError: (item: T, error: unknown) => void
  readonly #items: T[] = []
  #busy = false

  constructor(handle: (item: T) => void, onError: (item: T, error: unknown) => void) {
    this.#handle = handle
    this.#onError = onError
  }

  push(item: T): void {
    this.#items.push(item)
    if (this.#busy) return
    this.#busy = true
    for (let next = this.#items.shift(); next !== undefined; next = this.#items.shift()) {
      try {
        this.#handle(next)
      } catch (error) {
        this.#onError(next, error)
      }
    }
    this.#busy = false
  }
}
