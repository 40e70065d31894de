import { describe, expect, test } from 'vitest'
import {
  beginManaged,
  type ManagedStream,
  restoreManaged,
  rowOf,
  type StreamRow,
  stanzaSent,
  stanzasHandled,
  stanzaTaken,
} from '../../src/account/managed-stream.ts'
import { presence } from '../../src/protocol/stanza.ts'

const stanza = (id: string) => presence({ id })
const ids = ({ unhandled }: ManagedStream): unknown[] => unhandled.map(({ attrs }) => attrs['id'])
const LAST = 2 ** 32 - 1

function sent(...names: readonly string[]): ManagedStream {
  const stream = beginManaged('s1', 'a@b/c')
  for (const name of names) stanzaSent(stream, stanza(name))
  return stream
}

const ROW: StreamRow = { id: 's1', fullJid: 'a@b/c', taken: 3, handled: 4, unhandled: [stanza('a'), stanza('b')] }

test('what was sent waits until the server has handled it', () => {
  const stream = sent('a', 'b', 'c')

  expect(stanzasHandled(stream, 2)).toBe(true)
  expect(ids(stream)).toEqual(['c'])
  expect(stanzasHandled(stream, 2)).toBe(true)
  expect(ids(stream)).toEqual(['c'])
  expect(stanzasHandled(stream, 3)).toBe(true)
  expect(ids(stream)).toEqual([])
})

test('counts go round at 2^32, both ways', () => {
  const stream = restoreManaged({ ...ROW, taken: LAST, handled: LAST - 1, unhandled: [] })
  for (const name of ['a', 'b', 'c', 'd']) stanzaSent(stream, stanza(name))
  stanzaTaken(stream)

  expect(stanzasHandled(stream, 1)).toBe(true)
  expect(ids(stream)).toEqual(['d'])
  expect(stream).toMatchObject({ taken: 0, handled: 1 })
})

test.each([
  ['one more than was sent', 4],
  ['far more than was sent', 1_000_000],
  ['fewer than it said before', 0],
])('%s is impossible, and changes nothing', (_what, h) => {
  const stream = sent('a', 'b', 'c')
  stanzasHandled(stream, 1)

  expect(stanzasHandled(stream, h)).toBe(false)
  expect(ids(stream)).toEqual(['b', 'c'])
  expect(stream.handled).toBe(1)
})

describe('a session that was read from the store', () => {
  test('is as it was written', () => {
    expect(rowOf(restoreManaged(ROW))).toEqual(ROW)
  })

  test('may have sent more than was written down', () => {
    const stream = restoreManaged(ROW)

    expect(stanzasHandled(stream, 9)).toBe(true)
    expect(ids(stream)).toEqual([])
    expect(stream.handled).toBe(9)
  })

  test('sends again what the server had not handled of what was written down', () => {
    const stream = restoreManaged(ROW)

    expect(stanzasHandled(stream, 5)).toBe(true)
    expect(ids(stream)).toEqual(['b'])
  })

  test('and goes on cannot be told of more than it sent any more', () => {
    const stream = restoreManaged(ROW)
    stanzasHandled(stream, 9)

    expect(stanzasHandled(stream, 10)).toBe(false)
  })
})

test('a session that cannot be resumed is not written down', () => {
  expect(rowOf(beginManaged(undefined, 'a@b/c'))).toBeUndefined()
})

test('what is written down does not change with the stream', () => {
  const stream = sent('a')
  const row = rowOf(stream)
  stanzaSent(stream, stanza('b'))
  stanzaTaken(stream)

  expect(row).toMatchObject({ taken: 0, unhandled: [stanza('a')] })
})
