import { type IDBPTransaction, type StoreNames, unwrap } from 'idb'
import type { SharedMessage } from '../contract/api.ts'
import { type Block, lastToken } from '../search/blocks.ts'
import { type MergedSegment, mergeBlocks, mergeDocuments, nextMerge } from '../search/merge.ts'
import { buildSegment, type Segment, SHAPE, type Shape } from '../search/segment.ts'
import type { Database, Schema } from './schema.ts'
import { isSearchable } from './search-match.ts'
import { emptyIndex, type Merge, type SearchState, type StoredSegment } from './search-state.ts'

/*
 * Log-structured: each write adds a segment of its own, a row or two; segments of like size become one, a step with
 * each write. All in the transaction that writes the messages, so the index is never without them, nor half merged.
 */

export const SEARCH_STORES = ['search', 'searchDocuments', 'searchBlocks', 'searchRenumberings'] as const

/** A transaction that has the stores of the index among its own. */
export type IndexWriting = IDBPTransaction<Schema, StoreNames<Schema>[], 'readwrite'>

/** So many messages that are older than the index are taken in at once. */
const CATCH_UP = 250

/** Adds messages to the index, and merges a little. To be called once in a transaction. */
export async function indexMessages(
  writing: IndexWriting,
  messages: readonly SharedMessage[],
  shape: Shape = SHAPE,
): Promise<void> {
  const worth = messages.filter(isSearchable)
  if (worth.length === 0) return
  const reading = readState(writing)
  const segment = buildSegment(worth, shape)
  writeState(writing, await mergeStep(writing, addSegment(writing, await reading, segment), shape))
}

/** Whether there are messages that were stored before there was an index, and that it does not have yet. */
export async function isBehind(db: Database): Promise<boolean> {
  return (await db.transaction('search').store.get('state'))?.indexedUpTo !== undefined
}

/**
 * Takes in some of the messages that were stored before there was an index.
 *
 * @returns whether there are more
 */
export async function catchUp(db: Database, shape: Shape = SHAPE): Promise<boolean> {
  const stores: StoreNames<Schema>[] = ['messages', ...SEARCH_STORES]
  const writing: IndexWriting = db.transaction(stores, 'readwrite', { durability: 'relaxed' })
  writing.done.catch(() => undefined)
  const { indexedUpTo, ...state } = await readState(writing)
  let more = false
  if (indexedUpTo !== undefined) {
    const later = indexedUpTo === 'nothing' ? null : IDBKeyRange.lowerBound([...indexedUpTo], true)
    const messages = await writing.objectStore('messages').getAll(later, CATCH_UP)
    const last = messages.at(-1)
    const segment = buildSegment(messages.filter(isSearchable), shape)
    const added = segment.documents > 0 ? addSegment(writing, state, segment) : state
    const merged = await mergeStep(writing, added, shape)
    writeState(writing, last ? { ...merged, indexedUpTo: [last.room, last.order] } : merged)
    more = last !== undefined
  }
  await writing.done
  return more
}

const readState = async (writing: IndexWriting): Promise<SearchState> =>
  (await writing.objectStore('search').get('state')) ?? emptyIndex

const writeState = (writing: IndexWriting, state: SearchState): void =>
  void unwrap(writing).objectStore('search').put(state, 'state')

function addSegment(writing: IndexWriting, state: SearchState, { rows, blocks, ...facts }: Segment): SearchState {
  const id = state.nextSegment
  putDocuments(writing, id, rows)
  putBlocks(writing, id, blocks)
  return { ...state, nextSegment: id + 1, segments: [...state.segments, { id, ...facts }] }
}

// Bare, for the transaction tells what becomes of them.
function putDocuments(writing: IndexWriting, id: number, rows: Segment['rows']): void {
  const store = unwrap(writing.objectStore('searchDocuments'))
  for (const [row, documents] of rows.entries()) store.put(documents, [id, row])
}

function putBlocks(writing: IndexWriting, id: number, blocks: Segment['blocks']): void {
  const store = unwrap(writing.objectStore('searchBlocks'))
  for (const block of blocks) store.put(block, [id, lastToken(block)])
}

/** Begins a merge where one is due, or goes on with the one that was begun. */
async function mergeStep(writing: IndexWriting, state: SearchState, shape: Shape): Promise<SearchState> {
  if (state.merge) return mergeMore(writing, state, state.merge, shape)
  const segments = nextMerge(state.segments, shape)
  if (!segments) return state
  const merge = await beginMerge(writing, segments, state.nextSegment, shape)
  const begun = { ...state, nextSegment: state.nextSegment + 1, merge }
  return merge.into.documents <= shape.smallMerge ? mergeMore(writing, begun, merge, shape) : begun
}

async function beginMerge(
  writing: IndexWriting,
  segments: readonly StoredSegment[],
  id: number,
  shape: Shape,
): Promise<Merge> {
  const documents = writing.objectStore('searchDocuments')
  const old = await Promise.all(segments.map((segment) => documents.getAll(allOf(segment.id))))
  const { rows, renumberings, ...facts } = mergeDocuments(old, shape)
  putDocuments(writing, id, rows)
  const store = unwrap(writing.objectStore('searchRenumberings'))
  for (const [at, { id: from }] of segments.entries()) store.put(renumberings[at], from)
  return { from: segments.map(({ id: from }) => from), into: { id, ...facts }, upTo: '' }
}

async function mergeMore(writing: IndexWriting, state: SearchState, merge: Merge, shape: Shape): Promise<SearchState> {
  const small = merge.into.documents <= shape.smallMerge
  const next = await Promise.all(merge.from.map((id) => blocksAfter(writing, id, merge.upTo, small ? undefined : 1)))
  const range = { after: merge.upTo, upTo: small ? undefined : middle(next.flat().map(lastToken)) }
  if (small || range.upTo !== undefined) {
    const old = await Promise.all(
      merge.from.map((id, at) => withRenumbering(writing, id, blocksUpTo(writing, id, next[at] ?? [], range.upTo))),
    )
    putBlocks(writing, merge.into.id, mergeBlocks(old, range, shape))
  }
  if (range.upTo === undefined) return endMerge(writing, state, merge)
  return { ...state, merge: { ...merge, upTo: range.upTo } }
}

/** A step goes as far as half of the segments reach with one block: each reads little more than that. */
const middle = (tokens: readonly string[]): string | undefined => tokens.toSorted()[tokens.length >> 1]

async function withRenumbering(
  writing: IndexWriting,
  id: number,
  reading: Promise<readonly Block[]>,
): Promise<MergedSegment> {
  const [renumbering, blocks] = await Promise.all([writing.objectStore('searchRenumberings').get(id), reading])
  if (!renumbering) throw new Error(`search index: segment ${id} has no renumbering`)
  return { renumbering, blocks }
}

/** The new segment takes the place of the first of the old ones. */
function endMerge(writing: IndexWriting, { merge: _, ...state }: SearchState, { from, into }: Merge): SearchState {
  for (const id of from) {
    writing
      .objectStore('searchDocuments')
      .delete(allOf(id))
      .catch(() => undefined)
    writing
      .objectStore('searchBlocks')
      .delete(allOf(id))
      .catch(() => undefined)
    writing
      .objectStore('searchRenumberings')
      .delete(id)
      .catch(() => undefined)
  }
  const segments = state.segments.flatMap((segment) =>
    segment.id === from[0] ? [into] : from.includes(segment.id) ? [] : [segment],
  )
  return { ...state, segments }
}

/** The blocks of a segment that have tokens behind this one. */
function blocksAfter(writing: IndexWriting, id: number, token: string, count?: number): Promise<readonly Block[]> {
  return writing.objectStore('searchBlocks').getAll(IDBKeyRange.bound([id, token], [id, []], true), count)
}

/** The next block of a segment, and those behind it that have tokens up to this one. */
async function blocksUpTo(
  writing: IndexWriting,
  id: number,
  next: readonly Block[],
  token: string | undefined,
): Promise<readonly Block[]> {
  const last = next.at(-1)
  if (!last || token === undefined || lastToken(last) >= token) return next
  const between = IDBKeyRange.bound([id, lastToken(last)], [id, token], true)
  const [whole, part] = await Promise.all([
    writing.objectStore('searchBlocks').getAll(between),
    blocksAfter(writing, id, token, 1),
  ])
  return [...next, ...whole, ...part]
}

/** All rows of a segment: an array sorts behind every number and string. */
const allOf = (id: number): IDBKeyRange => IDBKeyRange.bound([id], [id, []])
