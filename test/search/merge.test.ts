import { describe, expect, test } from 'vitest'
import { eachDocument, lastToken } from '../../src/search/blocks.ts'
import { mergeBlocks, mergeDocuments, nextMerge } from '../../src/search/merge.ts'
import { buildSegment, type Entry, placesIn, type Segment, type Shape } from '../../src/search/segment.ts'

const SHAPE: Shape = { fanOut: 4, fullDocuments: 100, blockSize: 40, documentsInRow: 3, smallMerge: 8 }

const entry = (order: number, body: string, stampMs = order): Entry => ({
  room: 'r@m',
  order,
  stampMs,
  nick: 'n',
  body,
})

describe('what is merged next', () => {
  const sized = (...sizes: readonly number[]) =>
    sizes.map((documents, id) => ({ id, documents, newestMs: 0, oldestMs: 0 }))
  const next = (...sizes: readonly number[]) => nextMerge(sized(...sizes), SHAPE)?.map(({ id }) => id)

  test.each<[string, readonly number[], readonly number[] | undefined]>([
    ['nothing of nothing', [], undefined],
    ['nothing where a class is not full', [1, 1, 1], undefined],
    ['so many of one class', [1, 2, 3, 1], [0, 1, 2, 3]],
    ['the oldest of them', [2, 2, 2, 2, 2, 2], [0, 1, 2, 3]],
    ['those of one class only', [20, 1, 20, 1, 20, 1, 1], [1, 3, 5, 6]],
    ['nothing that is large already', [100, 100, 200, 100, 100], undefined],
    ['fewer where they make a large one', [64, 64], [0, 1]],
  ])('%s', (_what, sizes, expected) => {
    expect(next(...sizes)).toEqual(expected)
  })

  test('keeps the number of segments small, whatever the batches are', () => {
    let segments = sized()
    for (let id = 0; id < 2000; id++) {
      segments = [...segments, { id, documents: 1 + (id % 7), newestMs: 0, oldestMs: 0 }]
      const merged = nextMerge(segments, SHAPE)
      if (!merged) continue
      const documents = merged.reduce((sum, each) => sum + each.documents, 0)
      segments = [{ id, documents, newestMs: 0, oldestMs: 0 }, ...segments.filter((each) => !merged.includes(each))]
    }

    expect(Math.max(...segments.map(({ documents }) => documents))).toBeLessThan(2 * SHAPE.fullDocuments)
    expect(segments.length).toBeLessThan(2 * (8000 / SHAPE.fullDocuments) + 12)
  })
})

/** Merges as the store does: a range of tokens at a time. */
function merge(segments: readonly Segment[], bounds: readonly string[] = []): Segment {
  const { rows, renumberings, ...facts } = mergeDocuments(
    segments.map((each) => each.rows),
    SHAPE,
  )
  const merged = segments.map(({ blocks }, at) => ({ blocks, renumbering: renumberings[at] ?? new Uint16Array() }))
  const ends = [...bounds, undefined]
  const blocks = ends.flatMap((upTo, at) => mergeBlocks(merged, { after: bounds[at - 1] ?? '', upTo }, SHAPE))
  return { ...facts, rows, blocks }
}

function having({ blocks, rows }: Segment, token: string): number[] {
  const documents: number[] = []
  for (const block of blocks) eachDocument(block, { token, exact: true }, (each) => documents.push(each))
  const places = [...placesIn(rows)]
  return documents.map((document) => places[document]?.order ?? Number.NaN)
}

describe('the merged segment', () => {
  const one = buildSegment([entry(1, 'ana bob'), entry(5, 'ana'), entry(9, 'cid')], SHAPE)
  const two = buildSegment([entry(2, 'bob'), entry(7, 'ana'), entry(20, 'dan ana')], SHAPE)

  test('has all documents, newest first', () => {
    const merged = merge([one, two])

    expect([...placesIn(merged.rows)].map(({ order }) => order)).toEqual([20, 9, 7, 5, 2, 1])
    expect(merged).toMatchObject({ documents: 6, newestMs: 20, oldestMs: 1 })
  })

  test.each([[[]], [['ana']], [['aa', 'b', 'bob', 'zz']]])('has all words, merged in the ranges %j', (bounds) => {
    const merged = merge([one, two], bounds)

    expect(having(merged, 'ana')).toEqual([20, 7, 5, 1])
    expect(having(merged, 'bob')).toEqual([2, 1])
    expect(having(merged, 'cid')).toEqual([9])
    expect(having(merged, 'dan')).toEqual([20])
    const keys = merged.blocks.map(lastToken)
    expect(keys).toEqual([...new Set(keys)].sort())
  })

  test('has a message that was put again once, with the words of both', () => {
    const merged = merge([
      buildSegment([entry(1, 'mistke a'), entry(2, 'a')], SHAPE),
      buildSegment([entry(1, 'mistake a')], SHAPE),
    ])

    expect(merged.documents).toBe(2)
    expect(having(merged, 'a')).toEqual([2, 1])
    expect(having(merged, 'mistke')).toEqual([1])
    expect(having(merged, 'mistake')).toEqual([1])
  })
})
