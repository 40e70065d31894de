import type { OutboxRow, PendingAmendment, SharedMessage } from '../contract/api.ts'
import type { Occupant, RoomConfig, Subject } from '../contract/model.ts'
import type { PrivateMessage, RoomStanza } from '../protocol/room-stanza.ts'
import type { XmlNode } from '../protocol/xml.ts'
import type { Action } from './actions.ts'
import type { Amended } from './amendments.ts'
import type { ArchivedMessage, StoredRead } from './catch-up.ts'
import type { KeptKey } from './effects.ts'
import type { ArchivePage, Direction, Gap } from './gaps.ts'
import type { Send, WorkerWords } from './outbox.ts'
import type { CallId, Cursor, JoinAsk, Kept, TabId } from './room.ts'
import type { Unread, UnreadCounted } from './unread.ts'

/** One thing that happened to a room. */
export type Input =
  | { readonly on: 'tab-joins'; readonly tab: TabId; readonly call: CallId; readonly ask: JoinAsk }
  | {
      readonly on: 'tab-leaves'
      readonly tab: TabId
      readonly call: CallId
      readonly status: string | undefined
      readonly everywhere: boolean
    }
  /** It was closed, or crashed, or said goodbye. */
  | { readonly on: 'tab-gone'; readonly tab: TabId }
  /** A tab that may be in was not told of everything behind that message; without one it was not shown the room yet. */
  | { readonly on: 'tab-back'; readonly tab: TabId; readonly after: Cursor | undefined }
  | ({ readonly on: 'tab-sends' } & Send)
  | ({ readonly on: 'tab-acts' } & Action)
  | ({ readonly on: 'worker-says' } & WorkerWords)
  | { readonly on: 'tab-types'; readonly tab: TabId; readonly call: CallId; readonly typing: boolean }
  /** Another device of ours has said something to the occupant of that nick. */
  | { readonly on: 'device-whispered'; readonly message: PrivateMessage }
  | {
      readonly on: 'tab-whispers'
      readonly tab: TabId
      readonly call: CallId
      readonly id: string
      readonly nick: string
      readonly body: string
    }
  | {
      readonly on: 'tab-posts'
      readonly tab: TabId
      readonly call: CallId
      readonly id: string
      readonly stanza: XmlNode
    }
  | { readonly on: 'tab-renames'; readonly tab: TabId; readonly call: CallId; readonly nick: string }
  | { readonly on: 'tab-sets-subject'; readonly tab: TabId; readonly call: CallId; readonly text: string }
  /** The new room has its configuration, or is not to have any. */
  | { readonly on: 'configured' }
  /** We have asked the room to end, by the request of that id. */
  | { readonly on: 'ending'; readonly id: string }
  /** `ended: false`: it has refused, or nobody knows. */
  | { readonly on: 'end-answered'; readonly id: string; readonly ended: boolean }
  /** A bookmark wants the room, or (`undefined`) does not any more: then every tab goes, too. */
  | { readonly on: 'kept'; readonly kept: Kept | undefined }
  | { readonly on: 'loaded'; readonly past: Past }
  | { readonly on: 'stanza'; readonly stanza: RoomStanza }
  | {
      readonly on: 'disco'
      readonly features: ReadonlySet<string> | undefined
      readonly config?: RoomConfig | undefined
    }
  | {
      readonly on: 'archive-page'
      readonly gap: Gap
      readonly direction: Direction
      readonly page: ArchivePage<ArchivedMessage>
      /** Those of its messages that are in the store beyond the gap. */
      readonly known: ReadonlySet<string>
      /** What is known to have become of messages that were not. */
      readonly amendments: readonly PendingAmendment[]
      /** The messages of the store that what is in the page may be about, oldest first. */
      readonly earlier?: readonly SharedMessage[]
    }
  | ({ readonly on: 'amended' } & Amended)
  /** The room has taken a message away, for a tab that asked for it. */
  | { readonly on: 'moderated'; readonly id: string; readonly call: CallId }
  /** Of a chat: what became of a message of ours was found out, and this is the message with it. */
  | { readonly on: 'marked'; readonly message: SharedMessage; readonly forget?: KeptKey }
  /** What was before this message is not in the store any more. */
  | { readonly on: 'trimmed'; readonly first: SharedMessage }
  /** `endless`: it answers, and comes to no end. */
  | { readonly on: 'archive-failed'; readonly endless?: boolean }
  /** Nothing is left to fill. */
  | { readonly on: 'gaps-closed' }
  | { readonly on: 'stored-read'; readonly read: StoredRead }
  | { readonly on: 'tab-gives-up'; readonly call: CallId; readonly id: string }
  | { readonly on: 'self-ping'; readonly found: 'in' | 'out' | 'unknown' }
  /** The ping behind a post has been answered. */
  | { readonly on: 'post-passed'; readonly id: string }
  | { readonly on: 'time'; readonly name: string }
  /**
   * `suspended`: the connection is gone and the session may go on, which is `resumed`; `lost`: it is over; `online`: a new
   * one has begun.
   */
  | { readonly on: 'stream'; readonly is: 'suspended' | 'resumed' | 'lost' | 'online' }
  /** The worker before was in the room, and the session that it was in with may go on. */
  | {
      readonly on: 'inherited'
      readonly past: Past
      readonly membership: Membership
      readonly occupants: readonly Occupant[]
    }
  /** The account shows something else of itself. */
  | { readonly on: 'presence' }
  /** A person looks at a tab again. */
  | { readonly on: 'visible' }
  | { readonly on: 'tab-shows'; readonly tab: TabId; readonly shown: boolean }
  /** A message was displayed: by the app that calls, else on another device. */
  | { readonly on: 'displayed'; readonly id: string; readonly call?: CallId }
  | { readonly on: 'unread-counted'; readonly counted: UnreadCounted }

/** How the account is in a room: what of it must survive the worker. */
export interface Membership {
  readonly nick: string
  /** Status codes of our own presence at the join. */
  readonly codes: readonly number[]
  readonly config: RoomConfig | undefined
}

/** What the store knows of a room. */
export interface Past {
  /** The newest, oldest first. */
  readonly messages: readonly SharedMessage[]
  readonly gaps: readonly Gap[] | undefined
  /** No message that comes later may have a place before this one. */
  readonly next?: number | undefined
  readonly outbox: readonly OutboxRow[]
  readonly subject: Subject | undefined
  readonly unread?: Unread | undefined
}
