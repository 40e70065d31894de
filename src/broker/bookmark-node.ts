import { readStanzaError, type StanzaError } from '../protocol/stanza-error.ts'
import {
  type Bookmark,
  configureBookmarkNode,
  createBookmarkNode,
  fetchBookmarks,
  fetchLegacyBookmarks,
  publishBookmark,
  readBookmarks,
  readLegacyBookmarks,
  retractBookmark,
  storeLegacyBookmarks,
} from '../protocol/xep-0402-bookmarks.ts'
import type { XmlNode } from '../protocol/xml.ts'

/** Sends an IQ and gives its answer; `undefined` where none came. */
export type Ask = (request: XmlNode) => Promise<XmlNode | undefined>

/** How many bookmarks a node is asked to keep: as many as it can, or where that word is unknown so many. */
const MAX_ITEMS = ['max', '1000', '255'] as const

/**
 * Where the account's bookmarks are on the server: a node of PEP (XEP-0402), or where the server has none, the one
 * piece in private storage (XEP-0048).
 */
export class BookmarkNode {
  readonly #ask: Ask
  readonly #newId: () => string
  #legacy = false
  /** The node keeps all items: found out with the first thing written. */
  #lean = false

  constructor(ask: Ask, newId: () => string) {
    this.#ask = ask
    this.#newId = newId
  }

  /** The bookmarks are those of old (XEP-0048). */
  get legacy(): boolean {
    return this.#legacy
  }

  /** All of them, or `undefined` where the server cannot say. */
  async read(): Promise<Bookmark[] | undefined> {
    const answer = await this.#ask(fetchBookmarks(this.#newId()))
    if (!answer) return undefined
    this.#legacy = false
    if (answer.attrs['type'] === 'result') return readBookmarks(answer)
    const { condition } = readStanzaError(answer)
    if (condition === 'item-not-found') return [] // the node is made with the first bookmark
    if (condition !== 'feature-not-implemented' && condition !== 'service-unavailable') return undefined
    const found = await this.#readLegacy()
    this.#legacy = found !== undefined
    return found?.bookmarks
  }

  /** @returns what went wrong; `undefined` for nothing */
  async set(bookmark: Bookmark): Promise<StanzaError | 'no-answer' | undefined> {
    if (this.#legacy) return this.#writeLegacy(bookmark.room, bookmark)
    const first = await this.#publish(bookmark)
    if (first === undefined || first === 'no-answer' || this.#lean) return first
    // The server knows no such options for a publication (ejabberd 23.01), or the node has other ones: set them there.
    await this.#prepareNode()
    this.#lean = true
    return this.#publish(bookmark)
  }

  async remove(room: string): Promise<StanzaError | 'no-answer' | undefined> {
    if (this.#legacy) return this.#writeLegacy(room, undefined)
    const error = await this.#done(retractBookmark(this.#newId(), room))
    return typeof error === 'object' && error.condition === 'item-not-found' ? undefined : error
  }

  #publish(bookmark: Bookmark): Promise<StanzaError | 'no-answer' | undefined> {
    return this.#done(publishBookmark(this.#newId(), bookmark, this.#lean))
  }

  async #prepareNode(): Promise<void> {
    await this.#done(createBookmarkNode(this.#newId()))
    for (const max of MAX_ITEMS) {
      if ((await this.#done(configureBookmarkNode(this.#newId(), max))) === undefined) return
    }
  }

  async #readLegacy(): Promise<ReturnType<typeof readLegacyBookmarks>> {
    const answer = await this.#ask(fetchLegacyBookmarks(this.#newId()))
    return answer?.attrs['type'] === 'result' ? readLegacyBookmarks(answer) : undefined
  }

  /** Read again just before: another client may have written since, and it is all one piece. */
  async #writeLegacy(room: string, bookmark: Bookmark | undefined): Promise<StanzaError | 'no-answer' | undefined> {
    const found = await this.#readLegacy()
    if (!found) return 'no-answer'
    return this.#done(storeLegacyBookmarks(this.#newId(), found.storage, room, bookmark))
  }

  async #done(request: XmlNode): Promise<StanzaError | 'no-answer' | undefined> {
    const answer = await this.#ask(request)
    if (!answer) return 'no-answer'
    return answer.attrs['type'] === 'result' ? undefined : readStanzaError(answer)
  }
}
