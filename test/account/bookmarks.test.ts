import { describe, expect, test } from 'vitest'
import {
  type BookmarkEffect,
  type Bookmarks,
  bookmarksChanged,
  bookmarksRead,
  NO_BOOKMARKS,
  newSession,
  suppressed,
} from '../../src/account/bookmarks.ts'
import type { Bookmark, BookmarkChange } from '../../src/protocol/xep-0402-bookmarks.ts'

const GARDEN = 'garden@rooms.example'
const HALL = 'hall@rooms.example'
const bookmark = (room: string, facts: Partial<Bookmark> = {}): Bookmark => ({ room, autojoin: true, ...facts })
const known = (...bookmarks: readonly Bookmark[]): Bookmarks => bookmarksRead(NO_BOOKMARKS, bookmarks)[0]

const changeInWords = (change: BookmarkChange): string =>
  'set' in change ? `set ${change.set.room}` : 'removed' in change ? `removed ${change.removed}` : 'purged'
const inWords = (effects: readonly BookmarkEffect[]): string[] =>
  effects.map((effect) =>
    effect.do === 'tell' ? `tell ${changeInWords(effect.change)}` : `${effect.do} ${effect.room}`,
  )
const asked = (was: Bookmarks, ...changes: readonly BookmarkChange[]): string[] =>
  inWords(bookmarksChanged(was, changes)[1])

describe('all bookmarks have been read', () => {
  test('and those with autojoin are wanted, with their nick and password', () => {
    const [next, effects] = bookmarksRead(NO_BOOKMARKS, [
      bookmark(GARDEN, { nick: 'juliet', password: 'key' }),
      bookmark(HALL, { autojoin: false }),
    ])

    expect(inWords(effects)).toEqual([`tell set ${GARDEN}`, `keep ${GARDEN}`, `tell set ${HALL}`])
    expect(effects[1]).toMatchObject({ nick: 'juliet', password: 'key' })
    expect([...next.known.keys()]).toEqual([GARDEN, HALL])
  })

  test('and there are none: that is known, which is not the same as not to know', () => {
    expect(NO_BOOKMARKS.complete).toBe(false)
    expect(known()).toMatchObject({ complete: true, known: new Map() })
  })

  test('a second time, and the same: nothing is asked and nobody hears of it', () => {
    expect(bookmarksRead(known(bookmark(GARDEN)), [bookmark(GARDEN)])[1]).toEqual([])
  })

  test.each([
    ['is not among them any more', [], [`tell removed ${GARDEN}`, `let-go ${GARDEN}`]],
    ['has lost its autojoin', [bookmark(GARDEN, { autojoin: false })], [`tell set ${GARDEN}`, `let-go ${GARDEN}`]],
  ])('a second time, and a room that was wanted %s: it is let go of', (_what, read, words) => {
    expect(inWords(bookmarksRead(known(bookmark(GARDEN)), read)[1])).toEqual(words)
  })
})

describe('a change', () => {
  test.each<[string, Bookmarks, BookmarkChange, readonly string[]]>([
    ['sets one with autojoin', known(), { set: bookmark(GARDEN) }, [`tell set ${GARDEN}`, `keep ${GARDEN}`]],
    ['sets one without', known(), { set: bookmark(GARDEN, { autojoin: false }) }, [`tell set ${GARDEN}`]],
    ['says what is known: its echo asks nothing', known(bookmark(GARDEN)), { set: bookmark(GARDEN) }, []],
    [
      'says what is known in another order of words',
      known(bookmark(GARDEN, { nick: 'juliet', name: 'Garden' })),
      { set: { name: 'Garden', autojoin: true, nick: 'juliet', room: GARDEN } },
      [],
    ],
    [
      'renames one: the room is wanted as before',
      known(bookmark(GARDEN)),
      { set: bookmark(GARDEN, { name: 'The garden' }) },
      [`tell set ${GARDEN}`, `keep ${GARDEN}`],
    ],
    [
      'takes autojoin away',
      known(bookmark(GARDEN)),
      { set: bookmark(GARDEN, { autojoin: false }) },
      [`tell set ${GARDEN}`, `let-go ${GARDEN}`],
    ],
    [
      'removes one with autojoin',
      known(bookmark(GARDEN)),
      { removed: GARDEN },
      [`tell removed ${GARDEN}`, `let-go ${GARDEN}`],
    ],
    [
      'removes one without: who is in the room by their own will stays',
      known(bookmark(GARDEN, { autojoin: false })),
      { removed: GARDEN },
      [`tell removed ${GARDEN}`],
    ],
    ['removes one that nobody knows', known(bookmark(GARDEN)), { removed: HALL }, []],
    [
      'removes all',
      known(bookmark(GARDEN), bookmark(HALL, { autojoin: false })),
      { purged: true },
      [`tell removed ${GARDEN}`, `let-go ${GARDEN}`, `tell removed ${HALL}`],
    ],
  ])('%s', (_what, was, change, words) => {
    expect(asked(was, change)).toEqual(words)
  })

  test('is known from then on: told twice it is one', () => {
    const [next] = bookmarksChanged(known(), [{ set: bookmark(GARDEN) }])

    expect(asked(next, { set: bookmark(GARDEN) })).toEqual([])
  })

  test('before they have been read is not all there is, and what it says counts', () => {
    const [next, effects] = bookmarksChanged(NO_BOOKMARKS, [{ set: bookmark(GARDEN) }])

    expect(next.complete).toBe(false)
    expect(inWords(effects)).toEqual([`tell set ${GARDEN}`, `keep ${GARDEN}`])
    expect(inWords(bookmarksRead(next, [bookmark(GARDEN)])[1])).toEqual([])
  })

  test('leaves the picture before as it was', () => {
    const was = known(bookmark(GARDEN))

    bookmarksChanged(was, [{ purged: true }])

    expect(was.known.size).toBe(1)
  })
})

describe('a room that threw us out', () => {
  const out = suppressed(known(bookmark(GARDEN)), GARDEN)
  const renamed = { set: bookmark(GARDEN, { name: 'The garden' }) }

  test('is not brought back by its bookmark, and the change is told all the same', () => {
    expect(asked(out, renamed)).toEqual([`tell set ${GARDEN}`])
  })

  test('is let go of where another device takes its autojoin away', () => {
    expect(asked(out, { set: bookmark(GARDEN, { autojoin: false }) })).toContain(`let-go ${GARDEN}`)
  })

  test('may be tried again in a new session', () => {
    expect(asked(newSession(out), renamed)).toEqual([`tell set ${GARDEN}`, `keep ${GARDEN}`])
    expect(newSession(out).known).toBe(out.known)
  })
})
