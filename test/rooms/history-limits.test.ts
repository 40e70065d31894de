import { describe, expect, test } from 'vitest'
import type { SharedMessage } from '../../src/contract/api.ts'
import { limitHistory, limitsOf, stanzaLimit } from '../../src/rooms/history-limits.ts'
import { told } from '../support/fakes/room-xml.ts'
import { sharedMessage } from '../support/fakes/shared-message.ts'
import { stanza } from '../support/fakes/xml.ts'

const NOW = Date.UTC(2030, 0, 1, 12)

/** One message a minute, the newest one minute old. */
const messages = (count: number): SharedMessage[] =>
  Array.from({ length: count }, (_, i) =>
    sharedMessage(i, { stampMs: NOW - (count - i) * 60_000, stanza: stanza(told('romeo', `message ${i}`, `a${i}`)) }),
  )

const ids = (limits: Parameters<typeof limitHistory>[1], from = messages(30)): string[] =>
  limitHistory(from, limits, NOW).map(({ id }) => id)

describe('limitsOf', () => {
  test('is empty for no wish', () => {
    expect(Object.values(limitsOf(undefined)).every((value) => value === undefined)).toBe(true)
  })

  test('takes a date for its moment', () => {
    expect(limitsOf({ since: new Date(5000) }).sinceMs).toBe(5000)
    expect(limitsOf({ since: 5000 }).sinceMs).toBe(5000)
  })

  test('keeps zeros', () => {
    expect(limitsOf({ maxstanzas: 0, maxchars: 0, seconds: 0, since: 0 })).toEqual({
      maxStanzas: 0,
      maxChars: 0,
      seconds: 0,
      sinceMs: 0,
    })
  })
})

describe('limitHistory', () => {
  test('gives the newest twenty where nothing is asked for, oldest first', () => {
    const given = ids({})

    expect(given).toHaveLength(20)
    expect([given[0], given.at(-1)]).toEqual(['a10', 'a29'])
  })

  test('gives the newest of so many stanzas', () => {
    expect(ids({ maxStanzas: 3 })).toEqual(['a27', 'a28', 'a29'])
  })

  test('gives more than twenty where more are asked for', () => {
    expect(ids({ maxStanzas: 25 })).toHaveLength(25)
  })

  test.each([{ maxStanzas: 0 }, { maxChars: 0 }, { maxStanzas: 0, seconds: 3600 }, { maxChars: 0, maxStanzas: 5 }])(
    'gives nothing for %j',
    (limits) => {
      expect(ids(limits)).toEqual([])
    },
  )

  test('gives what is not older than so many seconds', () => {
    expect(ids({ seconds: 180 })).toEqual(['a27', 'a28', 'a29'])
  })

  test('gives what was received since a moment', () => {
    expect(ids({ sinceMs: NOW - 2 * 60_000 })).toEqual(['a28', 'a29'])
  })

  test('compares whole seconds, as servers do', () => {
    expect(ids({ sinceMs: NOW - 2 * 60_000 + 900 })).toEqual(['a28', 'a29'])
  })

  test('counts the characters of whole stanzas', () => {
    const [newest] = messages(1)
    const text = told('romeo', 'message 0', 'a0').replace('<message', "<message xmlns='jabber:client'")

    expect(ids({ maxChars: text.length }, newest && [newest])).toEqual(['a0'])
    expect(ids({ maxChars: text.length - 1 }, newest && [newest])).toEqual([])
  })

  test('takes the smallest result where several limits are given', () => {
    expect(ids({ maxStanzas: 5, seconds: 120 })).toEqual(['a28', 'a29'])
    expect(ids({ maxStanzas: 1, seconds: 120 })).toEqual(['a29'])
    expect(ids({ seconds: 600, sinceMs: NOW - 60_000 })).toEqual(['a29'])
  })

  test('gives less where there is less', () => {
    expect(ids({ maxStanzas: 5 }, messages(2))).toEqual(['a0', 'a1'])
    expect(ids({}, [])).toEqual([])
  })

  test('leaves what it was given as it was', () => {
    const given = messages(3)

    limitHistory(given, { maxStanzas: 2 }, NOW)

    expect(given.map(({ id }) => id)).toEqual(['a0', 'a1', 'a2'])
  })
})

test.each([
  [{}, 20],
  [{ maxStanzas: 0 }, 0],
  [{ maxStanzas: 100 }, 100],
  [{ maxChars: 0 }, 0],
  [{ maxChars: 0, maxStanzas: 5 }, 0],
  [{ maxChars: 1000 }, 500],
  [{ seconds: 60 }, 500],
  [{ sinceMs: 0 }, 500],
  [{ seconds: 60, maxStanzas: 7 }, 7],
])('to answer %j at most %d messages are read', (limits, most) => {
  expect(stanzaLimit(limits)).toBe(most)
})
