import { type Message, MinimixError, type Room } from '../index.ts'
import { Subscribers } from './snapshots.ts'

/** What `useMessages` gives. */
export interface ShownMessages {
  /** Oldest first. */
  readonly messages: readonly Message[]
  /** Nothing is before the first. */
  readonly atStart: boolean
  /** A page is being read. */
  readonly loading: boolean
  /** Why the last page could not be read. */
  readonly error: MinimixError | undefined
  /** Reads the page before the first message; ends when it is there, or could not be read. */
  readonly loadOlder: () => Promise<void>
}

export const NO_MESSAGES: ShownMessages = {
  messages: [],
  atStart: false,
  loading: false,
  error: undefined,
  loadOlder: () => Promise.resolve(),
}

/** With more than that each one that comes takes the place of the oldest, which can be read again. */
const MOST = 5_000

/** A stretch of a room's messages that ends with the newest one, as long as somebody looks at it. */
export class MessageList {
  readonly #room: Room
  readonly #limit: number
  readonly #most: number
  readonly #subscribers: Subscribers
  /** By id, oldest first. */
  #messages = new Map<string, Message>()
  #life = new AbortController()
  #atStart = false
  #loaded = false
  #loading: Promise<void> | undefined
  #error: MinimixError | undefined
  #snapshot: ShownMessages | undefined

  constructor(room: Room, limit: number, most = MOST) {
    if (!Number.isInteger(limit) || limit < 1 || limit > 500)
      throw new TypeError('useMessages(…, { limit }) must be a whole number from 1 to 500')
    this.#room = room
    this.#limit = limit
    this.#most = most
    this.#subscribers = new Subscribers(
      () => this.#begin(),
      () => this.#life.abort(),
    )
  }

  readonly subscribe = (listener: () => void): (() => void) => this.#subscribers.add(listener)

  snapshot(): ShownMessages {
    this.#snapshot ??= {
      messages: [...this.#messages.values()],
      atStart: this.#atStart,
      loading: this.#loading !== undefined,
      error: this.#error,
      loadOlder: this.#loadOlder,
    }
    return this.#snapshot
  }

  #begin(): void {
    this.#life = new AbortController()
    const { signal } = this.#life
    this.#room.on('joined', () => this.#enter(), { signal })
    this.#room.on('message', (message) => this.#add(message), { signal })
    this.#room.on('message-updated', ({ message }) => this.#update(message), { signal })
    this.#room.on('resumed', () => this.#loaded || this.#enter(), { signal })
    if (this.#room.state === 'in' || this.#room.state === 'interrupted') this.#enter()
  }

  /** Of what was there before nobody knows whether it goes on with what comes now. */
  #enter(): void {
    this.#messages = new Map()
    this.#atStart = false
    this.#loaded = false
    this.#loading = undefined
    this.#read()
  }

  #add(message: Message): void {
    this.#messages.set(message.id, message)
    const [oldest] = this.#messages.keys()
    if (this.#messages.size > this.#most && oldest !== undefined) {
      this.#messages.delete(oldest)
      this.#atStart = false
    }
    this.#changed()
  }

  #update(message: Message): void {
    if (!this.#messages.has(message.id)) return
    this.#messages.set(message.id, message)
    this.#changed()
  }

  readonly #loadOlder = (): Promise<void> => {
    if (this.#loading) return this.#loading
    const [oldest] = this.#messages.keys()
    return this.#atStart || this.#life.signal.aborted
      ? Promise.resolve()
      : this.#read(this.#loaded ? oldest : undefined)
  }

  /** The newest page, or the one before that message. */
  #read(before?: string): Promise<void> {
    const messages = this.#messages
    const { signal } = this.#life
    const isOver = (): boolean => signal.aborted || messages !== this.#messages
    const reading = this.#room.history({ limit: this.#limit, ...(before !== undefined && { before }) }).then(
      (page) => {
        if (isOver()) return
        this.#loaded = true
        this.#place(page.messages, page.atStart)
        this.#end(undefined)
      },
      (error: unknown) => {
        if (!(error instanceof MinimixError)) throw error
        if (!isOver()) this.#end(error)
      },
    )
    this.#loading = reading
    this.#changed()
    return reading
  }

  #end(error: MinimixError | undefined): void {
    this.#loading = undefined
    this.#error = error
    this.#changed()
  }

  /**
   * A page has its place before what is known, and may have some of that. What was told is as new as what was read, or
   * newer.
   */
  #place(page: readonly Message[], atStart: boolean): void {
    const known = [...this.#messages.values()]
    const inPage = new Set(page.map(({ id }) => id))
    const common = known.findIndex(({ id }) => inPage.has(id))
    const older = common === -1 ? [] : known.slice(0, common)
    const ordered = [...older, ...page, ...known.slice(older.length)]
    this.#messages.clear()
    for (const message of ordered) this.#messages.set(message.id, message)
    this.#atStart = atStart
  }

  #changed(): void {
    this.#snapshot = undefined
    this.#subscribers.tell()
  }
}
