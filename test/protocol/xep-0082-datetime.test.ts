import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readDateTime, writeDateTime } from '../../src/protocol/xep-0082-datetime.ts'

describe('readDateTime', () => {
  test.each([
    ['1969-07-21T02:56:15Z', Date.UTC(1969, 6, 21, 2, 56, 15)],
    ['2026-11-22T05:37:23.319Z', Date.UTC(2026, 10, 22, 5, 37, 23, 319)],
    ['2026-11-22T05:37:23.319294Z', Date.UTC(2026, 10, 22, 5, 37, 23, 319)],
    ['2026-11-22T05:37:23.3Z', Date.UTC(2026, 10, 22, 5, 37, 23, 300)],
    ['2026-11-22T05:37:23+05:30', Date.UTC(2026, 10, 22, 0, 7, 23)],
    ['2026-11-21T21:37:23-08:00', Date.UTC(2026, 10, 22, 5, 37, 23)],
    ['20261122T05:37:23', Date.UTC(2026, 10, 22, 5, 37, 23)],
  ])('reads %s', (text, stampMs) => {
    expect(readDateTime(text)).toBe(stampMs)
  })

  test.each([
    '',
    'yesterday',
    '0',
    '2026-11-22',
    '2026-11-22T05:37:23',
    '2026-11-22 05:37:23Z',
    '2026-13-22T05:37:23Z',
    '2026-11-22T25:37:23Z',
    '2026-11-22T05:37:23Z ',
    '20261322T05:37:23',
    '1e12',
  ])('finds no time in %j', (text) => {
    expect(readDateTime(text)).toBeUndefined()
  })
})

test('what is written is UTC with milliseconds', () => {
  expect(writeDateTime(Date.UTC(2026, 10, 22, 5, 37, 23, 5))).toBe('2026-11-22T05:37:23.005Z')
})

test('what is written is read again', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Date.UTC(9999, 0, 1) }), (stampMs) => {
      expect(readDateTime(writeDateTime(stampMs))).toBe(stampMs)
    }),
  )
})
