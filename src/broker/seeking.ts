import { marked } from '../chats/marks.ts'
import type { PendingAmendment, SharedMessage } from '../contract/api.ts'
import type { LogLevel } from '../contract/model.ts'
import { amended, withChange } from '../rooms/amendments.ts'
import type { ChatMark, Effect } from '../rooms/effects.ts'
import type { Input } from '../rooms/inputs.ts'
import type { Store } from '../storage/store.ts'
import type { CommitQueue } from './commit-queue.ts'
import { Pending } from './pending.ts'
import type { Clock } from './ports.ts'
import { EVERYWHERE } from './room-reading.ts'
import type { InTurn } from './turns.ts'

/** How far back a message is looked for that somebody corrects: it is to be their last. */
export const CORRECTABLE = 500

/** The part of the store for what is being looked for. Plug-ins have names of their own. */
const PART = 'account.seeking'

export interface SeekingWorld {
  readonly store: Store
  readonly commits: CommitQueue
  readonly inTurn: InTurn
  readonly clock: Pick<Clock, 'newId' | 'nowMs'>
  /** Whether there is such a room or chat to tell. */
  readonly isOpen: (roomJid: string) => boolean
  readonly happened: (roomJid: string, input: Input) => void
  readonly log: (level: LogLevel, text: string) => void
}

type Amend = Omit<Extract<Effect, { do: 'amend' }>, 'do'>

/** What says something of an earlier message, as the store keeps it until that message has been looked for. */
type Sought = {
  /** They are dealt with in the order in which they came. */
  readonly n: number
} & (
  | { readonly amendment: PendingAmendment; readonly isChat: boolean }
  | { readonly room: string; readonly mark: ChatMark }
)

/**
 * Looks in the store for the messages that something was done to.
 *
 * The stanza that says so counts as handled meanwhile (XEP-0198 section 4): it is stored at once, with all that came with
 * it, and stays until its message is. A worker that dies between leaves it to the next one.
 */
export class Seeking {
  readonly #world: SeekingWorld
  readonly #pending: Pending
  #count = 0

  constructor(world: SeekingWorld) {
    this.#world = world
    this.#pending = new Pending(world)
  }

  /** The message comes back as an input of the room; one that is not there may come by the archive yet. */
  amend(amend: Amend, isChat: boolean): void {
    const { amendment } = amend
    const key = this.#keep({ n: this.#count++, amendment, isChat })
    this.#inTurn(() => this.#amend(amend, isChat, key))
  }

  /** A message of ours to one person comes back with what became of it, where that is news. */
  mark(room: string, mark: ChatMark): void {
    const key = this.#keep({ n: this.#count++, room, mark })
    this.#inTurn(() => this.#mark(room, mark, key))
  }

  /** These have found their messages. */
  forget(room: string, amendments: readonly PendingAmendment[]): void {
    this.#pending.forget(room, amendments)
  }

  /** What the worker before was about to do. To be called before anything is read of rooms: none is told of it. */
  async restore(): Promise<void> {
    const { store, inTurn, log } = this.#world
    try {
      const left = [...(await store.allKept(PART))] as [string, Sought][]
      for (const [key, sought] of left.toSorted(([, a], [, b]) => a.n - b.n))
        await inTurn(() => this.#restoreOne(key, sought))
    } catch (error) {
      log('error', `what was done to messages just before the end cannot be read (${String(error)})`)
    }
  }

  async #restoreOne(key: string, sought: Sought): Promise<void> {
    if ('mark' in sought) {
      const now = await this.#marked(sought.room, sought.mark)
      if (now) this.#put(now)
    } else {
      const { amendment, isChat } = sought
      const { was, now, mayCome } = await this.#amended(amendment, isChat)
      if (now && now !== was) this.#putAmended(now, amendment)
      if (mayCome) await this.#pending.put(amendment)
    }
    this.#done(key)
  }

  async #amend({ amendment, call, about: id }: Amend, isChat: boolean, key: string): Promise<void> {
    const { happened, isOpen, log } = this.#world
    const { room, kind, target } = amendment
    const about = { kind, target: id ?? target, call }
    try {
      const { was, now, mayCome } = await this.#amended(amendment, isChat)
      if (mayCome) await this.#pending.put(amendment)
      if (isOpen(room) && (now || call !== undefined))
        happened(room, { on: 'amended', ...about, message: now, changed: now !== was, forget: { part: PART, key } })
      else {
        if (now && now !== was) this.#putAmended(now, amendment)
        this.#done(key)
      }
    } catch (error) {
      log('error', `${kind} in ${room}: the archive cannot be read (${String(error)})`)
      if (call !== undefined) happened(room, { on: 'amended', ...about, message: undefined, changed: false })
    }
  }

  async #mark(room: string, mark: ChatMark, key: string): Promise<void> {
    const { happened, isOpen, log } = this.#world
    try {
      const message = await this.#marked(room, mark)
      if (message && isOpen(room)) happened(room, { on: 'marked', message, forget: { part: PART, key } })
      else {
        if (message) this.#put(message)
        this.#done(key)
      }
    } catch (error) {
      log('error', `${mark.is} in ${room}: the archive cannot be read (${String(error)})`)
    }
  }

  async #amended(amendment: PendingAmendment, isChat: boolean) {
    const { store } = this.#world
    const { room, kind, target } = amendment
    // By the word of its sender no message can be looked up.
    const isFar = kind === 'correction' || isChat
    const found = isFar
      ? await store.newest({ room, ...EVERYWHERE }, CORRECTABLE)
      : [(await store.find(room, target)) ?? []].flat()
    const was = found.findLast((each) => amended(each, amendment))
    const now = was && amended(was, amendment)
    // One that is there, and not theirs to change, stays as it is.
    return { was, now, mayCome: !now && (isFar || found.length === 0) }
  }

  async #marked(room: string, mark: ChatMark): Promise<SharedMessage | undefined> {
    const near = await this.#world.store.newest({ room, ...EVERYWHERE }, CORRECTABLE)
    const message = near.findLast(({ own, originId }) => own && originId === mark.target)
    return message && marked(message, mark)
  }

  #put(row: SharedMessage): void {
    this.#world.commits.add({ put: 'message', row })
  }

  #putAmended(message: SharedMessage, { kind }: PendingAmendment): void {
    this.#put(withChange(message, kind, this.#world.clock.nowMs()))
  }

  #keep(value: Sought): string {
    const key = this.#world.clock.newId()
    this.#world.commits.add({ put: 'kept', part: PART, key, value })
    return key
  }

  #done(key: string): void {
    this.#world.commits.add({ put: 'kept', part: PART, key, value: undefined })
  }

  #inTurn(work: () => Promise<void>): void {
    const { commits, inTurn } = this.#world
    commits.after(() => void inTurn(work))
  }
}
