import { readRoomStanza } from '../protocol/room-stanza.ts'
import { readStanzaError } from '../protocol/stanza-error.ts'
import {
  type ArchiveResult,
  type ArchiveWish,
  archiveQuery,
  readArchiveFin,
  readArchiveResult,
} from '../protocol/xep-0313-mam.ts'
import type { XmlNode } from '../protocol/xml.ts'
import type { ArchivedMessage } from '../rooms/catch-up.ts'
import type { ArchivePage, Edge } from '../rooms/gaps.ts'

const PAGE_MS = 20_000
/** Queries at a time, over all rooms: somebody with a hundred rooms must not fill the line with history. */
const AT_A_TIME = 3

interface Query {
  /** A room, or the account itself. */
  readonly of: string
  readonly max: number
  readonly backward: boolean
  readonly results: ArchiveResult[]
  /** More came than was asked for. */
  cut: boolean
}

export interface ArchivePagesWorld {
  readonly newId: () => string
  readonly ownJid: () => string
  readonly request: (stanza: XmlNode, ms: number, onAnswer: (answer: XmlNode | undefined) => void) => void
}

/** `unknown`: the archive does not have the message that the page was to be next to. */
export type PageAnswer<T = ArchivedMessage> = ArchivePage<T> | 'unknown' | undefined
/** `refused`: whoever was asked has none, or not for us. */
export type PageOf<T> = PageAnswer<T> | 'refused'

/** Pages of rooms' archives (XEP-0313): asked for, and put together from the messages that come before the answer. */
export class ArchivePages {
  readonly #world: ArchivePagesWorld
  readonly #open = new Map<string, Query>()
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(world: ArchivePagesWorld) {
    this.#world = world
  }

  /** A message that belongs to a page. Only the room itself can say what is in its archive. */
  take(from: string | undefined, stanza: XmlNode): boolean {
    if (this.#open.size === 0) return false
    const result = readArchiveResult(stanza)
    const query = result && this.#open.get(result.queryId)
    // Nobody named is the account (RFC 6120 section 8.1.2.1): Prosody says nothing else of its archive.
    if (!query || query.of !== (from ?? this.#world.ownJid())) return false
    const { results, backward, max } = query
    // An archive has each message once.
    if (results.some(({ id }) => id === result.id)) return true
    // Of too many those are kept that are next to what is known.
    query.cut ||= results.length === max
    if (backward && results.length === max) results.shift()
    if (results.length < max) results.push(result)
    return true
  }

  /** One page of a room's, oldest first; `undefined` where there is no answer of use. */
  async page(room: string, wish: ArchiveWish): Promise<PageAnswer> {
    const page = await this.pageOf(room, wish, (result) => archived(result, room))
    return page === 'refused' ? undefined : page
  }

  /** One page of anybody's archive. @param read what a message of it means, where that is wanted */
  async pageOf<T>(of: string, wish: ArchiveWish, read: (result: ArchiveResult) => T | undefined): Promise<PageOf<T>> {
    if (this.#running >= AT_A_TIME) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#running += 1
    try {
      return await this.#ask(of, wish, read)
    } finally {
      this.#running -= 1
      this.#waiting.shift()?.()
    }
  }

  #ask<T>(of: string, wish: ArchiveWish, read: (result: ArchiveResult) => T | undefined): Promise<PageOf<T>> {
    const queryId = this.#world.newId()
    const backward = wish.before !== undefined
    const query: Query = { of, max: wish.max, backward, results: [], cut: false }
    this.#open.set(queryId, query)
    return new Promise((resolve) => {
      this.#world.request(archiveQuery(of, this.#world.newId(), queryId, wish), PAGE_MS, (answer) => {
        this.#open.delete(queryId)
        resolve(answer && pageOf(answer, query, read))
      })
    })
  }
}

function pageOf<T>(
  answer: XmlNode,
  { results, backward, cut }: Query,
  read: (result: ArchiveResult) => T | undefined,
): PageOf<T> {
  if (answer.attrs['type'] === 'error')
    return readStanzaError(answer).condition === 'item-not-found' ? 'unknown' : 'refused'
  const fin = readArchiveFin(answer)
  if (!fin) return undefined
  return {
    messages: results.flatMap((result) => read(result) ?? []),
    edge: edgeOf(backward ? results[0] : results.at(-1)),
    complete: fin.complete && !cut,
  }
}

const edgeOf = (result: ArchiveResult | undefined): Edge | undefined =>
  result && { id: result.id, stampMs: result.stampMs ?? 0 }

/** What is in the archive of a room and no message of that room is none of ours. */
function archived({ id, message, stampMs }: ArchiveResult, room: string): ArchivedMessage | undefined {
  const { from = '', type } = message.attrs
  if (type !== 'groupchat' || (from !== room && !from.startsWith(`${room}/`))) return undefined
  const meaning = readRoomStanza(message, room)
  return meaning?.kind === 'message' ? { ...meaning, archiveId: id, delayMs: stampMs } : undefined
}
