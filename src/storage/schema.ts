import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB, type StoreNames } from 'idb'
import type { FastToken } from '../account/fast-token.ts'
import type { StreamRow } from '../account/managed-stream.ts'
import type { OutboxRow, PendingAmendment, SharedMessage } from '../contract/api.ts'
import type { UnreadRow } from '../contract/unread.ts'
import { BEGINNING } from '../rooms/gaps.ts'
import type { Block } from '../search/blocks.ts'
import type { Renumbering } from '../search/merge.ts'
import type { Documents } from '../search/segment.ts'
import { type SearchState, unindexed } from './search-state.ts'
import type { OccupantsRow, PrivateRow, RoomRow } from './store.ts'

const VERSION = 4

export interface Schema extends DBSchema {
  rooms: { key: string; value: RoomRow }
  /** Keyed by the place in the room, so that a page is one range read; found by archive id through the index. */
  messages: { key: [room: string, order: number]; value: SharedMessage; indexes: { id: [room: string, id: string] } }
  privates: { key: [room: string, key: string]; value: PrivateRow }
  /** The occupants of a room in parts, so that one presence does not rewrite all of them. */
  occupants: { key: [room: string, part: number]; value: OccupantsRow }
  outbox: { key: [room: string, order: number]; value: OutboxRow }
  unread: { key: string; value: UnreadRow }
  amendments: { key: AmendmentKey; value: PendingAmendment }
  /**
   * Single values: `archive`, the name of this archive; `session`, what goes on after the worker; `token`, what signs in
   * without a password; `epoch`, how often the store was opened; `strongest`, the mechanism below which the account is not
   * signed in.
   */
  values: { key: string; value: string | number | StreamRow | FastToken }
  /** What parts of the worker with a name of their own keep. */
  kept: { key: [part: string, key: string]; value: unknown }
  /** One row, `state`: what the index of words has. */
  search: { key: string; value: SearchState }
  searchDocuments: { key: [segment: number, row: number]; value: Documents }
  searchBlocks: { key: [segment: number, lastToken: string]; value: Block }
  /** While a merge goes on. */
  searchRenumberings: { key: number; value: Renumbering }
}

/** Two people may do something to the same message in the same second. */
type AmendmentKey = [room: string, target: string, nick: string, atMs: number]

/** By transactions alone: what idb does without one is left out of the worker. */
export type Database = Pick<IDBPDatabase<Schema>, 'transaction' | 'close'>

export interface DatabaseEvents {
  /** Another connection wants a newer schema, or wants the database gone: this one must close. */
  readonly onBlocking: () => void
  /** Another connection is in the way, and does not close. */
  readonly onBlocked: () => void
  /** The browser closed the connection by itself. */
  readonly onTerminated: () => void
}

/** Opens the database of one account and brings its schema up to date. */
export function openDatabase(
  name: string,
  { onBlocking, onBlocked, onTerminated }: DatabaseEvents,
): Promise<IDBPDatabase<Schema>> {
  return openDB<Schema>(name, VERSION, {
    upgrade(db, from, _to, transaction) {
      if (from < 1) {
        db.createObjectStore('rooms', { keyPath: 'room' })
        db.createObjectStore('messages', { keyPath: ['room', 'order'] }).createIndex('id', ['room', 'id'])
        db.createObjectStore('privates', { keyPath: ['room', 'key'] })
        db.createObjectStore('values')
      }
      if (from < 2) {
        db.createObjectStore('occupants', { keyPath: ['room', 'part'] })
        db.createObjectStore('outbox', { keyPath: ['room', 'order'] })
        db.createObjectStore('unread', { keyPath: 'room' })
        if (from === 1) void dropBeforeTails(transaction)
        db.createObjectStore('searchDocuments')
        db.createObjectStore('searchBlocks')
        db.createObjectStore('searchRenumberings')
        // What is there already is indexed later, in steps: an upgrade holds up every tab.
        const search = db.createObjectStore('search')
        if (from > 0) search.put(unindexed, 'state')
      }
      if (from < 3) db.createObjectStore('kept')
      if (from < 2) createAmendments(db)
      else if (from < 4) void keyByNick(db, transaction)
    },
    blocking: onBlocking,
    blocked: onBlocked,
    terminated: onTerminated,
  })
}

const createAmendments = (db: IDBPDatabase<Schema>) =>
  db.createObjectStore('amendments', { keyPath: ['room', 'target', 'nick', 'atMs'] })

type Upgrade = IDBPTransaction<Schema, StoreNames<Schema>[], 'versionchange'>

/** Version 1 knew only from where on nothing is missing: the rest is read again from the rooms' archives. */
async function dropBeforeTails(transaction: Upgrade): Promise<void> {
  const rooms = transaction.objectStore('rooms')
  for (const row of await rooms.getAll()) {
    const { tailFrom = 0, ...kept } = row as RoomRow & { tailFrom?: number }
    await rooms.put({ ...kept, gaps: [{ from: BEGINNING, to: tailFrom, after: undefined, before: undefined }] })
    await transaction.objectStore('messages').delete(IDBKeyRange.bound([row.room], [row.room, tailFrom], false, true))
  }
}

/** Up to version 3 what one person did to a message could take the place of what another one did. */
async function keyByNick(db: IDBPDatabase<Schema>, transaction: Upgrade): Promise<void> {
  const rows = await transaction.objectStore('amendments').getAll()
  db.deleteObjectStore('amendments')
  const store = createAmendments(db)
  for (const row of rows) void store.put(row)
}
