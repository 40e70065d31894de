import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import type { SharedMessage } from '../contract/api.ts'
import type { Block } from '../search/blocks.ts'
import type { Renumbering } from '../search/merge.ts'
import type { Documents } from '../search/segment.ts'
import { type SearchState, unindexed } from './search-state.ts'
import type { PrivateRow, RoomRow } from './store.ts'

const VERSION = 2

export interface Schema extends DBSchema {
  rooms: { key: string; value: RoomRow }
  /** Keyed by the place in the room, so that a page is one range read; found by archive id through the index. */
  messages: { key: [room: string, order: number]; value: SharedMessage; indexes: { id: [room: string, id: string] } }
  privates: { key: [room: string, key: string]; value: PrivateRow }
  /** Single values: `archive`, the name of this archive. */
  values: { key: string; value: string }
  /** One row, `state`: what the index of words has. */
  search: { key: string; value: SearchState }
  searchDocuments: { key: [segment: number, row: number]; value: Documents }
  searchBlocks: { key: [segment: number, lastToken: string]; value: Block }
  /** While a merge goes on. */
  searchRenumberings: { key: number; value: Renumbering }
}

export type Database = IDBPDatabase<Schema>

export interface DatabaseEvents {
  /** Another connection wants a newer schema, or wants the database gone: this one must close. */
  readonly onBlocking: () => void
  /** The browser closed the connection by itself. */
  readonly onTerminated: () => void
}

/** Opens the database of one account and brings its schema up to date. */
export function openDatabase(name: string, { onBlocking, onTerminated }: DatabaseEvents): Promise<Database> {
  return openDB<Schema>(name, VERSION, {
    upgrade(db, from) {
      if (from < 1) {
        db.createObjectStore('rooms', { keyPath: 'room' })
        db.createObjectStore('messages', { keyPath: ['room', 'order'] }).createIndex('id', ['room', 'id'])
        db.createObjectStore('privates', { keyPath: ['room', 'key'] })
        db.createObjectStore('values')
      }
      if (from < 2) {
        db.createObjectStore('searchDocuments')
        db.createObjectStore('searchBlocks')
        db.createObjectStore('searchRenumberings')
        // What is there already is indexed later, in steps: an upgrade holds up every tab.
        const search = db.createObjectStore('search')
        if (from > 0) search.put(unindexed, 'state')
      }
    },
    blocking: onBlocking,
    terminated: onTerminated,
  })
}
