import { deleteDB, type StoreNames, unwrap } from 'idb'
import type { FastToken } from '../account/fast-token.ts'
import type { SearchCall, SharedMessage } from '../contract/api.ts'
import { fence } from './epoch.ts'
import { allOf } from './key-ranges.ts'
import { type Database, openDatabase, type Schema } from './schema.ts'
import { catchUp, type IndexWriting, indexMessages, isBehind, SEARCH_STORES } from './search-index.ts'
import type { Left, Store, StoreOp, Stretch } from './store.ts'
import type { trim } from './trim.ts'

/** How often a read or write is tried again after the browser has dropped the connection. */
const TRIES = 3

/** How long another version of the application may take to let go of the database. */
const BLOCKED_MS = 2_000

/** Another version of the application holds the database, with another schema, and does not let go of it. */
export class StoreBlocked extends Error {
  override readonly name = 'StoreBlocked'
}

/** What a store rarely does: in an application it is loaded when it is first wanted. */
export interface RareWork {
  readonly searchMessages: (db: Database, query: SearchCall) => Promise<SharedMessage[]>
  readonly trim: typeof trim
}

/**
 * A store over IndexedDB.
 *
 * @throws StoreBlocked where another version of the application has not let go of the database after 2 s
 * @throws whatever the browser throws where it has no IndexedDB for this page
 */
export async function idbStore(
  name: string,
  rareWork: () => RareWork | Promise<RareWork>,
  blockedMs = BLOCKED_MS,
): Promise<Store> {
  let connection: Promise<Database> | undefined
  let closed = false

  const connect = (): Promise<Database> => {
    let onBlocked = (): void => undefined
    const inTime = new Promise<never>((_, reject) => {
      onBlocked = () => void setTimeout(() => reject(new StoreBlocked(`${name} is held by another version`)), blockedMs)
    })
    const opening = openDatabase(name, {
      onBlocking: () => void opening.then((db) => db.close()).finally(drop),
      onBlocked,
      onTerminated: drop,
    })
    const opened = Promise.race([opening, inTime])
    opened.catch((error: unknown) => {
      drop()
      // It opens all the same when nobody waits for it any more.
      if (error instanceof StoreBlocked)
        opening.then(
          (db) => db.close(),
          () => undefined,
        )
    })
    connection = opened
    return opened
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

  /** Begins at once where it is there already: what is written behind the call is none of its business. */
  const withRareWork = <T>(work: (rare: RareWork) => Promise<T>): Promise<T> => {
    const rare = rareWork()
    return rare instanceof Promise ? rare.then(work) : work(rare)
  }

  /** Takes in the messages that are older than the index, a step at a time: between two others read and write. */
  const indexAll = async (): Promise<void> => {
    while (behind) behind = await withDatabase((db) => catchUp(db))
  }

  const [{ archive, epoch }, isOld] = await Promise.all([withDatabase(claim), withDatabase(isBehind)])
  let behind = isOld
  // What fails here is tried again by the first search.
  indexAll().catch(() => undefined)
  return {
    kind: 'indexeddb',
    archive,
    write: (ops) => withDatabase((db) => write(db, ops, epoch)),
    room: (room) => withDatabase((db) => reading(db, 'rooms').get(room)),
    left: () => withDatabase(left),
    token: () => withDatabase(token),
    newest: (stretch, limit) => withDatabase((db) => newest(db, stretch, limit)),
    oldest: ({ room, from, before }, limit) =>
      withDatabase((db) =>
        limit <= 0 || from >= before
          ? Promise.resolve([])
          : reading(db, 'messages').getAll(range(room, from, before), limit),
      ),
    find: (room, id) => withDatabase((db) => reading(db, 'messages').index('id').get([room, id])),
    findAll: (room, ids) => withDatabase((db) => findAll(db, room, ids)),
    unread: (room) => withDatabase((db) => reading(db, 'unread').get(room)),
    places: (room, ids) => withDatabase((db) => places(db, room, ids)),
    amendments: (room) => withDatabase((db) => reading(db, 'amendments').getAll(allOf(room))),
    outbox: (room) => withDatabase((db) => reading(db, 'outbox').getAll(allOf(room))),
    kept: (part, key) => withDatabase((db) => reading(db, 'kept').get([part, key])),
    allKept: (part) => withDatabase((db) => allKept(db, part)),
    async search(query) {
      if (behind) await indexAll()
      return withRareWork(({ searchMessages }) => withDatabase((db) => searchMessages(db, query)))
    },
    sizes: () => withDatabase(sizes),
    trim: (room, keep, sinceMs) =>
      withRareWork(({ trim }) => withDatabase((db) => trim(db, room, keep, sinceMs, epoch))),
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

/**
 * The name of the archive, given with the first data; and a new epoch: whoever opened the store before may not write any
 * more, should it still be there.
 */
async function claim(db: Database): Promise<{ archive: string; epoch: number }> {
  const { store, done } = db.transaction('values', 'readwrite', { durability: 'relaxed' })
  done.catch(() => undefined) // a claim that was not written down lets no write pass either
  const [named, before] = await Promise.all([store.get('archive'), store.get('epoch')])
  const archive = typeof named === 'string' ? named : crypto.randomUUID()
  const epoch = typeof before === 'number' ? before + 1 : 1
  await Promise.all([store.put(epoch, 'epoch'), named === undefined && store.put(archive, 'archive')])
  return { archive, epoch }
}

/**
 * One transaction. `relaxed`: what a power cut takes from the archive, the room still has; but what a person said, nobody
 * else has.
 */
async function write(db: Database, ops: readonly StoreOp[], epoch: number): Promise<void> {
  if (ops.length === 0) return
  const messages = ops.flatMap((op) => (op.put === 'message' ? [op.row] : []))
  const stores = new Set<StoreNames<Schema>>(['values', ...ops.map(storeOf)])
  if (messages.length > 0) for (const name of SEARCH_STORES) stores.add(name)
  const durability = ops.some(({ put }) => put === 'outbox') ? 'strict' : 'relaxed'
  const transaction: IndexWriting = db.transaction([...stores], 'readwrite', { durability })
  // Bare: a promise for each row costs, and what becomes of the rows the transaction tells.
  const bare = unwrap(transaction)
  try {
    const fenced = fence(transaction, epoch)
    for (const op of ops) apply(bare.objectStore(storeOf(op)), op)
    if (messages.length > 0) await indexMessages(transaction, messages)
    await fenced
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

function storeOf({ put, forget }: StoreOp) {
  if (forget !== undefined) return forget
  if (put === 'session' || put === 'token' || put === 'strongest') return 'values'
  return STORE_OF[put]
}

const STORE_OF = {
  room: 'rooms',
  message: 'messages',
  private: 'privates',
  occupants: 'occupants',
  outbox: 'outbox',
  unread: 'unread',
  amendment: 'amendments',
  kept: 'kept',
} as const

function apply(store: IDBObjectStore, op: StoreOp): void {
  if (op.forget === 'occupants') store.delete(allOf(op.room))
  else if (op.forget === 'outbox') store.delete([op.room, op.order])
  else if (op.forget === 'amendments') store.delete([op.room, op.row.target, op.row.nick, op.row.atMs])
  else if (op.put === 'session' || op.put === 'token') op.row ? store.put(op.row, op.put) : store.delete(op.put)
  else if (op.put === 'strongest') store.put(op.mechanism, 'strongest')
  else if (op.put === 'kept')
    op.value === undefined ? store.delete([op.part, op.key]) : store.put(op.value, [op.part, op.key])
  else if (op.put !== 'occupants') store.put(op.row)
  else if (op.row.occupants.length > 0) store.put(op.row)
  else store.delete([op.row.room, op.row.part])
}

/** One transaction: session and rooms belong together. */
async function left(db: Database): Promise<Left> {
  const transaction = db.transaction(['rooms', 'occupants', 'values'])
  const [session, strongest, rows] = await Promise.all([
    transaction.objectStore('values').get('session'),
    transaction.objectStore('values').get('strongest'),
    transaction.objectStore('rooms').getAll(),
  ])
  const rooms = rows
    .filter(({ member }) => member !== undefined)
    .map(async (row) => {
      const parts = await transaction.objectStore('occupants').getAll(allOf(row.room))
      return { row, occupants: parts.flatMap(({ occupants }) => occupants) }
    })
  return {
    session: typeof session === 'object' && 'fullJid' in session ? session : undefined,
    ...(typeof strongest === 'string' && { strongest }),
    rooms: await Promise.all(rooms),
  }
}

async function token(db: Database): Promise<FastToken | undefined> {
  const row = await reading(db, 'values').get('token')
  return typeof row === 'object' && 'sealed' in row ? row : undefined
}

async function places(db: Database, room: string, ids: readonly string[]): Promise<Map<string, number>> {
  const index = reading(db, 'messages').index('id')
  const keys = await Promise.all(ids.map((id) => index.getKey([room, id])))
  return new Map(ids.flatMap((id, at) => (keys[at] ? [[id, keys[at][1]]] : [])))
}

async function findAll(db: Database, room: string, ids: readonly string[]): Promise<SharedMessage[]> {
  if (ids.length === 0) return []
  const index = reading(db, 'messages').index('id')
  const found = await Promise.all([...new Set(ids)].map((id) => index.get([room, id])))
  return found.filter((each) => each !== undefined).sort((a, b) => a.order - b.order)
}

async function allKept(db: Database, part: string): Promise<Map<string, unknown>> {
  const store = reading(db, 'kept')
  const [keys, values] = await Promise.all([store.getAllKeys(allOf(part)), store.getAll(allOf(part))])
  return new Map(keys.map(([, key], at) => [key, values[at]]))
}

async function sizes(db: Database): Promise<{ room: string; count: number }[]> {
  const transaction = db.transaction(['rooms', 'messages'])
  const rooms = await transaction.objectStore('rooms').getAllKeys()
  const messages = transaction.objectStore('messages')
  return Promise.all(rooms.map(async (room) => ({ room, count: await messages.count(allOf(room)) })))
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

/**
 * Places are dense where nothing is missing, so the range of the newest `limit` is mostly known. Where it is not, the
 * last place is looked up first: a cursor over the messages themselves would take a turn for each of them.
 */
async function newest(db: Database, { room, from, before }: Stretch, limit: number): Promise<SharedMessage[]> {
  if (limit <= 0 || from >= before) return []
  const store = reading(db, 'messages')
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
