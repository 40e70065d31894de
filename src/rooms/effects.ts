import type { OutboxRow, PendingAmendment, RoomTabEvent, SharedMessage, TabEvent } from '../contract/api.ts'
import type { Failure } from '../contract/errors.ts'
import type { HistoryWish, JoinResult, LogLevel, Subject } from '../contract/model.ts'
import type { NotifyReason, UnreadRow } from '../contract/unread.ts'
import type { XmlNode } from '../protocol/xml.ts'
import type { Gap } from './gaps.ts'
import { type CallId, type Cursor, listeners, type Room, type TabId } from './room.ts'
import type { Unread } from './unread.ts'

/** One thing that is to be done in the world. */
export type Effect =
  | { readonly do: 'load' }
  | { readonly do: 'send'; readonly stanza: XmlNode }
  /** Ask the room what it can do; the answer comes back as an input. */
  | { readonly do: 'disco' }
  /** Ask our own occupant whether it is there; the answer comes back as an input. */
  | { readonly do: 'self-ping'; readonly occupantJid: string }
  /** Ask our own occupant, only to know when what was sent before has been dealt with. */
  | { readonly do: 'pass-post'; readonly occupantJid: string; readonly id: string }
  | { readonly do: 'save-membership'; readonly nick: string; readonly gaps: readonly Gap[]; readonly subject: Subject }
  | { readonly do: 'forget-membership' }
  | { readonly do: 'append'; readonly message: SharedMessage }
  /** Look for the message that this is about; it comes back as an input, or is remembered until the message comes. */
  | {
      readonly do: 'amend'
      readonly amendment: PendingAmendment
      /** Somebody here did it, and waits. */
      readonly call?: CallId | undefined
      /** The id of that message, where it is known. */
      readonly about?: string | undefined
    }
  /** These have found their messages. */
  | { readonly do: 'forget-amendments'; readonly amendments: readonly PendingAmendment[] }
  /** Look for the message of ours in a chat that this became of; it comes back as an input. */
  | { readonly do: 'mark'; readonly mark: ChatMark }
  /** What a part of the worker has kept is done with. */
  | ({ readonly do: 'forget-kept' } & KeptKey)
  | { readonly do: 'put-outbox'; readonly row: OutboxRow }
  | { readonly do: 'drop-outbox'; readonly order: number }
  /** Fill the next gap of the room from its archive; each page comes back as an input. */
  | { readonly do: 'catch-up' }
  /** Read these places from the store; they come back as an input. */
  | { readonly do: 'read-stored'; readonly from: number; readonly before: number }
  | { readonly do: 'append-private'; readonly message: SharedMessage }
  | { readonly do: 'save-unread'; readonly row: UnreadRow }
  /** Look into the store what is behind this message; it comes back as an input. */
  | { readonly do: 'count-unread'; readonly id: string; readonly was: Unread; readonly call?: CallId | undefined }
  /** This is the last message that was displayed: other devices are to know, and its sender where they want to. */
  | { readonly do: 'displayed'; readonly id: string; readonly markable: boolean; readonly senderId?: string }
  /** To one tab: it makes the notification. */
  | { readonly do: 'notify'; readonly message: SharedMessage; readonly reason: NotifyReason }
  /** To these tabs, one after the other in the order of the effects. */
  | { readonly do: 'tell'; readonly tabs: readonly TabId[]; readonly event: TabEvent }
  /** To every tab of the account. */
  | { readonly do: 'announce'; readonly event: TabEvent }
  /** The whole room to one tab, with history from the store, then the answer to its `join()`. */
  | { readonly do: 'show'; readonly tab: TabId; readonly call: CallId | undefined; readonly view: RoomView }
  | { readonly do: 'answer'; readonly call: CallId; readonly value: JoinResult | SharedMessage | boolean | null }
  | { readonly do: 'fail'; readonly call: CallId; readonly error: Failure }
  | { readonly do: 'wait'; readonly name: string; readonly ms: number }
  | { readonly do: 'stop-waiting'; readonly name: string }
  /** The bookmark, if there is one, must not bring us back. */
  | { readonly do: 'stop-autojoin'; readonly how: 'for-now' | 'for-good' }
  | { readonly do: 'log'; readonly level: LogLevel; readonly text: string }

/** What a part of the worker has kept, by the name of the part. */
export interface KeptKey {
  readonly part: string
  readonly key: string
}

/** What became of a message that the account said to one person. */
export type ChatMark =
  /** By the id that it went out with. */
  { readonly target: string } & (
    | { readonly is: 'delivered' | 'displayed' }
    | { readonly is: 'failed'; readonly error: Failure }
  )

/** What a tab is shown when it enters: everything but the history, which the store has. */
export interface RoomView {
  readonly picture: Omit<Extract<TabEvent, { kind: 'room-joined' }>, 'kind' | 'history' | 'archive' | 'atMs'>
  readonly history: HistoryStretch
}

/** Which messages a tab is shown, of those at places from `from`, behind which nothing is missing, to below `before`. */
export interface HistoryStretch {
  readonly from: number
  readonly before: number
  /** A cursor: the tab goes on where it was. */
  readonly wish: HistoryWish | Cursor | undefined
}

/** Tells all who listen; nothing where nobody does. */
export function tellAll(room: Room, event: RoomTabEvent, out: Effect[]): void {
  const tabs = listeners(room)
  if (tabs.length > 0) out.push({ do: 'tell', tabs, event })
}
