// All that crosses the ports between a tab and the worker. Only plain data does.
import type { Amendment } from '../protocol/amendment.ts'
import type { Invite } from '../protocol/invites.ts'
import type { Said } from '../protocol/said.ts'
import type { Bookmark } from '../protocol/xep-0402-bookmarks.ts'
import type { XmlNode } from '../protocol/xml.ts'
import type { ActCall, Extras, Reactor } from './actions.ts'
import type { Failure, Reply } from './errors.ts'
import type {
  AccountStatus,
  Activity,
  Affiliation,
  DepartureKind,
  HistoryWish,
  Inspection,
  JoinResult,
  Message,
  Occupant,
  OwnPresence,
  RemovalKind,
  RoomConfig,
  Subject,
} from './model.ts'
import type { RoomPost, RoomQuestionName, RoomQuestions, VoiceRequest } from './room-questions.ts'
import type { NotifyTabEvent, UnreadTabEvent } from './unread.ts'

/** Raised with each change that an older tab or worker could not understand. */
export const CONTRACT_VERSION = 1

/** A message as the worker knows it: whether it is history, and whose tab wrote it, is for each tab to say. */
export type SharedMessage = Omit<Message, 'history' | 'fromThisTab'> & {
  /** Its place in the room: later messages have higher numbers. */
  readonly order: number
  /** The id is the room's, and the room's archive has it. */
  readonly archived: boolean
  /** The tab that wrote it, where a tab of this browser did. */
  readonly tab?: string
  /** Whose reactions it has; `reactions` is the sum of them. */
  readonly reactors?: readonly Reactor[]
  /** What was done to it at last, and when this browser heard of it. */
  readonly changed?: { readonly what: MessageChange; readonly atMs: number }
}

/** What somebody said and the room has not spread yet, as the store has it. */
export interface OutboxRow {
  readonly room: string
  /** Its place among what is to go out to the room. */
  readonly order: number
  /** Its origin id (XEP-0359). */
  readonly id: string
  readonly tab: string
  readonly stanza: XmlNode
  readonly body: string
  readonly sinceMs: number
  /** It does something to an earlier message, which has this id. */
  readonly about?: string
}

/** What somebody did to a message of theirs, or a moderator to anybody's, as long as that message is not found. */
export interface PendingAmendment extends Amendment {
  readonly room: string
  readonly nick: string
  readonly occupantId?: string
  /** This account did it. */
  readonly own?: true
  /** From this place on whoever has the nick has had it. */
  readonly since: number
  readonly atMs: number
  /** Of a correction. */
  readonly body: string
  readonly said?: Said
  readonly mentionsMe?: true
  readonly stanza: XmlNode
}

/** The whole of a room, for a tab that enters it (XEP-0045 section 7.1) or that must be brought up to date. */
export interface RoomPicture {
  readonly room: string
  /** The others; the own occupant is `self`. */
  readonly occupants: readonly Occupant[]
  readonly self: Occupant
  readonly result: JoinResult
  /** Oldest first. */
  readonly history: readonly SharedMessage[]
  readonly subject: Subject
  readonly config?: RoomConfig
  /** What this account said and the room has not spread yet, oldest first. */
  readonly outbox: readonly SharedMessage[]
  /** What nobody has seen; left out where that is nothing. */
  readonly unread?: { readonly count: number; readonly mentions: number }
  /** The nicks of those who type; left out where nobody does. */
  readonly typing?: readonly string[]
  /** The place of the next message: what is before it is history. */
  readonly before: number
  /** The archive in which places are counted: another one counts anew. */
  readonly archive: string
  /** When the picture was taken; milliseconds since the epoch. */
  readonly atMs: number
}

/** What the worker tells a tab. In one order for each tab, each with a sequence number. */
export type TabEvent = AccountTabEvent | RoomTabEvent

/** Of the account, for every tab. */
export type AccountTabEvent =
  | UnreadTabEvent
  | NotifyTabEvent
  | { readonly kind: 'status'; readonly status: AccountStatus; readonly error?: Failure }
  /** What the account is in, when a tab attaches. */
  | { readonly kind: 'memberships'; readonly rooms: readonly { readonly room: string; readonly nick: string }[] }
  | {
      readonly kind: 'membership'
      readonly room: string
      /** `renamed` is no news of itself: whoever is in the room is told by `nick-changed`. */
      readonly change: 'joined' | 'left' | 'removed' | 'renamed'
      readonly nick: string
      /** A tab's id, or what else was the cause. */
      readonly by: { readonly tab: string } | 'bookmark' | 'room'
    }
  /** What the account shows of itself now, whichever tab wanted it. */
  | { readonly kind: 'presence'; readonly presence: OwnPresence }
  | { readonly kind: 'invite'; readonly invite: Invite }
  /** Answered in some tab, or the account is in the room by now. */
  | { readonly kind: 'invite-closed'; readonly room: string }
  | { readonly kind: 'invite-declined'; readonly room: string; readonly from: string; readonly reason?: string }
  /** Set, or where there is none, removed. */
  | { readonly kind: 'bookmark'; readonly room: string; readonly bookmark?: Bookmark }
  /** The password is wrong by now: this tab is to ask for it, and to sign in with it. */
  | { readonly kind: 'password-wanted' }
  | { readonly kind: 'plugin'; readonly plugin: string; readonly name: string; readonly detail: unknown }
  | { readonly kind: 'stanza'; readonly stanza: XmlNode; readonly handled: boolean }
  | { readonly kind: 'error'; readonly error: Failure }

/** Of one room, for the tabs that are in it. */
export type RoomTabEvent =
  | ({ readonly kind: 'room-joined' } & RoomPicture)
  | {
      readonly kind: 'occupant-joined'
      readonly room: string
      readonly occupant: Occupant
      readonly synthetic: boolean
    }
  | {
      readonly kind: 'occupant-left'
      readonly room: string
      readonly nick: string
      readonly how: DepartureKind
      readonly reason?: string
      readonly actor?: string
      readonly synthetic: boolean
    }
  | {
      readonly kind: 'occupant-changed'
      readonly room: string
      readonly occupant: Occupant
      readonly synthetic: boolean
    }
  | {
      readonly kind: 'nick-changed'
      readonly room: string
      readonly from: string
      readonly occupant: Occupant
      readonly synthetic: boolean
    }
  | { readonly kind: 'message'; readonly message: SharedMessage }
  | { readonly kind: 'message-updated'; readonly message: SharedMessage; readonly change: MessageChange }
  | { readonly kind: 'private-message'; readonly message: SharedMessage }
  | { readonly kind: 'subject'; readonly room: string; readonly subject: Subject }
  | { readonly kind: 'config'; readonly room: string; readonly codes: readonly number[]; readonly config?: RoomConfig }
  /** Who types now, of the others. */
  | { readonly kind: 'typing'; readonly room: string; readonly nicks: readonly string[] }
  /** This tab is to configure the room that is new. */
  | { readonly kind: 'configuration-needed'; readonly room: string }
  | { readonly kind: 'voice-request'; readonly room: string; readonly request: VoiceRequest }
  /** Of somebody who is not in the room. */
  | {
      readonly kind: 'affiliation-changed'
      readonly room: string
      readonly jid: string
      readonly affiliation: Affiliation
      readonly reason?: string
      readonly actor?: string
    }
  /** What was missed is being read up, `done` messages so far; without `progress` all is there. */
  | { readonly kind: 'catching-up'; readonly room: string; readonly progress?: { readonly done: number } }
  | { readonly kind: 'interrupted'; readonly room: string; readonly cause: string }
  /** `self`: our own occupant may have another resource now, which is nobody's news. */
  | { readonly kind: 'resumed'; readonly room: string; readonly cause: string; readonly self: Occupant }
  | { readonly kind: 'left'; readonly room: string; readonly everywhere: boolean }
  | {
      readonly kind: 'removed'
      readonly room: string
      readonly how: RemovalKind
      readonly actor?: string
      readonly reason?: string
    }
  | {
      readonly kind: 'destroyed'
      readonly room: string
      readonly reason?: string
      readonly alternate?: string
      readonly password?: string
    }

export type MessageChange = 'state' | 'correction' | 'retraction' | 'moderation' | 'reaction'

/** Everything a tab can ask of the worker: what it gives, and what it gets. */
export interface Calls {
  signIn: { args: SignIn; value: { readonly status: AccountStatus } }
  join: { args: JoinCall; value: JoinResult }
  leave: { args: { readonly room: string; readonly status?: string; readonly everywhere?: boolean }; value: null }
  send: { args: SendCall; value: SharedMessage }
  act: { args: ActCall; value: SharedMessage }
  sendPrivate: {
    args: { readonly room: string; readonly id: string; readonly nick: string; readonly body: string }
    value: SharedMessage
  }
  setTyping: { args: { readonly room: string; readonly typing: boolean }; value: null }
  /** @returns whether it had not gone out yet */
  giveUp: { args: { readonly room: string; readonly id: string }; value: boolean }
  history: { args: HistoryCall; value: HistoryPage }
  /** Newest first. */
  search: { args: SearchCall; value: readonly SharedMessage[] }
  setNick: { args: { readonly room: string; readonly nick: string }; value: null }
  setSubject: { args: { readonly room: string; readonly text: string }; value: null }
  askRoom: { args: RoomQuestion; value: unknown }
  postToRoom: { args: { readonly room: string; readonly post: RoomPost }; value: null }
  setPresence: { args: { readonly chosen: OwnPresence | null }; value: OwnPresence }
  /** How much the person is at this tab; the first word of it comes with `signIn`. */
  activity: { args: { readonly activity: Activity }; value: null }
  /** Whether the page can be seen; the first word of it comes with `signIn`. */
  visible: { args: { readonly hidden: boolean }; value: null }
  /** Whether the tab shows the room, of those that it has joined. */
  showRoom: { args: { readonly room: string; readonly shown: boolean }; value: null }
  markDisplayed: { args: { readonly room: string; readonly id: string }; value: null }
  directPresence: { args: { readonly to: string; readonly presence: OwnPresence | null }; value: null }
  request: { args: { readonly to?: string; readonly type: 'get' | 'set'; readonly payload: XmlNode }; value: XmlNode }
  /** Whether this tab wants every stanza that comes. */
  listen: { args: { readonly stanzas: boolean }; value: null }
  bookmarks: { args: null; value: readonly Bookmark[] }
  setBookmark: { args: Bookmark; value: null }
  removeBookmark: { args: { readonly room: string }; value: null }
  /** Whom the account does not want to hear. */
  blocked: { args: null; value: readonly string[] }
  setBlocked: { args: { readonly jid: string; readonly blocked: boolean }; value: null }
  declineInvite: { args: { readonly room: string; readonly reason?: string }; value: null }
  plugin: { args: { readonly plugin: string; readonly method: string; readonly args: unknown }; value: unknown }
  inspect: { args: null; value: Inspection }
  detach: { args: null; value: null }
  logout: { args: { readonly wipe: boolean }; value: null }
}

export type CallName = keyof Calls

/** One question to a room, with its own arguments. */
export type RoomQuestion = {
  [N in RoomQuestionName]: { readonly room: string; readonly name: N; readonly args: RoomQuestions[N]['args'] }
}[RoomQuestionName]

export interface SignIn {
  readonly service: readonly string[]
  readonly password?: string
  /** A token is asked for and kept, which signs in next time. */
  readonly remember?: boolean
  /** `leave-at-once`: the worker ends with its last tab, and has no time to see whether that one comes back. */
  readonly onLastTab: 'linger' | 'leave' | 'leave-at-once'
  readonly allowPlain: boolean
  /** A mechanism that is weaker than those of before will do, this once. */
  readonly allowDowngrade?: boolean
  /** The tab has no password by itself, and can ask the person for it. */
  readonly asks?: boolean
  readonly activity: Activity
  /** The page cannot be seen. */
  readonly hidden: boolean
  /** The account was online in this tab before: a server that is away for now is no reason to give up. */
  readonly again: boolean
}

export interface JoinCall {
  readonly room: string
  readonly nick: string
  readonly password?: string
  readonly history?: HistoryWish
  readonly takeover?: boolean
  /** `false`: the tab shows something else in its place. */
  readonly shown?: boolean
  /** The tab was in already, under another worker: it has all messages up to this place, and wants those behind it. */
  readonly after?: {
    readonly order: number
    readonly archive: string
    /** It knows of all that was done to messages up to then; milliseconds since the epoch. */
    readonly atMs?: number
  }
}

export interface SendCall extends Extras {
  readonly room: string
  /** Chosen by the tab, so that a call repeated after the death of a worker is the same message. */
  readonly id: string
  readonly body: string
  /** How long to wait for the room's reflection; 0 for not at all. */
  readonly waitMs: number
}

/** Which stretch of a room's messages is wanted: those before, behind or around one of that id; else the newest. */
export interface HistoryCall {
  readonly room: string
  readonly before?: string
  readonly after?: string
  readonly around?: string
  readonly limit: number
}

export interface HistoryPage {
  /** Oldest first. */
  readonly messages: readonly SharedMessage[]
  /** There is none before the first. */
  readonly atStart: boolean
  /** There is none behind the last, but for what comes live. */
  readonly atEnd: boolean
}

/** What is looked for among the messages of all rooms, private ones apart. */
export interface SearchCall {
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

/** The worker's side of the call port. */
export interface BrokerApi {
  call<N extends CallName>(name: N, args: Calls[N]['args']): Promise<Reply<Calls[N]['value']>>
}
