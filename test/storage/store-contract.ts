import { describe, expect, test } from 'vitest'
import type { SharedMessage } from '../../src/contract/api.ts'
import type { Gap } from '../../src/rooms/gaps.ts'
import type { Membership } from '../../src/rooms/inputs.ts'
import type { RoomRow, Store } from '../../src/storage/store.ts'
import { sharedMessage } from '../support/fakes/shared-message.ts'

export const message = (room: string, order: number, facts: Partial<SharedMessage> = {}): SharedMessage =>
  sharedMessage(order, { room, ...facts })

export const put = (row: SharedMessage) => ({ put: 'message', row }) as const

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

    test('rejects everything once it is closed', async () => {
      const store = await withMessages(1)

      store.close()

      await expect(store.write([put(message(ROOM, 2))])).rejects.toThrow()
      await expect(store.room(ROOM)).rejects.toThrow()
      await expect(store.newest(ALL, 1)).rejects.toThrow()
    })

    test('has nothing left and is closed once it is wiped', async () => {
      const store = await withMessages(1)

      await store.wipe()

      await expect(store.newest(ALL, 1)).rejects.toThrow()
    })

    test('can be closed twice', async () => {
      const store = await create()
      store.close()

      expect(() => store.close()).not.toThrow()
    })
  })
}
