import { computed, type ReadonlySignal, signal } from '@preact/signals'
import type { History, Message } from 'minimix-web'
import type { Entry } from './rows.ts'
import type { Talk } from './talk.ts'

/** At the live end; older ones are let go of, the archive has them. */
const KEPT = 500
/** As many as somebody may have scrolled back. */
const MOST = 3_000
const PAGE = 50

/** What was said and what happened, as this tab was told, and what somebody has scrolled back to. */
export class Timeline {
  /** Where the person is: at the live end, or somewhere before it. */
  readonly entries: ReadonlySignal<readonly Entry[]>
  readonly isLive: ReadonlySignal<boolean>
  /** Nothing is before the first entry. */
  readonly atStart: ReadonlySignal<boolean>
  readonly loading = signal(false)
  /** The first that came while nobody looked. */
  readonly unreadFrom = signal<string | undefined>(undefined)
  readonly #talk: Talk
  readonly #live = signal<readonly Entry[]>([])
  readonly #past = signal<readonly Entry[] | undefined>(undefined)
  readonly #liveAtStart = signal(false)
  readonly #pastAtStart = signal(false)
  #notices = 0

  constructor(talk: Talk, ended: AbortSignal) {
    this.#talk = talk
    this.entries = computed(() => this.#past.value ?? this.#live.value)
    this.isLive = computed(() => this.#past.value === undefined)
    this.atStart = computed(() => (this.isLive.value ? this.#liveAtStart : this.#pastAtStart).value)
    talk.on('message', (message) => this.add(message), { signal: ended })
    talk.on('message-updated', ({ message }) => this.#replace(message), { signal: ended })
  }

  /** A join tells the history anew. */
  clear(): void {
    this.#live.value = []
    this.#past.value = undefined
    this.#liveAtStart.value = false
  }

  /** @param isPrivate the archive does not have it */
  add(message: Message, isPrivate = false): void {
    this.#add({ kind: 'message', key: message.id, message, isPrivate })
  }

  notice(text: string): void {
    this.#add({ kind: 'notice', key: `notice ${this.#notices++}`, stampMs: Date.now(), text })
  }

  /** The message of that id, if it is in sight or was. */
  find(id: string): Message | undefined {
    return messageIn(this.entries.value, id) ?? messageIn(this.#live.value, id)
  }

  /** The message to which its sender gave that id: of two who talk, either is believed. */
  findByOrigin(id: string): Message | undefined {
    const messages = this.entries.value.map((entry) => (entry.kind === 'message' ? entry.message : undefined))
    return messages.find((message) => message?.originId === id)
  }

  /** What was said last, where nothing was told of it. @throws MinimixError */
  async latest(): Promise<void> {
    if (this.#liveAtStart.peek() || messageIds(this.#live.peek()).length >= PAGE) return
    await this.#load({}, ({ messages, atStart }) => {
      const live = new Set(this.#live.peek().map(({ key }) => key))
      this.#live.value = [...entriesOf(messages).filter(({ key }) => !live.has(key)), ...this.#live.peek()]
      this.#liveAtStart.value = atStart
    })
  }

  /** A page of what is before the first entry. @throws MinimixError */
  async older(): Promise<void> {
    const before = messageIds(this.entries.peek())[0]
    if (this.atStart.peek() || before === undefined) return
    await this.#load({ before }, ({ messages, atStart }) => {
      const entries = this.entries.peek()
      if (messageIds(entries)[0] !== before) return // somebody has gone elsewhere meanwhile
      const older = entriesOf(messages).filter(({ key }) => !entries.some((known) => known.key === key))
      const all = [...older, ...entries]
      // A page of nothing new is not asked for again.
      const isStart = atStart || older.length === 0
      if (this.isLive.peek()) {
        this.#live.value = all.slice(-MOST)
        this.#liveAtStart.value = isStart && all.length <= MOST
      } else {
        this.#past.value = all.slice(0, MOST)
        this.#pastAtStart.value = isStart
      }
    })
  }

  /** A page of what is behind the last entry, until the live end is reached. @throws MinimixError */
  async newer(): Promise<void> {
    const past = this.#past.peek()
    const after = past && messageIds(past).at(-1)
    if (!past || after === undefined) return
    await this.#load({ after }, ({ messages, atEnd }) => {
      if (this.#past.peek() !== past) return
      const live = new Set(this.#live.peek().map(({ key }) => key))
      const all = [...past, ...entriesOf(messages)]
      if (!atEnd && !messages.some(({ id }) => live.has(id))) this.#past.value = all.slice(-MOST)
      else {
        this.#live.value = [...all.filter(({ key }) => !live.has(key)), ...this.#live.peek()].slice(-MOST)
        this.#liveAtStart.value = this.#pastAtStart.peek() && this.#live.peek().length < MOST
        this.#past.value = undefined
      }
    })
  }

  /** Has the message of that id among the entries. @throws MinimixError where there is none */
  async show(id: string): Promise<void> {
    if (messageIn(this.entries.peek(), id)) return
    if (messageIn(this.#live.peek(), id)) this.#past.value = undefined
    else
      await this.#load({ around: id }, ({ messages, atStart, atEnd }) => {
        this.#past.value = entriesOf(messages)
        this.#pastAtStart.value = atStart
        if (atEnd && this.#live.peek().length === 0) {
          this.#live.value = entriesOf(messages)
          this.#past.value = undefined
        }
      })
  }

  /** Back to what is said now; what was loaded beside it is let go of. */
  toLive(): void {
    this.#past.value = undefined
    if (this.#live.value.length <= KEPT) return
    this.#live.value = this.#live.value.slice(-KEPT)
    this.#liveAtStart.value = false
  }

  async #load(
    at: { readonly before?: string; readonly after?: string; readonly around?: string },
    take: (page: History) => void,
  ): Promise<void> {
    if (this.loading.peek()) return
    this.loading.value = true
    try {
      take(await this.#talk.history({ ...at, limit: PAGE }))
    } finally {
      this.loading.value = false
    }
  }

  #add(entry: Entry): void {
    const others = this.#live.value.filter(({ key }) => key !== entry.key)
    const all = [...others, entry]
    // Who has scrolled back keeps what is above.
    const most = this.#live.value.length > KEPT ? MOST : KEPT
    if (all.length > most) this.#liveAtStart.value = false
    this.#live.value = all.slice(-most)
  }

  #replace(message: Message): void {
    const replaced = (entries: readonly Entry[]): readonly Entry[] =>
      entries.map((entry) =>
        entry.kind === 'message' && isSame(entry.message, message) ? { ...entry, message } : entry,
      )
    this.#live.value = replaced(this.#live.value)
    if (this.#past.value) this.#past.value = replaced(this.#past.value)
  }
}

const entriesOf = (messages: readonly Message[]): readonly Entry[] =>
  messages.map((message) => ({ kind: 'message', key: message.id, message }))

const messageIds = (entries: readonly Entry[]): readonly string[] =>
  entries.flatMap((entry) => (entry.kind === 'message' && !entry.isPrivate ? [entry.message.id] : []))

function messageIn(entries: readonly Entry[], id: string): Message | undefined {
  for (const entry of entries) if (entry.kind === 'message' && entry.message.id === id) return entry.message
  return undefined
}

/** A message of ours has another id once the room has given it one; others can say that theirs began as ours. */
function isSame(known: Message, news: Message): boolean {
  return (
    known.id === news.id || (known.own && news.own && news.originId !== undefined && known.originId === news.originId)
  )
}
