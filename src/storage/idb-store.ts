import { deleteDB, type IDBPTransaction, type StoreNames } from 'idb'
import type { SharedMessage } from '../contract/api.ts'
import { type Database, openDatabase, type Schema } from './schema.ts'
import type { Left, Store, StoreOp, Stretch } from './store.ts'

/** How often a read or write is tried again after the browser has dropped the connection. */
const TRIES = 3

/**
 * A store over IndexedDB.
 *
 * @throws whatever the browser throws where it has no IndexedDB for this page
 */
export async function idbStore(name: string): Promise<Store> {
  let connection: Promise<Database> | undefined
  let closed = false

  const connect = (): Promise<Database> => {
    const opening = openDatabase(name, {
      onBlocking: () => void opening.then((db) => db.close()).finally(drop),
      onTerminated: drop,
    })
    opening.catch(drop)
    connection = opening
    return opening
  }
  const drop = (): void => {
    connection = undefined
  }
  const close = (): void => {
    closed = true
    connection?.then(
      (db) => db.close(),
      () => undefined,
    )
    drop()
  }

  /** Runs the work on a live connection: one that died under it is replaced (Safari loses them, and so do full disks). */
  const withDatabase = async <T>(work: (db: Database) => Promise<T>): Promise<T> => {
    for (let tries = 1; ; tries++) {
      if (closed) throw new DOMException('the store is closed', 'InvalidStateError')
      try {
        return await work(await (connection ?? connect()))
      } catch (error) {
        if (tries === TRIES || !isDeadConnection(error)) throw error
        drop()
      }
    }
  }

  const archive = await withDatabase(archiveName)
  return {
    kind: 'indexeddb',
    archive,
    write: (ops) => withDatabase((db) => write(db, ops)),
    room: (room) => withDatabase((db) => reading(db, 'rooms').get(room)),
    left: () => withDatabase(left),
    newest: (stretch, limit) => withDatabase((db) => newest(db, stretch, limit)),
    oldest: ({ room, from, before }, limit) =>
      withDatabase((db) =>
        limit <= 0 || from >= before
          ? Promise.resolve([])
          : reading(db, 'messages').getAll(range(room, from, before), limit),
      ),
    find: (room, id) => withDatabase((db) => reading(db, 'messages').index('id').get([room, id])),
    outbox: async (room) =>
      (await withDatabase((db) => reading(db, 'outbox').getAll())).filter((row) => row.room === room),
    close,
    async wipe() {
      close()
      await deleteDB(name)
    },
  }
}

function isDeadConnection(error: unknown): boolean {
  return error instanceof DOMException && (error.name === 'InvalidStateError' || error.name === 'UnknownError')
}

/** Given once, with the first data. */
async function archiveName(db: Database): Promise<string> {
  const { store, done } = db.transaction('values', 'readwrite')
  const named = async (): Promise<string> => {
    const known = await store.get('archive')
    const name = typeof known === 'string' ? known : crypto.randomUUID()
    if (known === undefined) await store.put(name, 'archive')
    return name
  }
  const [name] = await Promise.all([named(), done])
  return name
}

/** One transaction. `relaxed`: what a power cut takes from the archive, the room still has. */
async function write(db: Database, ops: readonly StoreOp[]): Promise<void> {
  if (ops.length === 0) return
  const stores = [...new Set(ops.map(storeOf))]
  const transaction = db.transaction(stores, 'readwrite', { durability: 'relaxed' })
  const put = (op: StoreOp): Promise<unknown> => {
    if ('forget' in op) return forget(transaction, op)
    if (op.put === 'outbox') return transaction.objectStore('outbox').add(op.row)
    if (op.put === 'session') {
      const values = transaction.objectStore('values')
      return op.row ? values.put(op.row, 'session') : values.delete('session')
    }
    if (op.put === 'occupants') {
      const { room, part, occupants } = op
      const rows = transaction.objectStore('occupants')
      return occupants.length > 0 ? rows.put({ room, part, occupants }) : rows.delete([room, part])
    }
    if (op.put === 'room') return transaction.objectStore('rooms').put(op.row)
    if (op.put === 'private') return transaction.objectStore('privates').put(op.row)
    return transaction.objectStore('messages').put(op.row)
  }
  const requests: Promise<unknown>[] = [transaction.done]
  try {
    for (const op of ops) requests.push(put(op))
    await Promise.all(requests)
  } catch (error) {
    // A row that cannot be copied throws before it is a request: what was put before it must not stay.
    abort(transaction)
    await Promise.allSettled(requests)
    throw error
  }
}

type StoreName = 'rooms' | 'messages' | 'privates' | 'occupants' | 'outbox' | 'values'

function storeOf(op: StoreOp): StoreName {
  if ('forget' in op) return op.forget
  switch (op.put) {
    case 'room':
      return 'rooms'
    case 'message':
      return 'messages'
    case 'private':
      return 'privates'
    case 'session':
      return 'values'
    case 'occupants':
    case 'outbox':
      return op.put
  }
}

type Writing = IDBPTransaction<Schema, StoreName[], 'readwrite'>

async function forget(transaction: Writing, op: Extract<StoreOp, { readonly forget: unknown }>): Promise<void> {
  if (op.forget === 'occupants') {
    await transaction.objectStore('occupants').delete(everyPart(op.room))
    return
  }
  const outbox = transaction.objectStore('outbox')
  const key = await outbox.index('id').getKey([op.room, op.id])
  if (key !== undefined) await outbox.delete(key)
}

const everyPart = (room: string): IDBKeyRange => IDBKeyRange.bound([room], [room, []])

/** One transaction: session and rooms belong together. */
async function left(db: Database): Promise<Left> {
  const transaction = db.transaction(['rooms', 'occupants', 'values'])
  const [session, rows] = await Promise.all([
    transaction.objectStore('values').get('session'),
    transaction.objectStore('rooms').getAll(),
  ])
  const rooms = rows
    .filter(({ member }) => member !== undefined)
    .map(async (row) => {
      const parts = await transaction.objectStore('occupants').getAll(everyPart(row.room))
      return { row, occupants: parts.flatMap(({ occupants }) => occupants) }
    })
  return { session: typeof session === 'object' ? session : undefined, rooms: await Promise.all(rooms) }
}

function abort(transaction: { abort(): void }): void {
  try {
    transaction.abort()
  } catch {
    // it has ended by itself
  }
}

/** A store to read from. Whatever ends the transaction ends the read that is under way, which tells of it. */
function reading<N extends StoreNames<Schema>>(db: Database, name: N) {
  const { store, done } = db.transaction(name)
  done.catch(() => undefined)
  return store
}

/** Places are dense where nothing is missing, so the range of the newest `limit` is mostly known without a cursor. */
async function newest(db: Database, { room, from, before }: Stretch, limit: number): Promise<SharedMessage[]> {
  if (limit <= 0 || from >= before) return []
  const store = reading(db, 'messages')
  const likely = Math.max(from, before - limit)
  const rows = await store.getAll(range(room, likely, before))
  if (rows.length >= limit || likely === from) return rows
  const found: SharedMessage[] = []
  for await (const { value } of store.iterate(range(room, from, before), 'prev')) {
    found.push(value)
    if (found.length === limit) break
  }
  return found.reverse()
}

const range = (room: string, from: number, before: number): IDBKeyRange =>
  IDBKeyRange.bound([room, from], [room, before], false, true)
