import 'fake-indexeddb/auto'
import { deleteDB, openDB } from 'idb'
import { describe, expect, test } from 'vitest'
import type { SharedMessage } from '../../src/contract/api.ts'
import type { Gap } from '../../src/rooms/gaps.ts'
import { StoreBlocked } from '../../src/storage/idb-store.ts'
import type { Store } from '../../src/storage/store.ts'
import { diskStore } from '../support/fakes/disk.ts'
import { message, outboxRow, pendingReaction, put, storeContract } from './store-contract.ts'

let databases = 0
const newName = (): string => `minimix:test-${++databases}`
const ALL = { room: 'r@m', from: Number.MIN_SAFE_INTEGER, before: Number.MAX_SAFE_INTEGER }
const places = async (store: Store): Promise<number[]> => (await store.newest(ALL, 10)).map(({ order }) => order)

storeContract('idbStore', () => diskStore(newName()))

test('says that it is IndexedDB', async () => {
  expect((await diskStore(newName())).kind).toBe('indexeddb')
})

test('what was written is there for the next worker', async () => {
  const name = newName()
  const first = await diskStore(name)
  await first.write([put(message('r@m', 1))])
  first.close()

  expect(await places(await diskStore(name))).toEqual([1])
})

test('two accounts share nothing', async () => {
  const one = await diskStore(newName())
  await one.write([put(message('r@m', 1))])

  expect(await places(await diskStore(newName()))).toEqual([])
})

const upTo = (to: number): Gap => ({ from: Number.MIN_SAFE_INTEGER, to, after: undefined, before: undefined })

/** A database as version 1 of the schema made it. */
async function firstVersion(name: string, rows: readonly SharedMessage[], tailFrom = 0): Promise<void> {
  const db = await openDB(name, 1, {
    upgrade(made) {
      made.createObjectStore('rooms', { keyPath: 'room' })
      made.createObjectStore('messages', { keyPath: ['room', 'order'] }).createIndex('id', ['room', 'id'])
      made.createObjectStore('privates', { keyPath: ['room', 'key'] })
      made.createObjectStore('values')
    },
  })
  await db.put('values', 'an archive', 'archive')
  await db.put('rooms', { room: 'r@m', member: { nick: 'juliet' }, tailFrom, subject: { text: '' } })
  const { store: messages, done } = db.transaction('messages', 'readwrite')
  await Promise.all([...rows.map((row) => messages.put(row)), done])
  db.close()
}

describe('an older version of the application that does not let go', () => {
  test('is waited for, and then there is no archive', async () => {
    const name = newName()
    await firstVersion(name, [])
    const old = await openDB(name, 1)

    await expect(diskStore(name, 5)).rejects.toThrow(StoreBlocked)

    old.close()
    // It is the next worker's again: nobody holds it by then.
    expect((await diskStore(name)).kind).toBe('indexeddb')
  })

  test('and then does so in time is nobody’s news', async () => {
    const name = newName()
    await firstVersion(name, [])
    const old = await openDB(name, 1)
    const opening = diskStore(name, 60_000)

    old.close()

    expect((await opening).kind).toBe('indexeddb')
  })
})

test('a database of version 3 keeps what was done to messages that are not there yet', async () => {
  const name = newName()
  const db = await openDB(name, 3, {
    upgrade(made) {
      for (const store of ['rooms', 'unread']) made.createObjectStore(store, { keyPath: 'room' })
      for (const store of ['messages', 'outbox']) {
        const rows = made.createObjectStore(store, { keyPath: ['room', 'order'] })
        if (store === 'messages') rows.createIndex('id', ['room', 'id'])
      }
      made.createObjectStore('privates', { keyPath: ['room', 'key'] })
      made.createObjectStore('occupants', { keyPath: ['room', 'part'] })
      made.createObjectStore('amendments', { keyPath: ['room', 'target', 'atMs'] })
      for (const store of ['values', 'kept', 'search', 'searchDocuments', 'searchBlocks', 'searchRenumberings'])
        made.createObjectStore(store)
    },
  })
  await db.put('amendments', pendingReaction('romeo'))
  db.close()

  const store = await diskStore(name)
  await store.write([{ put: 'amendment', row: pendingReaction('nurse') }])

  expect((await store.amendments('r@m')).map(({ nick }) => nick)).toEqual(['nurse', 'romeo'])
})

describe('a database of version 1', () => {
  const rows = Array.from({ length: 620 }, (_, n) => message(n % 3 ? 'r@m' : 'q@m', n, { body: `old ${n % 31}` }))

  test('keeps its name and all that it has', async () => {
    const name = newName()
    await firstVersion(name, rows.slice(0, 3))

    const store = await diskStore(name)

    expect(store.archive).toBe('an archive')
    expect(await places(store)).toEqual([1, 2])
    expect((await store.room('r@m'))?.gaps).toEqual([upTo(0)])
  })

  test('loses what is older than the last gap, which it cannot name: the archive of the room has it', async () => {
    const name = newName()
    await firstVersion(name, rows.slice(0, 6), 4)

    const store = await diskStore(name)

    expect(await places(store)).toEqual([4, 5])
    expect(await store.room('r@m')).toMatchObject({ gaps: [upTo(4)], subject: { text: '' } })
    expect(await store.newest({ ...ALL, room: 'q@m' }, 10)).toHaveLength(2)
  })

  test('can hold what version 2 has', async () => {
    const name = newName()
    await firstVersion(name, [])
    const store = await diskStore(name)

    await store.write([
      { put: 'session', row: { id: 's1', fullJid: 'a@b/c', taken: 1, handled: 2, unhandled: [] } },
      { put: 'outbox', row: outboxRow('r@m', 1) },
      { put: 'occupants', row: { room: 'r@m', part: 3, occupants: [] } },
    ])

    expect((await store.left()).session?.id).toBe('s1')
    expect(await store.outbox('r@m')).toHaveLength(1)
  })

  test('can hold what version 3 has', async () => {
    const name = newName()
    await firstVersion(name, rows.slice(0, 3))
    const store = await diskStore(name)

    await store.write([{ put: 'kept', part: 'roster', key: 'ver', value: '7' }])

    expect(await store.kept('roster', 'ver')).toBe('7')
    expect(await places(store)).toEqual([1, 2])
  })

  test('can hold what version 4 has', async () => {
    const name = newName()
    await firstVersion(name, [])
    const store = await diskStore(name)

    await store.write([{ put: 'amendment', row: pendingReaction('romeo') }])

    expect(await store.amendments('r@m')).toHaveLength(1)
  })

  test('is searched whole, at once', async () => {
    const name = newName()
    await firstVersion(name, rows)

    const store = await diskStore(name)

    expect(await store.search({ text: 'old', limit: 1000 })).toHaveLength(620)
    const found = await store.search({ text: 'old 30', limit: 3, room: 'q@m' })
    expect(found.map(({ order }) => order)).toEqual([588, 495, 402])
  })

  test('takes in what is written before all of it is indexed', async () => {
    const name = newName()
    await firstVersion(name, rows)
    const store = await diskStore(name)

    await store.write([
      put(message('r@m', 1, { body: 'corrected' })),
      put(message('a@m', 9999, { body: 'old and new' })),
    ])

    expect(await store.search({ text: 'old', limit: 1000 })).toHaveLength(620)
    expect((await store.search({ text: 'corr', limit: 9 })).map(({ order }) => order)).toEqual([1])
  })

  test('goes on where it was left', async () => {
    const name = newName()
    await firstVersion(name, rows)
    const first = await diskStore(name)
    first.close()

    expect(await (await diskStore(name)).search({ text: 'old', limit: 1000 })).toHaveLength(620)
  })
})

describe('a write of which one row cannot be stored', () => {
  const unstorable = [
    ['a place that is no number', put(message('r@m', Number.NaN))],
    // A function: what structured clone refuses. The type says that it cannot be; the browser must say so, too.
    ['what cannot be copied', put({ ...message('r@m', 2), stanza: (() => undefined) as never })],
  ] as const

  test.each(unstorable)('because of %s rejects', async (_why, bad) => {
    const store = await diskStore(newName())

    await expect(store.write([put(message('r@m', 1)), bad])).rejects.toThrow()
  })

  test.each(unstorable)('because of %s stores none of it: all or nothing', async (_why, bad) => {
    const store = await diskStore(newName())

    await store.write([put(message('r@m', 1)), bad, put(message('r@m', 3))]).catch(() => undefined)

    expect(await places(store)).toEqual([])
    expect(await store.search({ text: 'message', limit: 9 })).toEqual([])
  })

  test('does not stop the next', async () => {
    const store = await diskStore(newName())
    await store.write([unstorable[0][1]]).catch(() => undefined)

    await store.write([put(message('r@m', 4))])

    expect(await places(store)).toEqual([4])
    expect(await store.search({ text: 'message', limit: 9 })).toHaveLength(1)
  })
})

describe('private messages', () => {
  const whisper = (key: string, facts: Partial<SharedMessage> = {}) =>
    ({ put: 'private', row: { ...message('r@m', 0, facts), key } }) as const
  /** There is no call yet that reads them: what is there is looked at from outside. */
  const rowsOf = async (name: string): Promise<unknown[]> => {
    const db = await openDB(name)
    const rows = await db.getAll('privates')
    db.close()
    return rows
  }

  test('are kept by room and key, whole, and apart from the messages of the room', async () => {
    const name = newName()
    const store = await diskStore(name)
    const [one, other] = [whisper('romeo\n1'), whisper('romeo\n1', { room: 's@m', to: 'juliet' })]

    await store.write([one, other])

    expect(await rowsOf(name)).toEqual([one.row, other.row])
    expect(await places(store)).toEqual([])
  })

  test('of one key are one, the last one written', async () => {
    const name = newName()
    const store = await diskStore(name)

    await store.write([whisper('romeo\n1'), whisper('romeo\n2')])
    await store.write([whisper('romeo\n1', { body: 'hush' })])

    expect(await rowsOf(name)).toMatchObject([
      { key: 'romeo\n1', body: 'hush' },
      { key: 'romeo\n2', body: 'message 0' },
    ])
  })

  test('are not stored where a row beside them cannot be', async () => {
    const name = newName()
    const store = await diskStore(name)

    await store.write([whisper('romeo\n1'), put(message('r@m', Number.NaN))]).catch(() => undefined)

    expect(await rowsOf(name)).toEqual([])
  })
})

test('the archive keeps its name for the next worker, and a wiped one begins another', async () => {
  const name = newName()
  const first = await diskStore(name)
  first.close()
  const second = await diskStore(name)
  expect(second.archive).toBe(first.archive)

  await second.wipe()

  expect((await diskStore(name)).archive).not.toBe(first.archive)
})

describe('the connection', () => {
  test('is given up at once where somebody wants the database gone, and opened again when it is needed', async () => {
    const name = newName()
    const store = await diskStore(name)
    await store.write([put(message('r@m', 1))])

    await deleteDB(name)
    await store.write([put(message('r@m', 2))])

    expect(await places(store)).toEqual([2])
  })

  test('that the browser closed under a read is opened again', async () => {
    const name = newName()
    const opened: IDBDatabase[] = []
    const open = indexedDB.open.bind(indexedDB)
    const spied: typeof open = (...args) => {
      const request = open(...args)
      request.addEventListener('success', () => opened.push(request.result))
      return request
    }
    Object.defineProperty(indexedDB, 'open', { value: spied, configurable: true })
    const store = await diskStore(name)
    await store.write([put(message('r@m', 1))])

    for (const connection of opened) connection.close()

    expect(await places(store)).toEqual([1])
    await store.write([put(message('r@m', 2))])
    expect(await places(store)).toEqual([1, 2])
    Reflect.deleteProperty(indexedDB, 'open')
  })

  test('is not opened again by a store that is closed', async () => {
    const name = newName()
    const store = await diskStore(name)
    store.close()
    await store.room('r@m').catch(() => undefined)

    // Deleting waits for every open connection.
    await expect(deleteDB(name)).resolves.toBeUndefined()
  })

  test('rejects where the database is of a newer version: that of a newer build', async () => {
    const name = newName()
    const newer = await openDB(name, 99)
    newer.close()

    await expect(diskStore(name)).rejects.toThrow()
  })
})

describe('a store that another engine has opened since', () => {
  test('writes nothing any more, whatever it is', async () => {
    const name = newName()
    const first = await diskStore(name)
    await first.write([put(message('r@m', 1))])
    const second = await diskStore(name)

    await expect(first.write([put(message('r@m', 2))])).rejects.toThrow('opened 1 times')
    await expect(first.write([{ put: 'session', row: undefined }])).rejects.toThrow('opened 1 times')
    await expect(first.trim('r@m', 0, undefined)).rejects.toThrow('opened 1 times')

    expect(await places(second)).toEqual([1])
  })

  test('does not keep the other one from writing', async () => {
    const name = newName()
    await diskStore(name)
    const second = await diskStore(name)

    await second.write([put(message('r@m', 2))])

    expect(await places(second)).toEqual([2])
  })
})
