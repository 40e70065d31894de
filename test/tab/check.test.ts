import { describe, expect, test } from 'vitest'
import { MinimixError } from '../../src/contract/errors.ts'
import { bareJid, mustBe, nickname } from '../../src/tab/check.ts'

const NO_STRINGS: readonly unknown[] = [undefined, null, 7, {}, [], true, ['r@m']]
const malformed = (what: () => unknown): unknown => {
  try {
    return what()
  } catch (error) {
    return error instanceof MinimixError ? error.code : error
  }
}

describe('mustBe', () => {
  test('lets through what is right', () => {
    expect(() => mustBe(true, 'never')).not.toThrow()
  })

  test('throws a TypeError that says what is not', () => {
    expect(() => mustBe(false, 'join({ nick }) must be a string')).toThrow(
      new TypeError('join({ nick }) must be a string'),
    )
  })
})

describe('bareJid', () => {
  test('gives the address in normal form', () => {
    expect(bareJid('Garden@Rooms.Example.', 'room(jid)')).toBe('garden@rooms.example')
  })

  test.each(NO_STRINGS)('throws a TypeError for %j', (value) => {
    expect(() => bareJid(value, 'room(jid)')).toThrow(TypeError)
  })

  test.each(['', 'a@b/c', '@b', 'a b@c', 'a@', 'x/y'])('throws jid-malformed for %j', (value) => {
    expect(malformed(() => bareJid(value, 'room(jid)'))).toBe('jid-malformed')
  })
})

describe('nickname', () => {
  test('gives the nick in normal form', () => {
    expect(nickname('e\u0301', 'join({ nick })')).toBe('é')
  })

  test.each(NO_STRINGS)('throws a TypeError for %j', (value) => {
    expect(() => nickname(value, 'join({ nick })')).toThrow(TypeError)
  })

  test.each(['', ' ', '\u3000', 'a\nb', 'a\u0000', '\ud800', 'x'.repeat(1024)])(
    'throws jid-malformed for %j',
    (value) => {
      expect(malformed(() => nickname(value, 'join({ nick })'))).toBe('jid-malformed')
    },
  )
})
