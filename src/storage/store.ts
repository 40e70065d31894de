import type { FastToken } from '../account/fast-token.ts'
import type { StreamRow } from '../account/managed-stream.ts'
import type { OutboxRow, PendingAmendment, SearchCall, SharedMessage } from '../contract/api.ts'
import type { Occupant, Subject } from '../contract/model.ts'
import type { UnreadRow } from '../contract/unread.ts'
import type { Gap } from '../rooms/gaps.ts'
import type { Membership } from '../rooms/inputs.ts'

/** What is kept of a room. */
export interface RoomRow {
  /** Bare JID. */
  readonly room: string
  /** The account is in the room. */
  readonly member: Membership | undefined
  /** Where messages may be missing, oldest first. */
  readonly gaps: readonly Gap[]
  readonly subject: Subject
  /** No message that comes later has a place before this one: tabs count on it. Rows of old have none. */
  readonly next?: number
}

/** What the worker before was doing. */
export interface Left {
  readonly session: StreamRow | undefined
  /** The strongest mechanism by which the account has been signed in (RFC 4422), where that is known. */
  readonly strongest?: string
  /** The rooms that it was in, and who else was there. */
  readonly rooms: readonly { readonly row: RoomRow; readonly occupants: readonly Occupant[] }[]
}

/** A private message, with what makes two copies of it one: who, which id, what. */
export type PrivateRow = SharedMessage & { readonly key: string }

/** A part of the occupants of a room, so that one presence does not rewrite all of them. */
export interface OccupantsRow {
  readonly room: string
  readonly part: number
  readonly occupants: readonly Occupant[]
}

/** One write; of those with `forget` what was written is taken away. */
export type StoreOp = PutOp | ForgetOp

export type PutOp = { readonly forget?: undefined } & (
  | { readonly put: 'room'; readonly row: RoomRow }
  /** A message already there under the same place is replaced. */
  | { readonly put: 'message'; readonly row: SharedMessage }
  | { readonly put: 'private'; readonly row: PrivateRow }
  | { readonly put: 'outbox'; readonly row: OutboxRow }
  | { readonly put: 'unread'; readonly row: UnreadRow }
  | { readonly put: 'amendment'; readonly row: PendingAmendment }
  /** `undefined`: there is none that could go on. */
  | { readonly put: 'session'; readonly row: StreamRow | undefined }
  | { readonly put: 'strongest'; readonly mechanism: string }
  /** `undefined`: there is none any more. What does not outlive the worker keeps none. */
  | { readonly put: 'token'; readonly row: FastToken | undefined }
  /** Whatever can be cloned, for a part of the worker with a name of its own; `undefined` takes it away. */
  | { readonly put: 'kept'; readonly part: string; readonly key: string; readonly value: unknown }
  /** In place of what was there of that part. */
  | { readonly put: 'occupants'; readonly row: OccupantsRow }
)

export type ForgetOp = { readonly put?: undefined; readonly room: string } & (
  | { readonly forget: 'outbox'; readonly order: number }
  | { readonly forget: 'occupants' }
  | { readonly forget: 'amendments'; readonly row: PendingAmendment }
)

/** A stretch of a room's messages: places from `from` up to but not including `before`. */
export interface Stretch {
  readonly room: string
  readonly from: number
  readonly before: number
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
  left(): Promise<Left>
  /** What signs the account in without its password. */
  token(): Promise<FastToken | undefined>
  /** The newest messages of a stretch, at most `limit`, oldest first. */
  newest(stretch: Stretch, limit: number): Promise<SharedMessage[]>
  /** The oldest messages of a stretch, at most `limit`, oldest first. */
  oldest(stretch: Stretch, limit: number): Promise<SharedMessage[]>
  /** The message of that id. */
  find(room: string, id: string): Promise<SharedMessage | undefined>
  /** Those of that id that are there, oldest first. */
  findAll(room: string, ids: readonly string[]): Promise<SharedMessage[]>
  unread(room: string): Promise<UnreadRow | undefined>
  /** The places of those of the messages that are there, by their ids. */
  places(room: string, ids: readonly string[]): Promise<ReadonlyMap<string, number>>
  /** What was done to messages of a room that the archive did not have then, in its order. */
  amendments(room: string): Promise<PendingAmendment[]>
  /** What was to go out to a room, in its order. */
  outbox(room: string): Promise<OutboxRow[]>
  /** What a part of the worker keeps under that key. */
  kept(part: string, key: string): Promise<unknown>
  /** All that it keeps, by key. */
  allKept(part: string): Promise<ReadonlyMap<string, unknown>>
  /** The newest messages that match and are not retracted, newest first; nothing where the text has no word. */
  search(query: SearchCall): Promise<SharedMessage[]>
  /** How many messages there are of each room. */
  sizes(): Promise<{ readonly room: string; readonly count: number }[]>
  /**
   * Deletes the oldest messages of a room: all but the newest `keep`, and those from before `sinceMs`. In the same
   * transaction the room's row says that they may be missing.
   *
   * @returns the first message that is left, where any was deleted
   */
  trim(room: string, keep: number, sinceMs: number | undefined): Promise<SharedMessage | undefined>
  close(): void
  /** Deletes everything, and closes. */
  wipe(): Promise<void>
}
