import type { SharedMessage } from '../contract/api.ts'
import type { Subject } from '../contract/model.ts'

/** What is kept of a room. */
export interface RoomRow {
  /** Bare JID. */
  readonly room: string
  /** The account is in the room, under this nick. */
  readonly member: { readonly nick: string } | undefined
  /** From this place on no message is missing. */
  readonly tailFrom: number
  readonly subject: Subject
}

/** A private message, with what makes two copies of it one: who, which id, what. */
export type PrivateRow = SharedMessage & { readonly key: string }

export type StoreOp =
  | { readonly put: 'room'; readonly row: RoomRow }
  /** A message already there under the same place is replaced. */
  | { readonly put: 'message'; readonly row: SharedMessage }
  | { readonly put: 'private'; readonly row: PrivateRow }

/** A stretch of a room's messages: places from `from` up to but not including `before`. */
export interface Stretch {
  readonly room: string
  readonly from: number
  readonly before: number
}

/** What is looked for among the messages of all rooms, private ones apart. */
export interface SearchQuery {
  /** Words and beginnings of words, in any script: each must begin a word of the body, without case and diacritics. */
  readonly text: string
  /** Bare JID. */
  readonly room?: string
  /** Of the sender. */
  readonly nick?: string
  /** Exclusive, as `afterMs` is; milliseconds since the epoch. */
  readonly beforeMs?: number
  readonly afterMs?: number
  readonly limit: number
}

/**
 * What survives the worker, for one account.
 *
 * Promises of every filling: `write` is one transaction, all of it or nothing, and once it resolves each later read sees
 * it; reads that began before a write do not. A store that is closed rejects.
 */
export interface Store {
  readonly kind: 'indexeddb' | 'memory'
  /** The name of this archive: places mean nothing in another one. It is the same as long as the data is. */
  readonly archive: string
  write(ops: readonly StoreOp[]): Promise<void>
  room(room: string): Promise<RoomRow | undefined>
  /** The newest messages of a stretch, at most `limit`, oldest first. */
  newest(stretch: Stretch, limit: number): Promise<SharedMessage[]>
  /** The newest messages that match and are not retracted, newest first; nothing where the text has no word. */
  search(query: SearchQuery): Promise<SharedMessage[]>
  close(): void
  /** Deletes everything, and closes. */
  wipe(): Promise<void>
}
