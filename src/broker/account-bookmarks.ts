import {
  type BookmarkEffect,
  type Bookmarks,
  bookmarksChanged,
  bookmarksRead,
  NO_BOOKMARKS,
  newSession,
  suppressed,
} from '../account/bookmarks.ts'
import type { TabEvent } from '../contract/api.ts'
import { type Failure, failure } from '../contract/errors.ts'
import type { LogLevel } from '../contract/model.ts'
import {
  type Bookmark,
  type BookmarkChange,
  isLegacyBookmarkEvent,
  readBookmarkEvent,
} from '../protocol/xep-0402-bookmarks.ts'
import type { XmlNode } from '../protocol/xml.ts'
import type { Input } from '../rooms/inputs.ts'
import type { Store } from '../storage/store.ts'
import { BookmarkNode } from './bookmark-node.ts'
import type { CommitQueue } from './commit-queue.ts'
import type { Ask } from './pep-node.ts'

export interface BookmarksWorld {
  readonly ownJid: () => string
  readonly ask: Ask
  readonly newId: () => string
  readonly announce: (event: TabEvent) => void
  readonly stepRoom: (room: string, input: Input) => void
  readonly suppressed: SuppressedRooms
  readonly log: (level: LogLevel, text: string) => void
}

/** The rooms that threw us out in this session, for the worker that goes on with it. */
export interface SuppressedRooms {
  load(): Promise<readonly string[]>
  save(rooms: readonly string[]): void
}

/** No plug-in has that name. */
const PART = ''

export function suppressedRooms(store: Pick<Store, 'kept'>, commits: Pick<CommitQueue, 'add'>): SuppressedRooms {
  return {
    async load() {
      const rooms = await store.kept(PART, 'suppressed').catch(() => undefined) // none is the worse only by a join
      return Array.isArray(rooms) ? rooms.filter((room) => typeof room === 'string') : []
    },
    save: (rooms) => commits.add({ put: 'kept', part: PART, key: 'suppressed', value: rooms }),
  }
}

const NOT_READ = failure('offline', 'bookmarks: not read yet')

/** The account's bookmarks, and what they ask of its rooms. */
export class AccountBookmarks {
  readonly #world: BookmarksWorld
  readonly #node: BookmarkNode
  #bookmarks: Bookmarks = NO_BOOKMARKS
  /** Ends with the reading that is under way: who asks meanwhile waits for it. */
  #reading: Promise<void> = Promise.resolve()

  constructor(world: BookmarksWorld) {
    this.#world = world
    this.#node = new BookmarkNode(world.ask, world.newId)
  }

  /** A session has begun, or another worker's goes on here: of that the rooms that threw us out stay closed. */
  online(how: 'new' | 'restored'): void {
    const { suppressed } = this.#world
    this.#bookmarks = newSession(this.#bookmarks)
    if (how === 'new') suppressed.save([])
    this.#reading = how === 'new' ? this.#read() : suppressed.load().then((rooms) => this.#restored(rooms))
  }

  async #restored(rooms: readonly string[]): Promise<void> {
    for (const room of rooms) this.#bookmarks = suppressed(this.#bookmarks, room)
    await this.#read()
  }

  /** By room, as far as they are known. */
  get known(): ReadonlyMap<string, Bookmark> {
    return this.#bookmarks.known
  }

  /** An event of the account's own node. @returns whether it is one of these */
  event(stanza: XmlNode): boolean {
    const changes = readBookmarkEvent(stanza)
    if (changes.length > 0) this.#changed(changes)
    else if (isLegacyBookmarkEvent(stanza) && this.#node.legacy) this.#reading = this.#read()
    else return false
    return true
  }

  async list(): Promise<readonly Bookmark[] | { readonly error: Failure }> {
    await this.#reading
    return this.#bookmarks.complete ? [...this.#bookmarks.known.values()] : { error: NOT_READ }
  }

  /** Published once; what it asks of the rooms is done when the server has it, by whichever comes first, echo or answer. */
  async set(bookmark: Bookmark): Promise<Failure | undefined> {
    await this.#reading
    // What other clients keep with a bookmark stays with it.
    const extensions = bookmark.extensions ?? this.#bookmarks.known.get(bookmark.room)?.extensions
    const whole = { ...bookmark, ...(extensions && { extensions }) }
    return this.#written(await this.#node.set(whole), { set: whole })
  }

  async remove(room: string): Promise<Failure | undefined> {
    return this.#written(await this.#node.remove(room), { removed: room })
  }

  /** We were thrown out, or left for good: the bookmark must not bring us back. */
  stopAutojoin(room: string, how: 'for-now' | 'for-good'): void {
    this.#bookmarks = suppressed(this.#bookmarks, room)
    this.#world.suppressed.save([...this.#bookmarks.suppressed])
    const bookmark = this.#bookmarks.known.get(room)
    if (how === 'for-good' && bookmark?.autojoin) void this.set({ ...bookmark, autojoin: false })
  }

  /** The person wants to be in after all. */
  wanted(room: string): void {
    const next = new Set(this.#bookmarks.suppressed)
    if (!next.delete(room)) return
    this.#bookmarks = { ...this.#bookmarks, suppressed: next }
    this.#world.suppressed.save([...next])
  }

  async #read(): Promise<void> {
    const read = await this.#node.read()
    if (!read) {
      this.#world.log('info', 'bookmarks: the server cannot say; none is changed')
      return
    }
    const [next, effects] = bookmarksRead(this.#bookmarks, read)
    this.#bookmarks = next
    this.#perform(effects)
  }

  #changed(changes: readonly BookmarkChange[]): void {
    const [next, effects] = bookmarksChanged(this.#bookmarks, changes)
    this.#bookmarks = next
    this.#perform(effects)
  }

  #perform(effects: readonly BookmarkEffect[]): void {
    const { ownJid, announce, stepRoom } = this.#world
    for (const effect of effects) {
      if (effect.do === 'let-go') stepRoom(effect.room, { on: 'kept', kept: undefined })
      else if (effect.do === 'keep') {
        const nick = effect.nick ?? localOf(ownJid())
        stepRoom(effect.room, { on: 'kept', kept: { nick, password: effect.password } })
      } else if ('set' in effect.change)
        announce({ kind: 'bookmark', room: effect.change.set.room, bookmark: effect.change.set })
      else if ('removed' in effect.change) announce({ kind: 'bookmark', room: effect.change.removed })
    }
  }

  #written(error: Awaited<ReturnType<BookmarkNode['set']>>, change: BookmarkChange): Failure | undefined {
    if (error === 'no-answer') return failure('timeout', 'bookmarks: no answer')
    if (error) {
      const { condition, text } = error
      return failure('stanza-error', `bookmarks: ${condition}`, { condition, ...(text !== undefined && { text }) })
    }
    this.#changed([change])
    return undefined
  }
}

const localOf = (bareJid: string): string => bareJid.slice(0, bareJid.indexOf('@'))
