import type { SharedMessage, TabEvent } from '../contract/api.ts'
import type { LogLevel } from '../contract/model.ts'
import type { Effect } from '../rooms/effects.ts'
import type { Edge } from '../rooms/gaps.ts'
import type { Room } from '../rooms/room.ts'
import type { Store } from '../storage/store.ts'
import type { CommitQueue } from './commit-queue.ts'

/** What is kept of a chat beside its messages. */
interface ChatRow {
  readonly newest: SharedMessage | undefined
  readonly unread: number
  /** Something is to go out. */
  readonly waits: boolean
  /** The account has said something there. */
  readonly answers: boolean
  /** How often something had been missed for good when that was last looked at. */
  readonly breaks: number
}

/** How far the account's archive is known. */
interface KnownRow {
  /** All up to this message is known, in all chats. */
  readonly upTo: Edge | undefined
  readonly breaks: number
}

/** What strangers say costs a row each. */
const MOST = 1000
/** Plug-ins have names of their own. */
const PART = 'account.chats'
/** The row of all of them together. */
const ALL = ''

export interface ChatListWorld {
  readonly store: Pick<Store, 'allKept'>
  readonly commits: CommitQueue
  readonly announce: (events: readonly TabEvent[]) => void
  readonly log: (level: LogLevel, text: string) => void
}

/** The conversations that there are: what of them every tab is told, and what the next worker must know. */
export class ChatList {
  /** The store has been asked. */
  readonly ready: Promise<void>
  readonly #world: ChatListWorld
  readonly #rows = new Map<string, ChatRow>()
  #known: KnownRow | undefined

  constructor(world: ChatListWorld) {
    this.#world = world
    this.ready = this.#read()
  }

  async #read(): Promise<void> {
    try {
      for (const [jid, row] of await this.#world.store.allKept(PART)) {
        // Nobody else writes there.
        if (jid === ALL) this.#known = row as KnownRow
        else this.#rows.set(jid, row as ChatRow)
      }
    } catch (error) {
      this.#world.log('error', `chats: the archive cannot be read (${String(error)}); going on without it`)
    }
    this.#world.announce(this.told)
  }

  get told(): readonly TabEvent[] {
    const listed = [...this.#rows].filter(([, { newest }]) => newest !== undefined)
    const unread = listed.filter(([, row]) => row.unread > 0)
    if (listed.length === 0) return []
    return [
      { kind: 'chats', chats: listed.map(([jid, row]) => summary(jid, row)) },
      ...unread.map(([room, row]) => ({ kind: 'unread', room, unread: row.unread, mentions: 0 }) as const),
    ]
  }

  /** Those where something is to go out. */
  get waiting(): readonly string[] {
    return [...this.#rows].flatMap(([jid, { waits }]) => (waits ? [jid] : []))
  }

  /** The archive was looked into before. */
  get hasLooked(): boolean {
    return this.#known !== undefined
  }

  get upTo(): Edge | undefined {
    return this.#known?.upTo
  }

  has(jid: string): boolean {
    return this.#rows.has(jid)
  }

  unreadIn(jid: string): number {
    return this.#rows.get(jid)?.unread ?? 0
  }

  answers(jid: string): boolean {
    return this.#rows.get(jid)?.answers ?? false
  }

  /** Something was missed for good since that chat was last looked at. */
  hasBroken(jid: string): boolean {
    const row = this.#rows.get(jid)
    return row !== undefined && row.breaks < this.#breaks
  }

  get #breaks(): number {
    return this.#known?.breaks ?? 0
  }

  /** All up to there is known; `broken`: but for what was missed for good by now. */
  knowUpTo(upTo: Edge | undefined, broken = false): void {
    if (!broken && this.#known && this.#known.upTo?.id === upTo?.id) return
    this.#known = { upTo, breaks: this.#breaks + (broken ? 1 : 0) }
    this.#world.commits.add({ put: 'kept', part: PART, key: ALL, value: this.#known })
  }

  /** A step of that chat has had these effects. */
  note({ jid, unread: { count: unread }, sending, loaded }: Room, effects: readonly Effect[]): void {
    const was = this.#rows.get(jid)
    let { newest, answers = false } = was ?? { newest: undefined }
    for (const effect of effects) {
      if (effect.do !== 'append') continue
      answers ||= effect.message.own
      if (!newest || effect.message.order >= newest.order) newest = effect.message
    }
    const row: ChatRow = { newest, unread, waits: sending.size > 0, answers, breaks: this.#breaks }
    if (!loaded || (!was && !newest && !row.waits) || (was && isSame(was, row))) return
    this.#rows.set(jid, row)
    this.#world.commits.add({ put: 'kept', part: PART, key: jid, value: row })
    if (newest && (newest !== was?.newest || unread !== was.unread))
      this.#world.announce([{ kind: 'chats', chats: [summary(jid, row)] }])
    this.#forgetOldest(jid)
  }

  #forgetOldest(but: string): void {
    if (this.#rows.size <= MOST) return
    const age = ([, { newest, waits }]: [string, ChatRow]): number => (waits ? Infinity : (newest?.stampMs ?? 0))
    const [oldest] = [...this.#rows].filter(([jid]) => jid !== but).sort((a, b) => age(a) - age(b))
    if (!oldest) return
    this.#rows.delete(oldest[0])
    this.#world.commits.add({ put: 'kept', part: PART, key: oldest[0], value: undefined })
  }
}

const summary = (jid: string, { unread, newest }: ChatRow) => ({ jid, unread, ...(newest && { newest }) })

function isSame(a: ChatRow, b: ChatRow): boolean {
  return (
    a.newest === b.newest &&
    a.unread === b.unread &&
    a.waits === b.waits &&
    a.answers === b.answers &&
    a.breaks === b.breaks
  )
}
