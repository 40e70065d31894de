import { type Block, BlockWriter, type Term } from './blocks.ts'
import { wordsOf } from './words.ts'

/** A message, as much of it as the index takes in. */
export interface Entry {
  readonly room: string
  readonly order: number
  readonly stampMs: number
  readonly nick: string
  readonly body: string
}

/** Which message a document is. */
export type Place = Pick<Entry, 'room' | 'order' | 'stampMs'>

/** Some documents of a segment, newest first. A document's number is its place among all of the segment. */
export interface Documents {
  readonly rooms: readonly string[]
  /** For each document the place of its room in `rooms`. */
  readonly room: Uint16Array<ArrayBuffer>
  readonly orders: Float64Array<ArrayBuffer>
  readonly stamps: Float64Array<ArrayBuffer>
}

/** How an index is cut up. */
export interface Shape {
  /** So many segments of like size become one. */
  readonly fanOut: number
  /** A segment of so many documents stays as it is. */
  readonly fullDocuments: number
  /** Bytes, about. */
  readonly blockSize: number
  /** Documents stored in one row. */
  readonly documentsInRow: number
  /** A merge of so few documents is done in one step. */
  readonly smallMerge: number
}

/** As measured in Chromium: rows above 64 KB become files there, and a step of a merge takes some 10 ms. */
export const SHAPE: Shape = {
  fanOut: 16,
  fullDocuments: 16_384,
  blockSize: 24_576,
  documentsInRow: 512,
  smallMerge: 2_048,
}

/** What the index knows of a segment without reading it. */
export interface SegmentFacts {
  readonly documents: number
  readonly newestMs: number
  readonly oldestMs: number
}

export interface Segment extends SegmentFacts {
  readonly rows: readonly Documents[]
  readonly blocks: readonly Block[]
}

/** Longer words are cut: a file in base64 is no word. Who finds one by its beginning looks at the message itself. */
const LONGEST_TOKEN = 32

const wordToken = (word: string): string => word.slice(0, LONGEST_TOKEN)
// No word begins with a control character, so these are apart from words.
const roomToken = (room: string): string => `\u0001r${room.replaceAll('\n', ' ')}`
const nickToken = (nick: string): string => `\u0001n${nick.replaceAll('\n', ' ')}`

/** What the index is asked for: all terms must be there. Whatever else it finds, the message itself decides. */
export function termsFor(words: readonly string[], { room, nick }: { room?: string; nick?: string }): Term[] {
  return [
    ...(room === undefined ? [] : [{ token: roomToken(room), exact: true }]),
    ...(nick === undefined ? [] : [{ token: nickToken(nick), exact: true }]),
    ...words.slice(0, MOST_WORDS).map((word) => ({ token: wordToken(word), exact: false })),
  ]
}

const MOST_WORDS = 32

/** Newest first; of two at the same time the later in its room. */
export function comparePlaces(a: Place, b: Place): number {
  return b.stampMs - a.stampMs || b.order - a.order || (a.room < b.room ? -1 : a.room > b.room ? 1 : 0)
}

/** The index of some messages. One that is there twice counts as it is the last time. */
export function buildSegment(entries: readonly Entry[], shape: Shape = SHAPE): Segment {
  // The sort is stable, so of equal places the last comes first once the entries are turned round.
  const sorted = entries.toReversed().sort(comparePlaces)
  const single = sorted.filter((entry, at) => at === 0 || comparePlaces(sorted[at - 1] ?? entry, entry) !== 0)
  return { ...factsOf(single), rows: documentRows(single, shape.documentsInRow), blocks: blocksOf(single, shape) }
}

function blocksOf(entries: readonly Entry[], { blockSize }: Shape): Block[] {
  const lists = new Map<string, number[]>()
  const put = (token: string, document: number): void => {
    const list = lists.get(token)
    if (!list) lists.set(token, [document])
    else if (list.at(-1) !== document) list.push(document)
  }
  for (const [document, { room, nick, body }] of entries.entries()) {
    put(roomToken(room), document)
    put(nickToken(nick), document)
    for (const word of wordsOf(body)) put(wordToken(word), document)
  }
  const writer = new BlockWriter(blockSize)
  for (const token of [...lists.keys()].sort()) writer.add(token, lists.get(token) ?? [])
  writer.end()
  return writer.blocks
}

/** @param places newest first */
export function factsOf(places: readonly Place[]): SegmentFacts {
  return { documents: places.length, newestMs: places[0]?.stampMs ?? 0, oldestMs: places.at(-1)?.stampMs ?? 0 }
}

/** @param places newest first */
export function documentRows(places: readonly Place[], inRow: number): Documents[] {
  const rows: Documents[] = []
  for (let from = 0; from < places.length; from += inRow) rows.push(documentRow(places.slice(from, from + inRow)))
  return rows
}

function documentRow(places: readonly Place[]): Documents {
  const rooms = [...new Set(places.map(({ room }) => room))]
  const numbers = new Map(rooms.map((room, number) => [room, number]))
  return {
    rooms,
    room: Uint16Array.from(places, ({ room }) => numbers.get(room) ?? 0),
    orders: Float64Array.from(places, ({ order }) => order),
    stamps: Float64Array.from(places, ({ stampMs }) => stampMs),
  }
}

export function placeIn({ rooms, room, orders, stamps }: Documents, at: number): Place {
  return { room: rooms[room[at] ?? 0] ?? '', order: orders[at] ?? 0, stampMs: stamps[at] ?? 0 }
}

export function* placesIn(rows: readonly Documents[]): Generator<Place> {
  for (const row of rows) {
    for (let at = 0; at < row.orders.length; at++) yield placeIn(row, at)
  }
}
