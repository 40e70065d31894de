/** Between two questions whether the worker is there, while somebody looks at the tab. */
const EVERY_MS = 15_000
/** Until a question without an answer is asked once more, or is enough. */
const ANSWER_MS = 1_000
/** A timer that is later than this was not run: the machine slept, or the tab was frozen. */
const LATE_MS = 500
/** Questions without an answer that are enough. */
const SILENCES = 2

export interface PulseOptions {
  readonly ask: (ping: number) => void
  /** Nobody answers, though this tab runs. */
  readonly onSilent: () => void
  /** Whether somebody looks: nobody else misses anything. */
  readonly isWatched: () => boolean
}

/** Whether the worker that a tab is attached to answers. Its lock tells that it lives, and not that it does anything. */
export class Pulse {
  readonly #options: PulseOptions
  #timer: ReturnType<typeof setTimeout> | undefined
  #ping = 0
  #silences = 0

  constructor(options: PulseOptions) {
    this.#options = options
    this.#wait()
  }

  /** Asks now: somebody has come to look, or the tab comes back from wherever it was. */
  ask(): void {
    this.#silences = 0
    this.#question()
  }

  answered(ping: number): void {
    if (ping === this.#ping) this.#wait()
  }

  end(): void {
    clearTimeout(this.#timer)
  }

  #wait(): void {
    this.#silences = 0
    this.#after(EVERY_MS, () => (this.#options.isWatched() ? this.#question() : this.#wait()))
  }

  #question(): void {
    this.#options.ask(++this.#ping)
    const dueMs = Date.now() + ANSWER_MS
    this.#after(ANSWER_MS, () => {
      // The answer may have had as little time as this timer.
      if (Date.now() - dueMs <= LATE_MS) this.#silences += 1
      if (this.#silences < SILENCES) this.#question()
      else this.#options.onSilent()
    })
  }

  #after(ms: number, run: () => void): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(run, ms)
  }
}
