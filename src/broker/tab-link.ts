import type { TabEvent } from '../contract/api.ts'
import type { Clock, EventPort } from './ports.ts'

/** Events in one batch, at the most. */
const BATCH = 128
/** Events that may be on their way to a tab before it has acknowledged any. */
const WINDOW = 1024
/** A tab gets at most one batch in so many milliseconds, unless a batch is full: a message alone is not held back. */
const PAUSE_MS = 8

type Item = TabEvent | Promise<TabEvent | undefined> | ((afterSeq: number) => void)

/**
 * The events of one tab, in order, in batches.
 *
 * An event may still be on its way from the store (a promise): those behind it wait, no other tab does. A marker (a
 * function) runs when all before it has been posted, with the number of the last event.
 */
export class TabLink {
  readonly id: string
  readonly #instance: string
  readonly #port: EventPort
  readonly #clock: Clock
  #items: Item[] = []
  #nextSeq = 1
  #acked = 0
  #postedAtMs = 0
  #scheduled = false
  #waiting = false
  #closed = false

  constructor(id: string, instance: string, port: EventPort, clock: Clock) {
    this.id = id
    this.#instance = instance
    this.#port = port
    this.#clock = clock
  }

  push(item: Item): void {
    if (this.#closed) {
      if (typeof item === 'function') item(this.#nextSeq - 1)
      return
    }
    this.#items.push(item)
    if (this.#waiting) return
    if (this.#items.length >= BATCH) this.#flush()
    else this.#schedule()
  }

  acknowledge(seq: number): void {
    if (!(seq > this.#acked && seq < this.#nextSeq)) return
    this.#acked = seq
    if (!this.#waiting) this.#flush()
  }

  /** Nothing more is posted; markers still run, so that no call stays open. */
  close(): void {
    this.#closed = true
    for (const item of this.#items) if (typeof item === 'function') item(this.#nextSeq - 1)
    this.#items = []
  }

  get figures(): { nextSeq: number; ackedSeq: number; queued: number } {
    return { nextSeq: this.#nextSeq, ackedSeq: this.#acked, queued: this.#items.length }
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    const flush = (): void => {
      this.#scheduled = false
      if (!this.#waiting) this.#flush()
    }
    // A clock that is set back must not hold anything for longer.
    const pauseMs = Math.min(PAUSE_MS, this.#postedAtMs + PAUSE_MS - this.#clock.nowMs())
    if (pauseMs > 0) this.#clock.after(pauseMs, flush)
    else queueMicrotask(flush)
  }

  #flush(): void {
    let batch: TabEvent[] = []
    let taken = 0
    for (const item of this.#items) {
      if (typeof item === 'function') {
        batch = this.#post(batch)
        item(this.#nextSeq - 1)
      } else if (item instanceof Promise) {
        this.#wait(item)
        taken++
        break
      } else {
        if (this.#nextSeq + batch.length - this.#acked > WINDOW) break
        batch.push(item)
        if (batch.length === BATCH) batch = this.#post(batch)
      }
      taken++
    }
    this.#post(batch)
    this.#items.splice(0, taken)
  }

  #post(events: TabEvent[]): TabEvent[] {
    if (events.length === 0) return events
    const seq = this.#nextSeq
    this.#nextSeq += events.length
    try {
      this.#port.post({ instance: this.#instance, seq, events })
    } catch {
      // The port is dead, or the events cannot be copied: this tab hears no more, the others do.
      this.close()
    }
    this.#postedAtMs = this.#clock.nowMs()
    return []
  }

  #wait(event: Promise<TabEvent | undefined>): void {
    this.#waiting = true
    const go = (found: TabEvent | undefined): void => {
      this.#waiting = false
      if (this.#closed) return
      if (found) this.#items.unshift(found)
      this.#flush()
    }
    event.then(go, () => go(undefined))
  }
}
