import { deleteDB, type StoreNames, unwrap } from 'idb'
import type { SharedMessage } from '../contract/api.ts'
import { type Database, openDatabase, type Schema } from './schema.ts'
import { catchUp, type IndexWriting, indexMessages, isBehind, SEARCH_STORES } from './search-index.ts'
import { searchMessages } from './search-query.ts'
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

  /** Takes in the messages that are older than the index, a step at a time: between two others read and write. */
  const indexAll = async (): Promise<void> => {
    while (behind) behind = await withDatabase((db) => catchUp(db))
  }

  const archive = await withDatabase(archiveName)
  let behind = await withDatabase(isBehind)
  // What fails here is tried again by the first search.
  indexAll().catch(() => undefined)
  return {
    kind: 'indexeddb',
    archive,
    write: (ops) => withDatabase((db) => write(db, ops)),
    room: (room) => withDatabase((db) => db.get('rooms', room)),
    newest: (stretch, limit) => withDatabase((db) => newest(db, stretch, limit)),
    async search(query) {
      if (behind) await indexAll()
      return withDatabase((db) => searchMessages(db, query))
    },
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
  const known = await store.get('archive')
  const name = known ?? crypto.randomUUID()
  if (known === undefined) await store.put(name, 'archive')
  await done
  return name
}

const STORE_OF = { room: 'rooms', message: 'messages', private: 'privates' } as const

/** One transaction. `relaxed`: what a power cut takes from the archive, the room still has. */
async function write(db: Database, ops: readonly StoreOp[]): Promise<void> {
  const stores: StoreNames<Schema>[] = ['rooms', 'messages', 'privates', ...SEARCH_STORES]
  const transaction: IndexWriting = db.transaction(stores, 'readwrite', { durability: 'relaxed' })
  // Bare: a promise for each row costs, and what becomes of the rows the transaction tells.
  const bare = unwrap(transaction)
  try {
    for (const op of ops) bare.objectStore(STORE_OF[op.put]).put(op.row)
    const messages = ops.flatMap((op) => (op.put === 'message' ? [op.row] : []))
    await indexMessages(transaction, messages)
    // Nothing more comes: the browser need not wait until we have heard of every row.
    bare.commit()
    await transaction.done
  } catch (error) {
    // A row that cannot be copied throws before it is a request: what was put before it must not stay.
    abort(transaction)
    await transaction.done.catch(() => undefined)
    throw transaction.error ?? error
  }
}

function abort(transaction: { abort(): void }): void {
  try {
    transaction.abort()
  } catch {
    // it has ended by itself
  }
}

/**
 * Places are dense where nothing is missing, so the range of the newest `limit` is mostly known. Where it is not, the
 * last place is looked up first: a cursor over the messages themselves would take a turn for each of them.
 */
async function newest(db: Database, { room, from, before }: Stretch, limit: number): Promise<SharedMessage[]> {
  if (limit <= 0 || from >= before) return []
  const { store } = db.transaction('messages')
  const likely = Math.max(from, before - limit)
  let rows = await store.getAll(range(room, likely, before))
  while (rows.length < limit) {
    const end = rows[0]?.order ?? likely
    const last = end > from ? await store.openKeyCursor(range(room, from, end), 'prev') : null
    if (!last) break
    const [, order] = last.key
    const first = Math.max(from, order + 1 - (limit - rows.length))
    rows = [...(await store.getAll(IDBKeyRange.bound([room, first], [room, order]))), ...rows]
  }
  return rows
}

const range = (room: string, from: number, before: number): IDBKeyRange =>
  IDBKeyRange.bound([room, from], [room, before], false, true)
