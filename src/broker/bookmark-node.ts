import {
  type Bookmark,
  conferenceEl,
  fetchLegacyBookmarks,
  NS_BOOKMARKS,
  readBookmarkItem,
  readLegacyBookmarks,
  storeLegacyBookmarks,
} from '../protocol/xep-0402-bookmarks.ts'
import { type Ask, type PepError, PepNode } from './pep-node.ts'

/**
 * Where the account's bookmarks are on the server: a node of PEP (XEP-0402), or where the server has none, the one
 * piece in private storage (XEP-0048).
 */
export class BookmarkNode {
  readonly #ask: Ask
  readonly #newId: () => string
  readonly #node: PepNode
  #legacy = false

  constructor(ask: Ask, newId: () => string) {
    this.#ask = ask
    this.#newId = newId
    this.#node = new PepNode(ask, newId, NS_BOOKMARKS)
  }

  /** The bookmarks are those of old (XEP-0048). */
  get legacy(): boolean {
    return this.#legacy
  }

  /** All of them, or `undefined` where the server cannot say. */
  async read(): Promise<Bookmark[] | undefined> {
    const items = await this.#node.read()
    if (items === 'no-answer') return undefined
    this.#legacy = false
    if (Array.isArray(items)) return items.flatMap(readBookmarkItem)
    if (items.condition !== 'feature-not-implemented' && items.condition !== 'service-unavailable') return undefined
    const found = await this.#readLegacy()
    this.#legacy = found !== undefined
    return found?.bookmarks
  }

  /** @returns what went wrong; `undefined` for nothing */
  set(bookmark: Bookmark): Promise<PepError | undefined> {
    if (this.#legacy) return this.#writeLegacy(bookmark.room, bookmark)
    return this.#node.publish(bookmark.room, conferenceEl(bookmark))
  }

  remove(room: string): Promise<PepError | undefined> {
    return this.#legacy ? this.#writeLegacy(room, undefined) : this.#node.retract(room)
  }

  async #readLegacy(): Promise<ReturnType<typeof readLegacyBookmarks>> {
    const answer = await this.#ask(fetchLegacyBookmarks(this.#newId()))
    return answer?.attrs['type'] === 'result' ? readLegacyBookmarks(answer) : undefined
  }

  /** Read again just before: another client may have written since, and it is all one piece. */
  async #writeLegacy(room: string, bookmark: Bookmark | undefined): Promise<PepError | undefined> {
    const found = await this.#readLegacy()
    if (!found) return 'no-answer'
    return this.#node.done(storeLegacyBookmarks(this.#newId(), found.storage, room, bookmark))
  }
}
