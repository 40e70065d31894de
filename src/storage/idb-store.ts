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

  await connect()
  return {
    kind: 'indexeddb',
    write: (ops) => withDatabase((db) => write(db, ops)),
    room: (room) => withDatabase((db) => db.get('rooms', room)),
    newest: (stretch, limit) => withDatabase((db) => newest(db, stretch, limit)),
    close() {
      closed = true
      connection?.then(
        (db) => db.close(),
        () => undefined,
      )
      drop()
    },
  }
}

function isDeadConnection(error: unknown): boolean {
  return error instanceof DOMException && (error.name === 'InvalidStateError' || error.name === 'UnknownError')
}

/** One transaction. `relaxed`: what a power cut takes from the archive, the room still has. */
async function write(db: Database, ops: readonly StoreOp[]): Promise<void> {
  const transaction = db.transaction(['rooms', 'messages'], 'readwrite', { durability: 'relaxed' })
  const rooms = transaction.objectStore('rooms')
  const messages = transaction.objectStore('messages')
  const puts = ops.map((op) => (op.put === 'room' ? rooms.put(op.row) : messages.put(op.row)))
  await Promise.all([...puts, transaction.done])
}

/** Places are dense where nothing is missing, so the range of the newest `limit` is mostly known without a cursor. */
async function newest(db: Database, { room, from, before }: Stretch, limit: number): Promise<SharedMessage[]> {
  if (limit <= 0) return []
  const likely = Math.max(from, before - limit)
  const rows = await db.getAll('messages', range(room, likely, before))
  if (rows.length >= limit || likely === from) return rows
  const found: SharedMessage[] = []
  const walk = db.transaction('messages').store.iterate(range(room, from, before), 'prev')
  for await (const { value } of walk) {
    found.push(value)
    if (found.length === limit) break
  }
  return found.reverse()
}

const range = (room: string, from: number, before: number): IDBKeyRange =>
  IDBKeyRange.bound([room, from], [room, before], false, true)
