import { describe, expect, test } from 'vitest'
import type { StreamRow } from '../../src/account/managed-stream.ts'
import type { OutboxRow, PendingAmendment, SearchCall, SharedMessage } from '../../src/contract/api.ts'
import type { Occupant } from '../../src/contract/model.ts'
import { el } from '../../src/protocol/xml.ts'
import type { Gap } from '../../src/rooms/gaps.ts'
import type { Membership } from '../../src/rooms/inputs.ts'
import type { RoomRow, Store } from '../../src/storage/store.ts'
import { sharedMessage } from '../support/fakes/shared-message.ts'

export const message = (room: string, order: number, facts: Partial<SharedMessage> = {}): SharedMessage =>
  sharedMessage(order, { room, ...facts })

export const put = (row: SharedMessage) => ({ put: 'message', row }) as const

export const pendingReaction = (nick: string, atMs = 5): PendingAmendment => ({
  kind: 'reaction',
  target: 'a1',
  emojis: ['👍'],
  room: 'r@m',
  nick,
  since: 0,
  atMs,
  body: '',
  stanza: { name: 'message', ns: 'jabber:client', attrs: {}, children: [] },
})

export const outboxRow = (room: string, order: number, id = `x${order}`): OutboxRow => ({
  room,
  id,
  order,
  tab: 't1',
  stanza: el('jabber:client', 'message', { to: room, id }),
  body: `said ${order}`,
  sinceMs: 12.5,
})

const occupant = (nick: string): Occupant => ({
  nick,
  role: 'participant',
  affiliation: 'none',
  show: 'online',
  hats: [],
  own: false,
  ownAccount: false,
})

const SESSION: StreamRow = {
  id: 's1',
  fullJid: 'juliet@capulet.example/web',
  taken: 2 ** 32 - 1,
  handled: 7,
  unhandled: [el('jabber:client', 'presence')],
}

const ROOM = 'r@m'
const MEMBER: Membership = { nick: 'juliet', codes: [110], config: undefined }
const GAP: Gap = { from: Number.MIN_SAFE_INTEGER, to: 9, after: undefined, before: { id: 'a9', stampMs: 12.5 } }
const ALL = { room: ROOM, from: Number.MIN_SAFE_INTEGER, before: Number.MAX_SAFE_INTEGER }
const places = (rows: readonly SharedMessage[]): number[] => rows.map(({ order }) => order)

/** What every filling of `Store` promises. `create` gives an empty one. */
export function storeContract(name: string, create: () => Promise<Store>): void {
  describe(`${name}, as a store,`, () => {
    const withMessages = async (...orders: readonly number[]): Promise<Store> => {
      const store = await create()
      await store.write(orders.map((order) => put(message(ROOM, order))))
      return store
    }

    test('is empty at first', async () => {
      const store = await create()

      expect(await store.room(ROOM)).toBeUndefined()
      expect(await store.newest(ALL, 10)).toEqual([])
    })

    test('gives back a room as it was written', async () => {
      const store = await create()
      const row: RoomRow = { room: ROOM, member: MEMBER, gaps: [GAP], subject: { text: 'Verona' } }

      await store.write([{ put: 'room', row }])

      expect(await store.room(ROOM)).toEqual(row)
    })

    test('replaces a room', async () => {
      const store = await create()
      const row: RoomRow = { room: ROOM, member: MEMBER, gaps: [], subject: { text: '' } }
      await store.write([{ put: 'room', row }])

      await store.write([{ put: 'room', row: { ...row, member: undefined } }])

      expect((await store.room(ROOM))?.member).toBeUndefined()
    })

    test('gives back a message as it was written, with its whole stanza', async () => {
      const store = await create()
      const row = message(ROOM, 7, { body: '\u0000😀\ud800', tab: 't1', originId: 'o', stampMs: 12.5 })

      await store.write([put(row)])

      expect(await store.newest(ALL, 1)).toEqual([row])
    })

    test('gives the newest messages, oldest first, in whatever order they were written', async () => {
      const store = await withMessages(3, 1, 5, 2, 4)

      expect(places(await store.newest(ALL, 3))).toEqual([3, 4, 5])
    })

    test('gives all where there are fewer', async () => {
      expect(places(await (await withMessages(1, 2)).newest(ALL, 10))).toEqual([1, 2])
    })

    test.each([0, -1])('gives nothing where %d are wanted', async (limit) => {
      expect(await (await withMessages(1, 2)).newest(ALL, limit)).toEqual([])
    })

    test.each([
      ['both ends', 2, 4, [2, 3]],
      ['a beginning between messages', 2.5, 9, [3, 4, 5]],
      ['an end beyond the last', 4, 99, [4, 5]],
      ['nothing inside', 6, 9, []],
      ['no length', 3, 3, []],
      ['its ends the wrong way round', 4, 2, []],
    ])('gives only what lies in a stretch with %s', async (_what, from, before, expected) => {
      const store = await withMessages(1, 2, 3, 4, 5)

      expect(places(await store.newest({ room: ROOM, from, before }, 10))).toEqual(expected)
    })

    test('gives the newest of a stretch, not of the room', async () => {
      const store = await withMessages(1, 2, 3, 4, 5)

      expect(places(await store.newest({ room: ROOM, from: 1, before: 5 }, 2))).toEqual([3, 4])
    })

    test('finds its way over a gap', async () => {
      const far = 2 ** 32
      const store = await withMessages(1, 2, far, far + 1)

      expect(places(await store.newest(ALL, 3))).toEqual([2, far, far + 1])
      expect(places(await store.newest({ room: ROOM, from: far, before: far + 2 }, 10))).toEqual([far, far + 1])
      expect(places(await store.newest({ room: ROOM, from: 0, before: far + 1 }, 2))).toEqual([2, far])
    })

    test('finds the newest where most places are free', async () => {
      const store = await withMessages(...Array.from({ length: 20 }, (_, n) => n * n * 10))

      expect(places(await store.newest(ALL, 4))).toEqual([2560, 2890, 3240, 3610])
      expect(places(await store.newest({ room: ROOM, from: 11, before: 3000 }, 99))).toHaveLength(16)
    })

    test('keeps places apart that are negative', async () => {
      expect(places(await (await withMessages(-2, -1, 0)).newest(ALL, 2))).toEqual([-1, 0])
    })

    test('replaces a message at the same place', async () => {
      const store = await withMessages(1, 2, 3)

      await store.write([put(message(ROOM, 2, { body: 'corrected' }))])

      expect((await store.newest(ALL, 10)).map(({ body }) => body)).toEqual(['message 1', 'corrected', 'message 3'])
    })

    test.each(['r', 'r@m2', '__proto__', 'constructor', ''])('keeps the room %j apart', async (other) => {
      const store = await withMessages(1)
      await store.write([
        put(message(other, 2)),
        { put: 'room', row: { room: other, member: undefined, gaps: [GAP], subject: { text: '' } } },
      ])

      expect(places(await store.newest(ALL, 10))).toEqual([1])
      expect(places(await store.newest({ ...ALL, room: other }, 10))).toEqual([2])
      expect(await store.room(ROOM)).toBeUndefined()
      expect((await store.room(other))?.gaps).toEqual([GAP])
    })

    test('lets a read that follows a write see all of it', async () => {
      const store = await create()

      const writing = store.write([put(message(ROOM, 1)), put(message(ROOM, 2))])
      const reading = store.newest(ALL, 10)
      await writing

      expect(places(await reading)).toEqual([1, 2])
    })

    test('does not show a read what was written after it began', async () => {
      const store = await withMessages(1)

      const reading = store.newest(ALL, 10)
      await store.write([put(message(ROOM, 2))])

      expect(places(await reading)).toEqual([1])
    })

    test.each([
      ['both ends', 2, 4, 10, [2, 3]],
      ['more in it than is wanted', 1, 99, 2, [1, 2]],
      ['a beginning between messages', 2.5, 9, 10, [3, 4, 5]],
      ['a gap in it', 5, 2 ** 33, 2, [5, 2 ** 32]],
      ['nothing inside', 6, 9, 10, []],
      ['no length', 3, 3, 10, []],
      ['its ends the wrong way round', 4, 2, 10, []],
      ['nothing wanted', 1, 9, 0, []],
    ])('gives the oldest of a stretch with %s', async (_what, from, before, limit, expected) => {
      const store = await withMessages(3, 1, 5, 2, 4, 2 ** 32)

      expect(places(await store.oldest({ room: ROOM, from, before }, limit))).toEqual(expected)
    })

    test('finds a message by its id, in its room only', async () => {
      const store = await withMessages(1, 2)
      await store.write([put(message('other@m', 9, { id: 'a1', body: 'elsewhere' }))])

      expect((await store.find(ROOM, 'a2'))?.order).toBe(2)
      expect((await store.find(ROOM, 'a1'))?.body).toBe('message 1')
      expect((await store.find('other@m', 'a1'))?.body).toBe('elsewhere')
      expect(await store.find(ROOM, 'a9')).toBeUndefined()
      expect(await store.find('nowhere@m', 'a1')).toBeUndefined()
    })

    test('keeps what is to go out in its order, and takes one of it away', async () => {
      const store = await create()
      await store.write([2, 1, 3].map((order) => ({ put: 'outbox', row: outboxRow(ROOM, order) })))
      await store.write([{ put: 'outbox', row: outboxRow('other@m', 2, 'theirs') }])

      await store.write([{ forget: 'outbox', room: ROOM, order: 2 }])

      expect(await store.outbox(ROOM)).toEqual([outboxRow(ROOM, 1), outboxRow(ROOM, 3)])
      expect((await store.outbox('other@m')).map(({ id }) => id)).toEqual(['theirs'])
    })

    test('forgets what is not there without a word', async () => {
      const store = await create()

      await store.write([
        { forget: 'outbox', room: ROOM, order: 2 },
        { forget: 'occupants', room: ROOM },
        { put: 'session', row: undefined },
      ])

      expect(await store.left()).toEqual({ session: undefined, rooms: [] })
    })

    describe('of what the worker before left', () => {
      const inRoom = (room: string): RoomRow => ({ room, member: MEMBER, gaps: [GAP], subject: { text: '' } })

      test('has the session as it was written last', async () => {
        const store = await create()
        await store.write([{ put: 'session', row: { ...SESSION, id: 's0' } }])

        await store.write([{ put: 'session', row: SESSION }])

        expect((await store.left()).session).toEqual(SESSION)
      })

      test('knows the mechanism that was written last', async () => {
        const store = await create()
        expect((await store.left()).strongest).toBeUndefined()

        await store.write([{ put: 'strongest', mechanism: 'SCRAM-SHA-1' }])
        await store.write([{ put: 'strongest', mechanism: 'SCRAM-SHA-512' }])

        expect((await store.left()).strongest).toBe('SCRAM-SHA-512')
      })

      test('has no session where it is over', async () => {
        const store = await create()
        await store.write([{ put: 'session', row: SESSION }])

        await store.write([{ put: 'session', row: undefined }])

        expect((await store.left()).session).toBeUndefined()
      })

      test('has the rooms that the account was in, each with whoever was there, and no others', async () => {
        const store = await create()
        await store.write([
          { put: 'room', row: inRoom(ROOM) },
          { put: 'room', row: inRoom('other@m') },
          { put: 'room', row: { ...inRoom('left@m'), member: undefined } },
          { put: 'occupants', row: { room: ROOM, part: 0, occupants: [occupant('romeo'), occupant('nurse')] } },
          { put: 'occupants', row: { room: ROOM, part: 15, occupants: [occupant('__proto__')] } },
          { put: 'occupants', row: { room: 'other@m', part: 0, occupants: [occupant('mercutio')] } },
        ])

        const { rooms } = await store.left()

        expect(
          rooms.map(({ row, occupants }) => [row.room, ...occupants.map(({ nick }) => nick).sort()]).sort(),
        ).toEqual([
          ['other@m', 'mercutio'],
          [ROOM, '__proto__', 'nurse', 'romeo'],
        ])
        expect(rooms.find(({ row }) => row.room === ROOM)?.row).toEqual(inRoom(ROOM))
      })

      test('has a part of the occupants as it was written last: whoever went is gone', async () => {
        const store = await create()
        await store.write([
          { put: 'room', row: inRoom(ROOM) },
          { put: 'occupants', row: { room: ROOM, part: 1, occupants: [occupant('romeo'), occupant('nurse')] } },
          { put: 'occupants', row: { room: ROOM, part: 2, occupants: [occupant('tybalt')] } },
        ])

        await store.write([
          { put: 'occupants', row: { room: ROOM, part: 1, occupants: [occupant('nurse')] } },
          { put: 'occupants', row: { room: ROOM, part: 2, occupants: [] } },
        ])

        expect((await store.left()).rooms[0]?.occupants.map(({ nick }) => nick)).toEqual(['nurse'])
      })

      test('has no occupants of a room where they are forgotten, and those of others', async () => {
        const store = await create()
        await store.write([
          { put: 'room', row: inRoom(ROOM) },
          { put: 'room', row: inRoom(`${ROOM}2`) },
          { put: 'occupants', row: { room: ROOM, part: 1, occupants: [occupant('romeo')] } },
          { put: 'occupants', row: { room: `${ROOM}2`, part: 1, occupants: [occupant('nurse')] } },
        ])

        await store.write([{ forget: 'occupants', room: ROOM }])

        const { rooms } = await store.left()
        expect(rooms.flatMap(({ occupants }) => occupants.map(({ nick }) => nick))).toEqual(['nurse'])
      })

      test('is of one moment: session and messages that were written together are there together', async () => {
        const store = await create()

        const writing = store.write([
          { put: 'session', row: SESSION },
          { put: 'room', row: inRoom(ROOM) },
        ])
        const reading = store.left()
        await writing

        expect(await reading).toMatchObject({ session: SESSION, rooms: [{ row: { room: ROOM } }] })
      })
    })

    test('takes an empty write', async () => {
      const store = await withMessages(1)

      await store.write([])

      expect(places(await store.newest(ALL, 10))).toEqual([1])
    })

    test('takes many at once', async () => {
      const store = await withMessages(...Array.from({ length: 400 }, (_, i) => i))

      expect(places(await store.newest(ALL, 2))).toEqual([398, 399])
      expect(await store.newest(ALL, 2000)).toHaveLength(400)
    })

    describe('searched,', () => {
      const withRows = async (...rows: readonly SharedMessage[]): Promise<Store> => {
        const store = await create()
        await store.write(rows.map(put))
        return store
      }
      const found = async (store: Store, query: Partial<SearchCall>): Promise<number[]> =>
        places(await store.search({ text: '', limit: 10, ...query }))

      test.each<[string, string, readonly number[]]>([
        ['a word', 'soft', [1]],
        ['the beginning of a word', 'li', [3, 2, 1]],
        ['a letter', 's', [3, 1]],
        ['several words, all of them', 'light so', [1]],
        ['words in another order', 'light through', [1]],
        ['a word that is in no message', 'dark', []],
        ['the middle of a word', 'ight', []],
        ['a word beside one that is in no message', 'light dark', []],
        ['other case', 'LIGHT', [2, 1]],
        ['a word without its diacritics', 'cote', [3]],
        ['a word with diacritics that are not there', 'líght', [2, 1]],
        ['what stands in punctuation', '(light)', [2, 1]],
        ['no word', ' — ', []],
        ['nothing', '', []],
      ])('finds by %s', async (_what, text, expected) => {
        const store = await withRows(
          message(ROOM, 1, { body: 'But, soft! what light through yonder window breaks?' }),
          message(ROOM, 2, { body: 'Light, more light' }),
          message(ROOM, 3, { body: 'Sur la côte, sous les lilas' }),
        )

        expect(await found(store, { text })).toEqual(expected)
      })

      test.each([
        ['Cyrillic', 'Всё хорошо', 'все хор'],
        ['Greek', 'καλός φίλος', 'ΦΙΛΟΣ'],
        ['Arabic', 'السلام عليكم', 'عليكم'],
        ['Hebrew', 'שלום עולם', 'עולם'],
        ['Chinese', '我喜欢北京', '北京'],
        ['Japanese', '東京タワーへ', '東京タワー'],
        ['Thai', 'ฉันดื่มนม', 'ดื่ม'],
        ['Korean', '한국어 공부', '공부'],
        ['emoji', 'well done 🎉', '🎉'],
        ['an address', 'see https://muc.test/verona', 'muc.test/ver'],
        ['a mention', 'o @romeo, romeo', '@romeo'],
      ])('finds words of %s', async (_what, body, text) => {
        const store = await withRows(message(ROOM, 1, { body }), message(ROOM, 2, { body: 'something else 上海 🎈' }))

        expect(await found(store, { text })).toEqual([1])
      })

      test('gives messages as they were written', async () => {
        const row = message(ROOM, 1)

        expect(await (await withRows(row)).search({ text: 'message', limit: 1 })).toEqual([row])
      })

      test('gives the newest first by their time, across rooms and writes', async () => {
        const store = await withRows(message(ROOM, 1, { stampMs: 50 }), message('q@m', 1, { stampMs: 40 }))
        await store.write([put(message('q@m', 9, { stampMs: 60, body: 'message' }))])
        await store.write([put(message(ROOM, -5, { stampMs: 10, body: 'message' }))])
        await store.write([put(message('q@m', 5, { stampMs: 45, body: 'message' }))])

        const messages = await store.search({ text: 'message', limit: 10 })

        expect(messages.map(({ stampMs }) => stampMs)).toEqual([60, 50, 45, 40, 10])
      })

      test('gives the later first of two at the same time', async () => {
        const store = await withRows(...[2, 1, 3].map((order) => message(ROOM, order, { stampMs: 7 })))

        expect(await found(store, { text: 'message' })).toEqual([3, 2, 1])
      })

      test.each([
        [1, [5]],
        [3, [5, 4, 3]],
        [0, []],
        [-1, []],
      ])('gives at most %d', async (limit, expected) => {
        expect(await found(await withMessages(1, 2, 3, 4, 5), { text: 'message', limit })).toEqual(expected)
      })

      test.each<[Partial<SearchCall>, readonly number[]]>([
        [{ room: ROOM }, [5, 3, 1]],
        [{ room: 'r@m2' }, [2]],
        [{ room: 'r' }, []],
        [{ nick: 'juliet' }, [5, 4]],
        [{ nick: 'Juliet' }, []],
        [{ nick: '' }, []],
        [{ room: ROOM, nick: 'juliet' }, [5]],
        [{ beforeMs: 3 }, [2, 1]],
        [{ afterMs: 3 }, [5, 4]],
        [{ afterMs: 1, beforeMs: 4 }, [3, 2]],
        [{ afterMs: 4, beforeMs: 2 }, []],
        [{ room: ROOM, afterMs: 1, limit: 1 }, [5]],
      ])('gives only what %j leaves', async (filter, expected) => {
        const store = await withRows(
          message(ROOM, 1),
          message('r@m2', 2),
          message(ROOM, 3),
          message('q@m', 4, { nick: 'juliet' }),
          message(ROOM, 5, { nick: 'juliet' }),
        )

        expect(await found(store, { text: 'message', ...filter })).toEqual(expected)
      })

      test('finds no private message', async () => {
        const store = await create()
        await store.write([{ put: 'private', row: { ...message(ROOM, 1), key: 'k' } }])

        expect(await found(store, { text: 'message' })).toEqual([])
      })

      test('finds no message that is retracted', async () => {
        const store = await withMessages(1, 2)

        await store.write([put(message(ROOM, 1, { retracted: true }))])

        expect(await found(store, { text: 'message' })).toEqual([2])
      })

      test('finds what was corrected under its new words only', async () => {
        const store = await withRows(message(ROOM, 1, { body: 'I love mistkes' }))

        await store.write([put(message(ROOM, 1, { body: 'I love mistakes' }))])

        expect(await found(store, { text: 'mistkes' })).toEqual([])
        expect(await found(store, { text: 'mistakes' })).toEqual([1])
        expect(await found(store, { text: 'love' })).toEqual([1])
      })

      test('finds once what was written twice, by its last time', async () => {
        const store = await withMessages(1, 2, 3)
        await store.write([put(message(ROOM, 2, { state: 'sent' })), put(message(ROOM, 2))])

        await store.write([put(message(ROOM, 1, { stampMs: 99 }))])

        expect(await found(store, { text: 'message' })).toEqual([1, 3, 2])
      })

      test('finds a word of any length by its beginning', async () => {
        const store = await withRows(message(ROOM, 1, { body: `${'x'.repeat(99)}y` }))

        expect(await found(store, { text: 'x'.repeat(50) })).toEqual([1])
        expect(await found(store, { text: `${'x'.repeat(50)}y` })).toEqual([])
      })

      test('finds its way through many small writes', async () => {
        const store = await create()
        for (let n = 0; n < 300; n++) await store.write([put(message(ROOM, n, { body: `all of ${n % 30} x${n}` }))])

        expect(await found(store, { text: 'all', limit: 3 })).toEqual([299, 298, 297])
        expect(await found(store, { text: 'all 7' })).toEqual([277, 247, 217, 187, 157, 127, 97, 67, 37, 7])
        expect(await found(store, { text: 'x123' })).toEqual([123])
        expect(await found(store, { text: 'x0' })).toEqual([0])
      })

      test('sees all of a write that began before it, and nothing of one that began after', async () => {
        const store = await withMessages(1)

        const before = store.write([put(message(ROOM, 2)), put(message(ROOM, 3))])
        const searching = found(store, { text: 'message' })
        const after = store.write([put(message(ROOM, 4))])
        await Promise.all([before, after])

        expect(await searching).toEqual([3, 2, 1])
        expect(await found(store, { text: 'message' })).toEqual([4, 3, 2, 1])
      })
    })

    test('gives back what is unread in a room, as it was written last', async () => {
      const store = await create()
      const row = { room: ROOM, count: 3, mentions: 1, readUpTo: 2 ** 32 }
      await store.write([{ put: 'unread', row: { ...row, count: 2 } }, put(message(ROOM, 1))])

      await store.write([{ put: 'unread', row }])

      expect(await store.unread(ROOM)).toEqual(row)
      expect(await store.unread('r@m2')).toBeUndefined()
    })

    test('keeps what a part of the worker keeps, by its key, and not that of another', async () => {
      const store = await create()
      const value = { at: new Date(5), list: [1, undefined] }

      await store.write([
        { put: 'kept', part: 'a', key: 'x', value },
        { put: 'kept', part: 'a', key: 'y', value: 1 },
        { put: 'kept', part: 'ab', key: 'x', value: 2 },
      ])
      value.list.push(2)

      expect(await store.kept('a', 'x')).toEqual({ at: new Date(5), list: [1, undefined] })
      expect([...(await store.allKept('a'))]).toEqual([
        ['x', { at: new Date(5), list: [1, undefined] }],
        ['y', 1],
      ])
      expect(await store.kept('b', 'x')).toBeUndefined()
    })

    test('keeps nothing any more under a key that was taken away', async () => {
      const store = await create()
      await store.write([{ put: 'kept', part: 'a', key: 'x', value: 1 }])

      await store.write([{ put: 'kept', part: 'a', key: 'x', value: undefined }])

      expect(await store.kept('a', 'x')).toBeUndefined()
      expect((await store.allKept('a')).size).toBe(0)
    })

    test('keeps what two people do to one message in the same second, until it is forgotten', async () => {
      const store = await create()
      await store.write([
        { put: 'amendment', row: pendingReaction('romeo') },
        { put: 'amendment', row: pendingReaction('nurse') },
      ])

      expect((await store.amendments('r@m')).map(({ nick }) => nick).sort()).toEqual(['nurse', 'romeo'])
      await store.write([{ forget: 'amendments', room: 'r@m', row: pendingReaction('romeo') }])
      await store.write([{ forget: 'amendments', room: 'r@m', row: pendingReaction('nurse', 6) }])

      expect((await store.amendments('r@m')).map(({ nick }) => nick)).toEqual(['nurse'])
    })

    test('finds messages by their ids, oldest first, each once', async () => {
      const store = await withMessages(1, 2, 3)

      const found = await store.findAll(ROOM, ['a3', 'none', 'a1', 'a3'])

      expect(found.map(({ id }) => id)).toEqual(['a1', 'a3'])
      expect(await store.findAll('other@m', ['a1'])).toEqual([])
      expect(await store.findAll(ROOM, [])).toEqual([])
    })

    test('rejects everything once it is closed', async () => {
      const store = await withMessages(1)

      store.close()

      await expect(store.write([put(message(ROOM, 2))])).rejects.toThrow()
      await expect(store.room(ROOM)).rejects.toThrow()
      await expect(store.newest(ALL, 1)).rejects.toThrow()
      await expect(store.search({ text: 'message', limit: 1 })).rejects.toThrow()
    })

    test('has nothing left and is closed once it is wiped', async () => {
      const store = await withMessages(1)

      await store.wipe()

      await expect(store.newest(ALL, 1)).rejects.toThrow()
      await expect(store.oldest(ALL, 1)).rejects.toThrow()
      await expect(store.find(ROOM, 'a1')).rejects.toThrow()
      await expect(store.outbox(ROOM)).rejects.toThrow()
      await expect(store.left()).rejects.toThrow()
    })

    test('can be closed twice', async () => {
      const store = await create()
      store.close()

      expect(() => store.close()).not.toThrow()
    })
  })
}
