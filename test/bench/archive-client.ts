// In the page: the store of the archive, and beside it what one would write over `idb` without it.
import { type IDBPDatabase, openDB } from 'idb'
import type { SearchCall, SharedMessage } from '../../src/contract/api.ts'
import { el } from '../../src/protocol/xml.ts'
import type { Store } from '../../src/storage/store.ts'
import { diskStore } from '../support/fakes/disk.ts'
import { brokerIn, type HearingBroker } from './hearing-broker.ts'

const ROOMS = Array.from({ length: 5 }, (_, n) => `room-${n}@muc.localhost`)
const VOCABULARY = 20_000
const BEGAN_MS = Date.UTC(2026, 0, 1)

/** What one side did, and how long it took. */
export interface Timed {
  readonly ms: number
  readonly rows: number
}

let seed = 1
/** The same numbers for every run. From 0 to 1. */
function chance(): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
  return seed / 2 ** 32
}

const SYLLABLES =
  'ba be bi bo ka ke ko la le li lo ma me mi na ne no ra re ri ro sa se so ta te ti to va ve zu ü'.split(' ')

/** The word of a rank: short ones are frequent, as in every language. */
function wordOf(rank: number): string {
  let [word, rest] = ['', rank]
  do {
    word += SYLLABLES[rest % SYLLABLES.length]
    rest = Math.floor(rest / SYLLABLES.length)
  } while (rest > 0)
  return word
}

/** By Zipf's law: the word of rank n is n times as rare as the first. */
const someWord = (): string => wordOf(Math.floor(VOCABULARY ** chance()) - 1)

function someBody(): string {
  return Array.from({ length: 3 + Math.floor(chance() * 18) }, someWord).join(' ')
}

/** How many messages a room has. */
const lengths = new Map<string, number>()

/** A message as the worker stores it, with a stanza of the size that Prosody sends. */
function messageOf(n: number): SharedMessage {
  const room = ROOMS[Math.floor(chance() * ROOMS.length)] ?? ''
  const order = lengths.get(room) ?? 0
  lengths.set(room, order + 1)
  const nick = `Somebody ${Math.floor(200 * chance() ** 2)}`
  const id = crypto.randomUUID()
  const stampMs = BEGAN_MS + n * 20_000
  const body = n % 12_345 === 1234 ? `${someBody()} needle` : someBody()
  const stanza = el(
    'jabber:client',
    'message',
    { from: `${room}/${nick}`, to: 'juliet@localhost/tab', type: 'groupchat', id: crypto.randomUUID() },
    el('jabber:client', 'body', undefined, body),
    el('urn:xmpp:occupant-id:0', 'occupant-id', { id: `${nick}aGVsbG8gd29ybGQgdGhpcyBpcyBhbiBpZA==` }),
    el('urn:xmpp:sid:0', 'stanza-id', { id, by: room }),
  )
  const state = 'delivered'
  return {
    id,
    room,
    nick,
    body,
    stampMs,
    own: false,
    state,
    reactions: [],
    mentionsMe: false,
    stanza,
    order,
    archived: true,
  }
}

function messagesFrom(first: number, count: number): SharedMessage[] {
  return Array.from({ length: count }, (_, n) => messageOf(first + n))
}

let store: Store
let broker: HearingBroker
/** Another database, with nothing but the rows. */
let bare: IDBPDatabase
/** The store's own database, without the store. */
let direct: IDBPDatabase

const page = {
  async open(name: string): Promise<void> {
    store = await diskStore(name)
    broker = await brokerIn(ROOMS, store)
    bare = await openDB(`${name}:bare`, 1, {
      upgrade: (db) => void db.createObjectStore('messages', { keyPath: ['room', 'order'] }),
    })
    direct = await openDB(name)
  },

  /** Rows of both sides, in turn, until each has written so many. */
  async write(first: number, count: number, batch: number): Promise<{ ours: Timed; baseline: Timed }> {
    const ms = { ours: 0, baseline: 0 }
    for (let at = first; at < first + count; at += batch) {
      const rows = messagesFrom(at, Math.min(batch, first + count - at))
      ms.ours += await timed(() => broker.hear(rows))
      ms.baseline += await timed(() => writeBare(rows))
    }
    return { ours: { ms: ms.ours, rows: count }, baseline: { ms: ms.baseline, rows: count } }
  },

  async fill(count: number, batch: number): Promise<void> {
    for (let at = 0; at < count; at += batch) {
      await store.write(messagesFrom(at, batch).map((row) => ({ put: 'message', row })))
    }
  },

  async search(query: SearchCall): Promise<Timed> {
    let rows = 0
    const ms = await timed(async () => {
      rows = (await store.search(query)).length
    })
    return { ms, rows }
  },

  /** The newest messages with all of these words, without an index: every message is read, a thousand at a time. */
  async scan(words: readonly string[], limit: number): Promise<Timed> {
    const beganMs = performance.now()
    let hits: SharedMessage[] = []
    for (let after: IDBKeyRange | null = null; ; ) {
      const rows: SharedMessage[] = await direct.getAll('messages', after, 1000)
      const last = rows.at(-1)
      if (!last) break
      hits.push(...rows.filter(({ body }) => words.every((word) => body.includes(word))))
      hits = hits.sort((a, b) => b.stampMs - a.stampMs).slice(0, limit)
      after = IDBKeyRange.lowerBound([last.room, last.order], true)
    }
    return { ms: performance.now() - beganMs, rows: hits.length }
  },

  /** A page that ends at a share of a room's messages, by the store and by a bare read of the same range. */
  async page(end: number, count: number): Promise<{ ours: Timed; baseline: Timed }> {
    const [room = ''] = ROOMS
    const before = Math.floor((lengths.get(room) ?? 0) * end)
    const range = IDBKeyRange.bound([room, before - count], [room, before], false, true)
    const read = async (work: () => Promise<readonly unknown[]>): Promise<Timed> => {
      const beganMs = performance.now()
      const rows = await work()
      return { ms: performance.now() - beganMs, rows: rows.length }
    }
    return {
      ours: await read(() => store.newest({ room, from: 0, before }, count)),
      baseline: await read(() => direct.getAll('messages', range)),
    }
  },
}

async function writeBare(rows: readonly SharedMessage[]): Promise<void> {
  const transaction = bare.transaction('messages', 'readwrite', { durability: 'relaxed' })
  await Promise.all([...rows.map((row) => transaction.store.put(row)), transaction.done])
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const beganMs = performance.now()
  await work()
  return performance.now() - beganMs
}

export type ArchiveClient = typeof page

declare global {
  var archiveClient: ArchiveClient
}

globalThis.archiveClient = page
document.title = 'ready'
