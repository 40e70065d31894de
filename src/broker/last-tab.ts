import type { SignIn } from '../contract/api.ts'
import type { Tabs } from './tabs.ts'
import type { Timers } from './timers.ts'

/** After the last tab is gone, until the person's wish for that case is carried out: a reload takes less. */
const WAIT_MS: Readonly<Record<SignIn['onLastTab'], number>> = { linger: 12_000, leave: 1_500, 'leave-at-once': 0 }

/** What becomes of the session when no tab is left that hears anything. */
export class LastTab {
  readonly #tabs: Tabs
  readonly #timers: Timers
  readonly #happened: () => void
  /** Of the tab that signed in last. */
  wish: SignIn['onLastTab'] = 'linger'

  /** @param happened puts on the broker's queue that nobody came back in time */
  constructor(tabs: Tabs, timers: Timers, happened: () => void) {
    this.#tabs = tabs
    this.#timers = timers
    this.#happened = happened
  }

  came(): void {
    this.#timers.stop('nobody')
  }

  went(): void {
    if (!this.#tabs.anyHears) this.#timers.start('nobody', WAIT_MS[this.wish], this.#happened)
  }

  /** `linger` leaves the session to the worker's end and the server's patience. */
  get ends(): boolean {
    return !this.#tabs.anyHears && this.wish !== 'linger'
  }
}
