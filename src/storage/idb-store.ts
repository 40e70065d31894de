import { deleteDB } from 'idb'
import type { SharedMessage } from '../contract/api.ts'
import { type Database, openDatabase } from './schema.ts'
import type { Store, StoreOp, Stretch } from './store.ts'

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
    newest: (stretch, limit) => withDatabase((db) => newest(db, stretch, limit)),
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
    const name = known ?? crypto.randomUUID()
    if (known === undefined) await store.put(name, 'archive')
    return name
  }
  const [name] = await Promise.all([named(), done])
  return name
}

/** One transaction. `relaxed`: what a power cut takes from the archive, the room still has. */
async function write(db: Database, ops: readonly StoreOp[]): Promise<void> {
  const transaction = db.transaction(['rooms', 'messages', 'privates'], 'readwrite', { durability: 'relaxed' })
  const put = (op: StoreOp): Promise<unknown> => {
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

function abort(transaction: { abort(): void }): void {
  try {
    transaction.abort()
  } catch {
    // it has ended by itself
  }
}

/** A store to read from. Whatever ends the transaction ends the read that is under way, which tells of it. */
function reading<N extends 'rooms' | 'messages'>(db: Database, name: N) {
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
