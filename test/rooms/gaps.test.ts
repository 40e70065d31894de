import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type ArchivePage,
  BEGINNING,
  type Direction,
  type Edge,
  fillGap,
  type Gap,
  gapAbove,
  gapBelow,
  withGap,
} from '../../src/rooms/gaps.ts'

interface Archived {
  readonly archiveId: string
}

const edge = (id: string): Edge => ({ id, stampMs: Number(id.slice(1)) })
const gap = (from: number, to: number, after?: string, before?: string): Gap => ({
  from,
  to,
  after: after === undefined ? undefined : edge(after),
  before: before === undefined ? undefined : edge(before),
})

/** A page as servers give it: its edge is the last item in its direction. */
function page(direction: Direction, ids: readonly string[], complete = false): ArchivePage<Archived> {
  const last = direction === 'forward' ? ids.at(-1) : ids[0]
  return {
    messages: ids.map((archiveId) => ({ archiveId })),
    edge: last === undefined ? undefined : edge(last),
    complete,
  }
}

const NONE = (): boolean => false
const fill = (
  of: Gap,
  direction: Direction,
  ids: readonly string[],
  { complete = false, known = NONE }: { readonly complete?: boolean; readonly known?: (id: string) => boolean } = {},
): { readonly placed: unknown; readonly left: Gap | undefined } => {
  const { placed, left } = fillGap(of, direction, page(direction, ids, complete), known)
  return { placed: placed.map(({ message, order }) => `${message.archiveId} at ${order}`), left }
}

describe('a page from the beginning of a gap', () => {
  test('is put next to what is before it, and the gap goes on behind it', () => {
    expect(fill(gap(10, 99, 'a1', 'a9'), 'forward', ['a2', 'a3'])).toEqual({
      placed: ['a2 at 10', 'a3 at 11'],
      left: gap(12, 99, 'a3', 'a9'),
    })
  })

  test.each<[string, readonly string[], { complete?: boolean; known?: (id: string) => boolean }, readonly string[]]>([
    ['has the first message behind it', ['a2', 'a9'], {}, ['a2 at 10']],
    ['has only that', ['a9'], {}, []],
    ['has what is known behind it', ['a2', 'a8', 'a9'], { known: (id) => id === 'a8' }, ['a2 at 10']],
    ['is the last', ['a2', 'a3'], { complete: true }, ['a2 at 10', 'a3 at 11']],
    ['has nothing', [], {}, []],
  ])('that %s closes it', (_what, ids, options, placed) => {
    expect(fill(gap(10, 99, 'a1', 'a9'), 'forward', ids, options)).toEqual({ placed, left: undefined })
  })
})

describe('a page from the end of a gap', () => {
  test('is put next to what is behind it, and the gap ends before it', () => {
    expect(fill(gap(BEGINNING, 0, undefined, 'a9'), 'backward', ['a7', 'a8'])).toEqual({
      placed: ['a7 at -2', 'a8 at -1'],
      left: gap(BEGINNING, -2, undefined, 'a7'),
    })
  })

  test.each<[string, readonly string[], { complete?: boolean; known?: (id: string) => boolean }, readonly string[]]>([
    ['has the last message before it', ['a1', 'a8'], {}, ['a8 at 98']],
    ['has what is known before it', ['a0', 'a1', 'a8'], { known: (id) => id === 'a1' }, ['a8 at 98']],
    ['is the first', ['a7', 'a8'], { complete: true }, ['a7 at 97', 'a8 at 98']],
    ['has nothing', [], {}, []],
  ])('that %s closes it', (_what, ids, options, placed) => {
    expect(fill(gap(10, 99, 'a1', 'a9'), 'backward', ids, options)).toEqual({ placed, left: undefined })
  })
})

test('a page without a message moves the edge: subjects and the like are in archives, too', () => {
  const subjects = { messages: [], edge: edge('a5'), complete: false }

  expect(fillGap(gap(10, 99, 'a1', 'a9'), 'forward', subjects, NONE)).toEqual({
    placed: [],
    left: gap(10, 99, 'a5', 'a9'),
  })
  expect(fillGap(gap(10, 99, 'a1', 'a9'), 'backward', subjects, NONE)).toEqual({
    placed: [],
    left: gap(10, 99, 'a1', 'a5'),
  })
})

describe('of two gaps', () => {
  const [one, other] = [gap(0, 10), gap(50, 60)]

  test.each([
    [-5, undefined],
    [0, undefined],
    [1, one],
    [10, one],
    [50, one],
    [51, other],
    [99, other],
  ])('below %d the newest is %j', (order, found) => {
    expect(gapBelow([one, other], order)).toBe(found)
  })

  test.each([
    [-5, one],
    [8, one],
    [9, other],
    [10, other],
    [58, other],
    [59, undefined],
  ])('above %d the oldest is %j', (order, found) => {
    expect(gapAbove([one, other], order)).toBe(found)
  })

  test('one is changed or taken out, and the other stays', () => {
    const changed = gap(2, 10)

    expect(withGap([one, other], one, changed)).toEqual([changed, other])
    expect(withGap([one, other], other, undefined)).toEqual([one])
    expect(withGap([one, other], changed, undefined)).toEqual([one, other])
  })
})

/**
 * An archive of `length` messages of which some runs are known, with a gap between two runs, filled by pages of any size
 * from either side, in any order, by a server that marks its last page or does not.
 */
const filling = fc.record({
  length: fc.integer({ min: 1, max: 40 }),
  known: fc.array(fc.nat(39), { maxLength: 12 }),
  moves: fc.array(
    fc.record({
      at: fc.nat(9),
      direction: fc.constantFrom<Direction>('forward', 'backward'),
      max: fc.integer({ min: 1, max: 7 }),
    }),
    { minLength: 60, maxLength: 60 },
  ),
  tells: fc.boolean(),
  looksAhead: fc.boolean(),
})

test('gaps that are filled in any way end in exactly the archive, each message once and in its order', () => {
  fc.assert(
    fc.property(filling, ({ length, known, moves, tells, looksAhead }) => {
      const archive = Array.from({ length }, (_, i) => `a${i}`)
      const [first = 0, ...rest] = [...new Set(known.filter((i) => i < length))].sort((a, b) => a - b)
      const places = new Map<string, number>()
      const gaps: Gap[] = []
      const WIDE = 1000
      let next = 0
      // Each known message is one run; where the next one is not its neighbour something is missing between them.
      gaps.push({ from: BEGINNING, to: 0, after: undefined, before: edge(`a${first}`) })
      for (const [i, at] of [first, ...rest].entries()) {
        const before = i === 0 ? undefined : [first, ...rest][i - 1]
        if (before !== undefined && at !== before + 1) {
          gaps.push({ from: next, to: next + WIDE, after: edge(`a${before}`), before: edge(`a${at}`) })
          next += WIDE
        }
        places.set(`a${at}`, next++)
      }
      const last = [first, ...rest].at(-1) ?? 0
      gaps.push({ from: next, to: next + WIDE, after: edge(`a${last}`), before: undefined })
      let left: readonly Gap[] = gaps

      const one = (which: Gap, direction: Direction, max: number): void => {
        const forward = direction === 'forward'
        const from = archive.indexOf((forward ? which.after : which.before)?.id ?? '')
        const start = forward ? from + 1 : Math.max(0, (from === -1 ? length : from) - max)
        const end = forward ? Math.min(length, from + 1 + max) : from === -1 ? length : from
        const given = page(direction, archive.slice(start, end), tells && (forward ? end === length : start === 0))
        // Beside the edges of the gap all that is stored may be known, or only those.
        const isKnown = (id: string): boolean => looksAhead && places.has(id)
        const { placed, left: now } = fillGap(which, direction, given, isKnown)
        for (const { message, order } of placed) {
          expect(places.has(message.archiveId), `${message.archiveId} twice`).toBe(false)
          expect([...places.values()]).not.toContain(order)
          places.set(message.archiveId, order)
        }
        left = withGap(left, which, now)
      }
      for (const { at, direction, max } of moves) {
        const which = left[at % Math.max(1, left.length)]
        if (which) one(which, direction, max)
      }
      for (let tries = 0; tries < 100 && left.length > 0; tries++) for (const which of left) one(which, 'forward', 5)

      expect(left).toEqual([])
      const inOrder = [...places].sort(([, a], [, b]) => a - b).map(([id]) => id)
      expect(inOrder).toEqual(archive)
    }),
    { numRuns: 500 },
  )
})
