import { expect, test } from 'vitest'
import {
  type Bookmarks,
  bookmarksChanged,
  bookmarksRead,
  NO_BOOKMARKS,
  newSession,
  suppressed,
} from '../../src/account/bookmarks.ts'
import type { Bookmark } from '../../src/protocol/xep-0402-bookmarks.ts'

const garden: Bookmark = { room: 'garden@rooms.example', name: 'The Garden', nick: 'juliet', autojoin: true }
const balcony: Bookmark = { room: 'balcony@rooms.example', autojoin: false }

const read = (...all: readonly Bookmark[]): Bookmarks => bookmarksRead(NO_BOOKMARKS, all)[0]

test('a room that is to be joined is kept, one that is not is only told', () => {
  const [next, effects] = bookmarksRead(NO_BOOKMARKS, [garden, balcony])

  expect([...next.known.keys()]).toEqual([garden.room, balcony.room])
  expect(effects).toEqual([
    { do: 'tell', change: { set: garden } },
    { do: 'keep', room: garden.room, nick: 'juliet', password: undefined },
    { do: 'tell', change: { set: balcony } },
  ])
})

test('what has been read is all there is, what was only told of is not', () => {
  expect(read(garden).complete).toBe(true)
  expect(read().complete).toBe(true)
  expect(bookmarksChanged(NO_BOOKMARKS, [{ set: garden }])[0]).toMatchObject({ complete: false })
})

test('a bookmark that comes back as it was, by whomever its words are put in order, is nobody’s news', () => {
  const { room, name, nick, autojoin } = garden
  const [, effects] = bookmarksChanged(read(garden), [{ set: { autojoin, nick: nick ?? '', name: name ?? '', room } }])

  expect(effects).toEqual([])
})

test.each([
  ['another name', { name: 'The Orchard' }, ['tell', 'keep']],
  ['another nick', { nick: 'capulet' }, ['tell', 'keep']],
  ['no wish to be joined any more', { autojoin: false }, ['tell', 'let-go']],
])('a bookmark that comes back with %s is told', (_what, words, wanted) => {
  const [, effects] = bookmarksChanged(read(garden), [{ set: { ...garden, ...words } }])

  expect(effects.map((effect) => effect.do)).toEqual(wanted)
})

test('one that is removed lets go of its room, and one that nobody knew says nothing', () => {
  const [next, effects] = bookmarksChanged(read(garden), [{ removed: garden.room }, { removed: balcony.room }])

  expect(next.known.size).toBe(0)
  expect(effects).toEqual([
    { do: 'tell', change: { removed: garden.room } },
    { do: 'let-go', room: garden.room },
  ])
})

test('all of them purged are each removed', () => {
  const [next, effects] = bookmarksChanged(read(garden, balcony), [{ purged: true }])

  expect(next.known.size).toBe(0)
  expect(effects.filter((effect) => effect.do === 'tell')).toHaveLength(2)
})

test('those that are not there any more when all is read again are removed', () => {
  const [, effects] = bookmarksRead(read(garden, balcony), [balcony])

  expect(effects).toEqual([
    { do: 'tell', change: { removed: garden.room } },
    { do: 'let-go', room: garden.room },
  ])
})

test('a room that threw us out is not kept by its bookmark before the next session', () => {
  const out = suppressed(read(garden), garden.room)
  const renamed = { set: { ...garden, name: 'The Orchard' } }

  expect(bookmarksChanged(out, [renamed])[1].map((effect) => effect.do)).toEqual(['tell'])
  expect(bookmarksChanged(newSession(out), [renamed])[1].map((effect) => effect.do)).toEqual(['tell', 'keep'])
})
