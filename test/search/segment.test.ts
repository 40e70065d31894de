import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Block, BlockWriter, eachDocument, lastToken } from '../../src/search/blocks.ts'
import { ByteReader, ByteWriter, byteLength } from '../../src/search/bytes.ts'
import { buildSegment, type Entry, placesIn, type Segment, SHAPE, termsFor } from '../../src/search/segment.ts'
import { wantedWords } from '../../src/search/words.ts'

const entry = (order: number, body: string, facts: Partial<Entry> = {}): Entry => ({
  room: 'r@m',
  order,
  stampMs: order,
  nick: 'romeo',
  body,
  ...facts,
})

/** The places of what a segment has for a query, newest first. */
function look({ blocks, rows }: Segment, query: string, filter: { room?: string; nick?: string } = {}): number[] {
  const terms = termsFor(wantedWords(query), filter)
  const found = terms.map((term) => {
    const documents = new Set<number>()
    for (const block of blocks) eachDocument(block, term, (document) => documents.add(document))
    return documents
  })
  return [...placesIn(rows)].flatMap(({ order }, at) => (found.every((each) => each.has(at)) ? [order] : []))
}

test('numbers take as many bytes as is said, and come back', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 2 ** 31 - 1 })), (numbers) => {
      const writer = new ByteWriter()
      for (const number of numbers) writer.put(number)
      expect(writer.length).toBe(numbers.reduce((sum, each) => sum + byteLength(each), 0))
      const reader = new ByteReader(writer.take())

      expect(numbers.map(() => reader.next())).toEqual(numbers)
    }),
  )
})

test('what a writer of bytes gives is no part of a larger buffer', () => {
  const writer = new ByteWriter()
  for (let n = 0; n < 5000; n++) writer.put(n)

  const bytes = writer.take()

  expect(bytes.buffer.byteLength).toBe(bytes.length)
  expect(writer.length).toBe(0)
})

describe('blocks', () => {
  const blocksOf = (size: number): readonly Block[] => {
    const writer = new BlockWriter(size)
    for (const token of ['ab', 'abc', 'b', 'ba', 'c']) writer.add(token, [1, 200, 40_000])
    writer.end()
    return writer.blocks
  }

  test('hold about as much as they may', () => {
    expect(blocksOf(1000)).toHaveLength(1)
    expect(blocksOf(1)).toHaveLength(5)
  })

  test('are keyed by their last token', () => {
    expect(blocksOf(1000).map(lastToken)).toEqual(['c'])
    expect(blocksOf(1).map(lastToken)).toEqual(['ab', 'abc', 'b', 'ba', 'c'])
  })

  test.each([
    ['a', false, 2],
    ['ab', false, 2],
    ['ab', true, 1],
    ['abc', false, 1],
    ['abcd', false, 0],
    ['a', true, 0],
    ['d', false, 0],
    ['', false, 5],
  ])('have for %j (exactly: %s) the documents of %d tokens', (token, exact, tokens) => {
    for (const size of [1, 10, 1000]) {
      const found: number[] = []
      for (const block of blocksOf(size)) eachDocument(block, { token, exact }, (document) => found.push(document))

      expect(found).toEqual(Array.from({ length: tokens }, () => [1, 200, 40_000]).flat())
    }
  })
})

describe('a segment', () => {
  test('has its documents newest first, whatever their places', () => {
    const segment = buildSegment([
      entry(5, 'a', { stampMs: 1 }),
      entry(1, 'a', { stampMs: 3 }),
      entry(9, 'a', { stampMs: 2 }),
    ])

    expect(look(segment, 'a')).toEqual([1, 9, 5])
    expect(segment).toMatchObject({ documents: 3, newestMs: 3, oldestMs: 1 })
  })

  test('finds words and beginnings, of which all must be there', () => {
    const segment = buildSegment([entry(1, 'the quick fox'), entry(2, 'The quiet cat'), entry(3, 'a cat')])

    expect(look(segment, 'qui')).toEqual([2, 1])
    expect(look(segment, 'qui ca')).toEqual([2])
    expect(look(segment, 'dog')).toEqual([])
  })

  test('tells rooms and nicks apart, to the letter', () => {
    const segment = buildSegment([
      entry(1, 'a'),
      entry(2, 'a', { room: 'r@m2' }),
      entry(3, 'a', { nick: 'Romeo' }),
      entry(4, 'a', { nick: 'romeo 2' }),
    ])

    expect(look(segment, 'a', { room: 'r@m' })).toEqual([4, 3, 1])
    expect(look(segment, 'a', { nick: 'romeo' })).toEqual([2, 1])
    expect(look(segment, 'a', { room: 'r@m2', nick: 'Romeo' })).toEqual([])
  })

  test('does not take a room or a nick for a word', () => {
    const segment = buildSegment([entry(1, 'a', { room: 'verona@m', nick: 'juliet' })])

    expect([look(segment, 'verona'), look(segment, 'juliet'), look(segment, 'r'), look(segment, 'n')]).toEqual([
      [],
      [],
      [],
      [],
    ])
  })

  test('is not put out by a nick of several lines', () => {
    const segment = buildSegment([entry(1, 'alpha beta', { nick: 'a\nb\u0001' })])

    expect(look(segment, 'beta', { nick: 'a\nb\u0001' })).toEqual([1])
  })

  test('keeps places that are large, negative or have parts', () => {
    const orders = [2 ** 53, -(2 ** 53), -1, 0.5, 2 ** 32 + 1]
    const segment = buildSegment(orders.map((order, stampMs) => entry(order, 'a', { stampMs })))

    expect(look(segment, 'a')).toEqual(orders.toReversed())
  })

  test('takes a message that is there twice as it is the last time', () => {
    const segment = buildSegment([entry(1, 'mistke'), entry(1, 'mistake')])

    expect(segment.documents).toBe(1)
    expect(look(segment, 'mistke')).toEqual([])
    expect(look(segment, 'mistake')).toEqual([1])
  })

  test('cuts what is too long for a word, and still finds it', () => {
    const long = 'x'.repeat(50_000)
    const segment = buildSegment([entry(1, long)])

    expect(segment.blocks.reduce((sum, { tokens }) => sum + tokens.length, 0)).toBeLessThan(200)
    expect(look(segment, long)).toEqual([1])
  })

  test('is cut into rows of which none is large', () => {
    const shape = { ...SHAPE, documentsInRow: 10, blockSize: 100 }
    const entries = Array.from({ length: 95 }, (_, n) => entry(n, `word${n} and`, { room: `r${n % 3}@m` }))
    const segment = buildSegment(entries, shape)

    expect(segment.rows.map(({ orders }) => orders.length)).toEqual([...Array.from({ length: 9 }, () => 10), 5])
    expect(segment.blocks.length).toBeGreaterThan(10)
    expect(look(segment, 'word7', { room: 'r1@m' })).toEqual([79, 76, 73, 70, 7])
    expect(look(segment, 'and')).toHaveLength(95)
  })
})
