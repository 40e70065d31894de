import type { TabEvent } from '../contract/api.ts'
import type { Clock, EventPort } from './ports.ts'

/** Events in one batch, at the most. */
const BATCH = 128
/** Events that may be on their way to a tab before it has acknowledged any. */
const WINDOW = 1024
/** A tab gets at most one batch in so many milliseconds, unless a batch is full: a message alone is not held back. */
const PAUSE_MS = 8

/** Events that may wait for a tab that does not listen: a frozen one must not cost more the longer it sleeps. */
const MOST = 4_096
/** What a tab learns anew when it is shown its rooms, and the account, as they are then. */
const SHOWN_ANEW: ReadonlySet<TabEvent['kind']> = new Set([
  'room-joined',
  'message',
  'occupant-joined',
  'occupant-left',
  'occupant-changed',
  'nick-changed',
  'subject',
  'unread',
  'interrupted',
  'resumed',
  'status',
  'presence',
  'memberships',
  'chats',
  'stanza',
])

/** Is read when its turn has come: what it gives goes out before what is behind it, and may end with more to read. */
export interface Reading {
  readonly read: () => Promise<readonly (TabEvent | Reading)[]>
}

type Item = TabEvent | Reading | ((afterSeq: number) => void)

/**
 * The events of one tab, in order, in batches.
 *
 * Events may have to be read from the store: those behind them wait, no other tab does. A marker (a function) runs when
 * all before it has been posted, with the number of the last event.
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
  /** What has come for a tab since it fell behind, but for what it will be shown. */
  #behind: TabEvent[] | undefined
  /** By room the place of the last message that was posted. */
  readonly #told = new Map<string, number>()
  readonly #onBack: () => void

  /** @param onBack the tab had fallen behind, and has handled all that was posted: it is to be shown its rooms, and to go on */
  constructor(id: string, instance: string, port: EventPort, clock: Clock, onBack: () => void) {
    this.#onBack = onBack
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
    if (this.#behind) {
      this.#keep(item, this.#behind)
      return
    }
    this.#items.push(item)
    if (this.#items.length > MOST) {
      this.#fallBehind()
      return
    }
    if (this.#waiting) return
    if (this.#items.length >= BATCH) this.#flush()
    else this.#schedule()
  }

  acknowledge(seq: number): void {
    if (!(seq > this.#acked && seq < this.#nextSeq)) return
    this.#acked = seq
    if (this.#behind) this.#comeBack()
    else if (!this.#waiting) this.#flush()
  }

  /** The place of the last message of a room that the tab was told. */
  told(room: string): number | undefined {
    return this.#told.get(room)
  }

  /** What comes from here on is posted again. */
  goOn(): void {
    if (!this.#behind) return
    this.#items = this.#behind
    this.#behind = undefined
    if (!this.#waiting) this.#flush()
  }

  #fallBehind(): void {
    const behind: TabEvent[] = []
    for (const item of this.#items) this.#keep(item, behind)
    this.#items = []
    this.#behind = behind
    // It may have been the store that was slow, and not the tab.
    queueMicrotask(() => this.#comeBack())
  }

  #comeBack(): void {
    if (this.#behind && !this.#closed && this.#acked === this.#nextSeq - 1) this.#onBack()
  }

  /** A call is answered all the same. What is shown anew is left out, and of that which is not there is a limit, too. */
  #keep(item: Item, kept: TabEvent[]): void {
    if (typeof item === 'function') item(this.#nextSeq - 1)
    else if (!('read' in item) && !SHOWN_ANEW.has(item.kind)) {
      kept.push(item)
      if (kept.length > MOST) kept.shift()
    }
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Nothing more is posted; markers still run, so that no call stays open. */
  close(): void {
    this.#closed = true
    for (const item of this.#items) if (typeof item === 'function') item(this.#nextSeq - 1)
    this.#items = []
  }

  /** For `inspect()`. */
  get figures() {
    return {
      suspended: this.#closed,
      fallenBehind: this.#behind !== undefined,
      nextSeq: this.#nextSeq,
      ackedSeq: this.#acked,
      queued: (this.#behind ?? this.#items).length,
    }
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
      } else if ('read' in item) {
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
    for (const event of events) {
      if (event.kind === 'message') this.#told.set(event.message.room, event.message.order)
      else if (event.kind === 'room-joined') this.#told.set(event.room, event.before - 1)
    }
    try {
      this.#port.post({ instance: this.#instance, seq, events })
    } catch {
      // The port is dead, or the events cannot be copied: this tab hears no more, the others do.
      this.close()
    }
    this.#postedAtMs = this.#clock.nowMs()
    return []
  }

  #wait({ read }: Reading): void {
    this.#waiting = true
    const go = (found: readonly Item[]): void => {
      this.#waiting = false
      if (this.#closed || this.#behind) return
      this.#items.unshift(...found)
      this.#flush()
    }
    read().then(go, () => go([]))
  }
}
