import type { IDBPTransaction } from 'idb'
import type { SearchCall, SharedMessage } from '../contract/api.ts'
import { type Block, eachDocument, lastToken, type Term } from '../search/blocks.ts'
import { comparePlaces, type Documents, type Place, placeIn, SHAPE, type Shape, termsFor } from '../search/segment.ts'
import { wantedWords } from '../search/words.ts'
import type { Database, Schema } from './schema.ts'
import { SEARCH_STORES } from './search-index.ts'
import { isWithin, matches } from './search-match.ts'
import type { StoredSegment } from './search-state.ts'

type Reading = IDBPTransaction<Schema, ('messages' | (typeof SEARCH_STORES)[number])[], 'readonly'>

/** The first read of further segments is of so many, each next one of twice as many. */
const FIRST_WAVE = 4

/** So many candidates of a segment are looked up ahead. */
const LOOK_AHEAD = 16

/** What `Store.search` gives. Reads no more of the index, and of the messages, than it takes to find the newest. */
export async function searchMessages(db: Database, query: SearchCall, shape: Shape = SHAPE): Promise<SharedMessage[]> {
  const wanted = wantedWords(query.text)
  if (wanted.length === 0 || query.limit <= 0) return []
  const reading = db.transaction(['messages', ...SEARCH_STORES])
  reading.done.catch(() => undefined)
  const candidates = newestFirst(reading, query, termsFor(wanted, query), shape)
  const found: SharedMessage[] = []
  while (found.length < query.limit) {
    const places = await take(candidates, query.limit - found.length)
    if (places.length === 0) break
    const messages = await Promise.all(
      places.map(({ room, order }) => reading.objectStore('messages').get([room, order])),
    )
    for (const [at, message] of messages.entries()) {
      if (message && message.stampMs === places[at]?.stampMs && matches(message, query, wanted)) found.push(message)
    }
  }
  return found
}

async function take(places: AsyncGenerator<Place>, count: number): Promise<Place[]> {
  const taken: Place[] = []
  while (taken.length < count) {
    const next = await places.next()
    if (next.done) break
    taken.push(next.value)
  }
  return taken
}

/** The places that the index has for a query, each once. */
async function* newestFirst(
  reading: Reading,
  query: SearchCall,
  terms: readonly Term[],
  shape: Shape,
): AsyncGenerator<Place, void> {
  const state = await reading.objectStore('search').get('state')
  const unread = (state?.segments ?? [])
    .filter((segment) => reaches(segment, query))
    .sort((a, b) => b.newestMs - a.newestMs)
  let streams: Stream[] = []
  let last: Place | undefined
  for (let wave = FIRST_WAVE; ; ) {
    const first = firstOf(streams)
    const next = unread[0]
    if (next && (!first?.head || first.head.stampMs <= next.newestMs)) {
      const opened = unread.splice(0, wave).map((segment) => openStream(reading, segment, terms, shape))
      streams = [...streams, ...(await Promise.all(opened))].filter(({ head }) => head)
      wave *= 2
      continue
    }
    if (!first?.head) return
    const { head } = first
    if (isWithin(head.stampMs, query) && (!last || comparePlaces(last, head) !== 0)) yield head
    last = head
    await first.advance()
    if (!first.head) streams = streams.filter((each) => each !== first)
  }
}

const reaches = ({ newestMs, oldestMs }: StoredSegment, { beforeMs, afterMs }: SearchCall): boolean =>
  (beforeMs === undefined || oldestMs < beforeMs) && (afterMs === undefined || newestMs > afterMs)

function firstOf(streams: readonly Stream[]): Stream | undefined {
  let first: Stream | undefined
  for (const each of streams) {
    if (!first?.head || (each.head && comparePlaces(each.head, first.head) < 0)) first = each
  }
  return first
}

/** What one segment has for a query, newest first. */
interface Stream {
  readonly head: Place | undefined
  advance(): Promise<void>
}

async function openStream(
  reading: Reading,
  { id, documents }: StoredSegment,
  terms: readonly Term[],
  { documentsInRow }: Shape,
): Promise<Stream> {
  const numbers = await documentsWith(reading, id, documents, terms)
  let places: readonly Place[] = []
  let [at, read] = [0, 0]
  const fill = async (): Promise<void> => {
    const ahead = numbers.slice(read, read + LOOK_AHEAD)
    places = await placesOf(reading, id, ahead, documentsInRow)
    read += ahead.length
    at = 0
  }
  if (numbers.length > 0) await fill()
  return {
    get head() {
      return places[at]
    },
    async advance() {
      at++
      if (at === places.length && read < numbers.length) await fill()
    },
  }
}

/** The numbers of the documents of a segment that have all terms, ascending. */
async function documentsWith(
  reading: Reading,
  segment: number,
  documents: number,
  terms: readonly Term[],
): Promise<readonly number[]> {
  const had = new Uint8Array(documents)
  const blocks = await Promise.all(terms.map((term) => blocksWith(reading, segment, term)))
  for (const [at, term] of terms.entries()) {
    for (const block of blocks[at] ?? []) {
      eachDocument(block, term, (document) => {
        if (had[document] === at) had[document] = at + 1
      })
    }
  }
  const numbers: number[] = []
  for (let document = had.indexOf(terms.length); document >= 0; document = had.indexOf(terms.length, document + 1)) {
    numbers.push(document)
  }
  return numbers
}

/** The blocks of a segment in which tokens of a term can be. */
async function blocksWith(reading: Reading, segment: number, { token, exact }: Term): Promise<readonly Block[]> {
  const store = reading.objectStore('searchBlocks')
  const end = [segment, []]
  const blocks = await store.getAll(IDBKeyRange.bound([segment, token], end), 1)
  for (let count = 4; !exact; count *= 2) {
    const last = blocks.at(-1)
    if (!last || !lastToken(last).startsWith(token)) break
    const more = await store.getAll(IDBKeyRange.bound([segment, lastToken(last)], end, true), count)
    if (more.length === 0) break
    blocks.push(...more)
  }
  return blocks
}

async function placesOf(
  reading: Reading,
  segment: number,
  numbers: readonly number[],
  inRow: number,
): Promise<readonly Place[]> {
  const rows = new Map<number, Promise<Documents | undefined>>()
  for (const number of numbers) {
    const row = Math.floor(number / inRow)
    if (!rows.has(row)) rows.set(row, reading.objectStore('searchDocuments').get([segment, row]))
  }
  const places: Place[] = []
  for (const number of numbers) {
    const documents = await rows.get(Math.floor(number / inRow))
    if (documents) places.push(placeIn(documents, number % inRow))
  }
  return places
}
