import type { Clock } from './ports.ts'

/** Timers with names: starting one again replaces it. */
export class Timers {
  readonly #clock: Clock
  readonly #cancels = new Map<string, () => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  start(name: string, ms: number, run: () => void): void {
    this.stop(name)
    const cancel = this.#clock.after(ms, () => {
      this.#cancels.delete(name)
      run()
    })
    this.#cancels.set(name, cancel)
  }

  has(name: string): boolean {
    return this.#cancels.has(name)
  }

  stop(name: string): void {
    this.#cancels.get(name)?.()
    this.#cancels.delete(name)
  }

  stopAll(): void {
    for (const cancel of this.#cancels.values()) cancel()
    this.#cancels.clear()
  }
}
