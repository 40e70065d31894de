import type { LogLevel } from '../contract/model.ts'
import type { Input } from '../rooms/inputs.ts'
import type { Store, StoreOp } from '../storage/store.ts'
import type { Clock } from './ports.ts'
import { Timers } from './timers.ts'

/** How much of the archive is kept in this browser; the rooms' own archives have the rest. */
export interface Retention {
  /** Messages of one room; 100,000 if left out. */
  readonly messages?: number
  /** Days; for ever if left out. */
  readonly days?: number
}

export interface RetentionWorld {
  readonly store: Store
  readonly clock: Clock
  /** A room's messages before a place are gone. */
  readonly happened: (room: string, input: Input) => void
  readonly onFull: () => void
  readonly log: (level: LogLevel, text: string) => void
}

const MOST = 100_000
const DAY_MS = 86_400_000
/** After the worker began, and then again and again. */
const FIRST_MS = 60_000
const EVERY_MS = 3_600_000
/** Where the disk is full, this part of the room that has the most goes. */
const PART = 4

/** Keeps the archive as small as it is to be, and makes room where the disk has none. */
export class Keeper {
  readonly #world: RetentionWorld
  readonly #retention: Retention
  readonly #timers: Timers
  #told = false

  constructor(world: RetentionWorld, retention: Retention) {
    this.#world = world
    this.#retention = retention
    this.#timers = new Timers(world.clock)
    this.#tidyIn(FIRST_MS)
  }

  /** Writes; where the disk is full, the oldest messages of the room that has the most make room for it. */
  async write(ops: readonly StoreOp[]): Promise<void> {
    try {
      await this.#world.store.write(ops)
    } catch (error) {
      if (!isFull(error)) throw error
      if (!this.#told) this.#world.onFull()
      this.#told = true
      if (!(await this.#makeRoom())) throw error
      await this.#world.store.write(ops)
    }
  }

  #tidyIn(ms: number): void {
    this.#timers.start('tidy', ms, () => {
      this.#tidy()
        .catch((error: unknown) => this.#world.log('error', `tidy the archive: ${String(error)}`))
        .finally(() => this.#tidyIn(EVERY_MS))
    })
  }

  async #tidy(): Promise<void> {
    const { messages = MOST, days } = this.#retention
    const sinceMs = days === undefined ? undefined : this.#world.clock.nowMs() - days * DAY_MS
    for (const { room, count } of await this.#world.store.sizes())
      if (count > messages || sinceMs !== undefined) await this.#trim(room, messages, sinceMs)
  }

  async #makeRoom(): Promise<boolean> {
    const sizes = await this.#world.store.sizes()
    const [largest] = sizes.sort((a, b) => b.count - a.count)
    if (!largest || largest.count < PART) return false
    await this.#trim(largest.room, largest.count - Math.ceil(largest.count / PART), undefined)
    return true
  }

  async #trim(room: string, keep: number, sinceMs: number | undefined): Promise<void> {
    const first = await this.#world.store.trim(room, keep, sinceMs)
    if (!first) return
    this.#world.log('info', `${room}: messages from before ${new Date(first.stampMs).toISOString()} are not kept here`)
    this.#world.happened(room, { on: 'trimmed', first })
  }
}

const isFull = (error: unknown): boolean => (error as { name?: unknown } | null)?.name === 'QuotaExceededError'
