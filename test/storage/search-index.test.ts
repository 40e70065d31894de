import 'fake-indexeddb/auto'
import fc from 'fast-check'
import type { IDBPDatabase } from 'idb'
import { expect, test } from 'vitest'
import type { SearchCall, SharedMessage } from '../../src/contract/api.ts'
import { comparePlaces, SHAPE, type Shape } from '../../src/search/segment.ts'
import { hasWords, wantedWords } from '../../src/search/words.ts'
import { type Database, openDatabase, type Schema } from '../../src/storage/schema.ts'
import { type IndexWriting, indexMessages } from '../../src/storage/search-index.ts'
import { searchMessages } from '../../src/storage/search-query.ts'
import { message } from './store-contract.ts'

/** So small that a few messages make several levels of segments, merges in many steps and lists over many blocks. */
const TINY: Shape = { fanOut: 3, fullDocuments: 40, blockSize: 30, documentsInRow: 4, smallMerge: 5 }

const STORES = ['messages', 'search', 'searchDocuments', 'searchBlocks', 'searchRenumberings'] as const

let databases = 0
const open = (): Promise<IDBPDatabase<Schema>> =>
  openDatabase(`minimix:index-${++databases}`, {
    onBlocking: () => undefined,
    onBlocked: () => undefined,
    onTerminated: () => undefined,
  })

async function write(db: Database, rows: readonly SharedMessage[], shape = TINY): Promise<void> {
  const writing: IndexWriting = db.transaction([...STORES], 'readwrite')
  for (const row of rows) await writing.objectStore('messages').put(row)
  await indexMessages(writing, rows, shape)
  await writing.done
}

const word = fc.constantFrom('a', 'ab', 'abc', 'b', 'ba', 'bä', 'Ca', 'c', 'cab', '北京', '大学', 'ß', 'sst', '🎉')
const row = fc
  .record({
    room: fc.constantFrom('r@m', 'q@m', 'r'),
    order: fc.integer({ min: -2, max: 9 }),
    nick: fc.constantFrom('romeo', 'juliet', ''),
    words: fc.array(word, { maxLength: 5 }),
    stampMs: fc.integer({ min: 0, max: 5 }),
  })
  .map(({ room, order, nick, words, stampMs }) => message(room, order, { nick, stampMs, body: words.join(' ') }))
const rows = fc
  .tuple(fc.array(row, { minLength: 1, maxLength: 8 }), fc.nat({ max: 9 }))
  .map(([given, retracted]) => given.map((each, at) => (at === retracted ? { ...each, retracted: true } : each)))
const filter = fc.oneof(
  { arbitrary: fc.constant({}), weight: 3 },
  fc.record({ room: fc.constantFrom('r@m', 'q@m', 'nowhere') }),
  fc.record({ nick: fc.constantFrom('romeo', '') }),
  fc.record({ beforeMs: fc.integer({ min: 0, max: 6 }), nick: fc.constant('juliet') }),
  fc.record({ afterMs: fc.integer({ min: 0, max: 3 }), beforeMs: fc.integer({ min: 2, max: 6 }) }),
)
const wanted = fc.oneof(word, fc.constantFrom('B', 's', 'x', 'a b', 'ca ab', '北京 c'))
const query = fc
  .tuple(wanted, fc.integer({ min: 1, max: 12 }), filter)
  .map(([text, limit, rest]): SearchCall => ({ text, limit, ...rest }))

function bruteForce(
  all: readonly SharedMessage[],
  { text, room, nick, beforeMs, afterMs, limit }: SearchCall,
): SharedMessage[] {
  const wanted = wantedWords(text)
  return all
    .filter((each) => !each.retracted && hasWords(each.body, wanted))
    .filter((each) => (room === undefined || each.room === room) && (nick === undefined || each.nick === nick))
    .filter(
      ({ stampMs }) => (beforeMs === undefined || stampMs < beforeMs) && (afterMs === undefined || stampMs > afterMs),
    )
    .sort(comparePlaces)
    .slice(0, limit)
}

test('the index finds what going through all messages finds, whatever was written, replaced, deleted and merged', async () => {
  let hits = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(rows, { minLength: 10, maxLength: 40, size: 'max' }),
      fc.array(query, { minLength: 5, maxLength: 10 }),
      fc.array(fc.nat({ max: 99 }), { maxLength: 5 }),
      async (writes, queries, deleted) => {
        const db = await open()
        for (const each of writes) await write(db, each)
        const keys = await db.getAllKeys('messages')
        for (const at of deleted) {
          const key = keys[at]
          if (key) await db.delete('messages', key)
        }
        const all = await db.getAll('messages')
        for (const each of queries) {
          const expected = bruteForce(all, each)
          expect(await searchMessages(db, each, TINY)).toEqual(expected)
          hits += expected.length
        }
        db.close()
      },
    ),
    { numRuns: 12 },
  )
  // Or else there was nothing to find.
  expect(hits).toBeGreaterThan(100)
}, 60_000)

test('few segments are left of many writes, and nothing of those that were merged', async () => {
  const db = await open()
  for (let n = 0; n < 200; n++) await write(db, [message('r@m', n)], { ...TINY, blockSize: 150 })

  const state = await db.get('search', 'state')
  const kept = new Set([...(state?.segments ?? []), ...(state?.merge ? [state.merge.into] : [])].map(({ id }) => id))
  const blocks = await db.getAllKeys('searchBlocks')
  const documents = await db.getAllKeys('searchDocuments')

  expect(kept.size).toBeLessThan(20)
  expect(state?.segments.reduce((sum, each) => sum + each.documents, 0)).toBe(200)
  expect([...blocks, ...documents].filter(([id]) => !kept.has(id))).toEqual([])
  expect(await db.count('searchRenumberings')).toBe(state?.merge?.from.length ?? 0)
})

test('a write that fails amid a merge leaves the merge as it was', async () => {
  const db = await open()
  let n = 0
  while (!(await db.get('search', 'state'))?.merge) await write(db, [message('r@m', n), message('r@m', ++n)])
  const before = await db.get('search', 'state')

  const failing: IndexWriting = db.transaction([...STORES], 'readwrite')
  await indexMessages(failing, [message('r@m', 999)], TINY)
  failing.abort()
  await failing.done.catch(() => undefined)

  expect(await db.get('search', 'state')).toEqual(before)
  for (let more = 0; more < 30; more++) await write(db, [message('r@m', ++n)])
  expect(await searchMessages(db, { text: 'message', limit: 1000 }, TINY)).toHaveLength(n + 1)
})

test('a merge of large segments goes on over many writes, and each does a part of it', async () => {
  const db = await open()
  const steps: string[] = []
  for (let n = 0; n < 60; n++) {
    await write(db, [message('r@m', n, { body: `x${n} y${n}` })])
    const merge = (await db.get('search', 'state'))?.merge
    if (merge) steps.push(merge.upTo)
  }

  expect(new Set(steps).size).toBeGreaterThan(5)
})

test('stored rows stay small', async () => {
  const db = await open()
  for (let n = 0; n < 20; n++) {
    await write(
      db,
      Array.from({ length: 100 }, (_, at) => message('r@m', n * 100 + at, { body: `word${n * at} of ${at}` })),
      SHAPE,
    )
  }

  const sizes = [
    ...(await db.getAll('searchBlocks')).map(({ tokens, lists }) => tokens.length + lists.length),
    ...(await db.getAll('searchDocuments')).map(
      ({ orders, stamps, room }) => orders.byteLength + stamps.byteLength + room.byteLength,
    ),
  ]
  expect(Math.max(...sizes)).toBeLessThan(60_000)
})
