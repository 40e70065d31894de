import type { PendingAmendment } from '../contract/api.ts'
import type { LogLevel } from '../contract/model.ts'
import type { Store } from '../storage/store.ts'
import type { CommitQueue } from './commit-queue.ts'

/** Of one room. Anybody can do something to messages that there never were. */
const MOST = 1000

export interface PendingWorld {
  readonly store: Store
  readonly commits: CommitQueue
  readonly log: (level: LogLevel, text: string) => void
}

/** What was done to messages that are not there yet: kept until they are, the newest of each room. */
export class Pending {
  readonly #world: PendingWorld
  /** How many there are, by room. */
  readonly #counts = new Map<string, number>()

  constructor(world: PendingWorld) {
    this.#world = world
  }

  /** To be called in turn. */
  async put(row: PendingAmendment): Promise<void> {
    const { store, commits, log } = this.#world
    const { room } = row
    let count = this.#counts.get(room) ?? (await store.amendments(room)).length
    if (count >= MOST) {
      const rows = (await store.amendments(room)).toSorted((a, b) => a.atMs - b.atMs)
      const old = rows.slice(0, rows.length - MOST / 2)
      log(
        'info',
        `${room}: ${old.length} corrections, retractions and reactions have found no message, and are forgotten`,
      )
      for (const each of old) commits.add({ forget: 'amendments', room, row: each })
      count = rows.length - old.length
    }
    commits.add({ put: 'amendment', row })
    this.#counts.set(room, count + 1)
  }

  forget(room: string, rows: readonly PendingAmendment[]): void {
    for (const row of rows) this.#world.commits.add({ forget: 'amendments', room, row })
    // Counted anew when the next one comes.
    this.#counts.delete(room)
  }
}
