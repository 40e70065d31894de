import type { SharedMessage } from '../contract/api.ts'
import type { HistoryWish, OwnPresence, RoomConfig, Subject } from '../contract/model.ts'
import type { RoomMessage } from '../protocol/room-stanza.ts'
import { NS_MAM } from '../protocol/xep-0313-mam.ts'
import type { NotifyWhen } from '../protocol/xep-0492-notifications.ts'
import type { XmlNode } from '../protocol/xml.ts'
import type { CatchUp } from './catch-up.ts'
import { emptyRoster, type Roster } from './roster.ts'
import { emptyTimeline, type Timeline } from './timeline.ts'
import { nobodyTypes, type Typing } from './typing.ts'
import { type Displayable, NOTHING_READ, type Unread } from './unread.ts'

export type TabId = string
/** A call of a tab that waits for its answer. */
export type CallId = number

/** One room of the account, as the broker holds it: exactly one, however many tabs want it. */
export interface Room {
  readonly jid: string
  /** One person in the place of a room, where everybody goes by their bare JID: `chats/` has what is different then. */
  readonly isChat: boolean
  occupancy: Occupancy
  /** The tabs that want the room, in the order in which they asked. */
  readonly holds: Map<TabId, Hold>
  /** Wanted without any tab: a bookmark with autojoin. */
  kept: Kept | undefined
  roster: Roster
  timeline: Timeline
  /** What the store knows of the room has been read. */
  loaded: boolean
  subject: Subject
  /** Status codes of our own presence at the join. */
  codes: readonly number[]
  /** What the room lists (XEP-0030); `undefined` until it has answered. */
  features: ReadonlySet<string> | undefined
  config: RoomConfig | undefined
  /** The outbox: our messages that the room has not reflected, oldest first. The store has them, too. */
  readonly sending: Map<string, Sending>
  /** A message of ours came back under the id that it had: then all do. */
  keepsIds: boolean
  /** What has no answer but a refusal, while that may still come. */
  readonly posts: Map<string, Post>
  /** Subjects that we set and the room has not told, oldest first. */
  subjects: readonly SubjectChange[]
  /** Nick changes of ours: the first is on its way, the others wait. */
  renames: readonly Rename[]
  /** The nick that the person chose, where somebody else has it at the moment. */
  wantedNick: string | undefined
  /** The tab that is to configure the new room. */
  configuring: TabId | undefined
  /** We made the room, and nobody has configured it, come in or said anything: it may be locked for all others. */
  fresh: boolean
  /** Requests of ours to end the room that have no answer. Until then nothing goes there by itself that could make it anew. */
  readonly ending: Set<string>
  /** It was destroyed, and nobody has asked for it since. */
  ended: boolean
  /** Who is there is to be asked for again. */
  listWanted: boolean
  /** Tries to be in again, since the last one that succeeded. */
  tries: number
  /** From which place on somebody has had a nick, of those who came while we were there. */
  readonly nickSince: Map<string, number>
  /** From which on somebody may have had any other nick: those who came long ago are forgotten. */
  nickSinceAtLeast: number
  /** When the room was last heard of. */
  heardAtMs: number
  /** A self-ping is on its way. */
  pinging: boolean
  /** The session has no connection for now, and the room knows nothing of that. */
  suspended: boolean
  /** Something was missed, and is being read up. */
  catchUp: CatchUp | undefined
  /** The worker before was in, and nobody in this one has asked for the room yet. */
  inherited: boolean
  unread: Unread
  /** As the tabs and the store know it. */
  unreadTold: Unread
  /** The last message that another device has displayed, where it is not known here. */
  awaited: string | undefined
  /** The newest message that the archive has. */
  newest: Displayable | undefined
  readonly typing: Typing
}

/** Where the account stands in a room. Each waiting state has a deadline. */
export type Occupancy =
  | { readonly at: 'out' }
  /** The store is being asked. */
  | { readonly at: 'loading' }
  | Joining
  | { readonly at: 'in'; readonly password: string | undefined }
  | Leaving
  /** The stream is gone, or the room dropped us for technical reasons: the roster is kept for the difference. */
  | { readonly at: 'interrupted'; readonly nick: string; readonly password: string | undefined }

export interface Joining {
  readonly at: 'joining'
  /** Of the presence that asks to enter. */
  readonly id: string
  readonly nick: string
  readonly password: string | undefined
  /** The tab that asked: only it is told that the room is new (201). */
  readonly tab: TabId | undefined
  /** Who was there before the interruption, where this join ends one. */
  readonly shadow: Roster | undefined
  /** Our own presence has come: the list of occupants is complete. */
  readonly self: boolean
  /** Once it has come history is complete. */
  readonly subject: Subject | undefined
  /** What the room was asked for: its history, what came since we were there, or nothing, because its archive is asked. */
  readonly asked: 'history' | 'since' | 'archive'
  /** The room has said what it can do, or that it does not say. */
  readonly disco: boolean
  readonly history: RoomMessage[]
  /** What came behind the subject. */
  readonly live: RoomMessage[]
}

/** The unavailable presence is on its way. */
export interface Leaving {
  readonly at: 'leaving'
  readonly everywhere: boolean
  /** Who is told that they are out. */
  readonly tabs: readonly TabId[]
  readonly calls: readonly CallId[]
  /** Whose wish it was. */
  readonly by: TabId | 'bookmark' | undefined
  /** We had been in: the end of the membership is news. */
  readonly wasIn: boolean
}

/** What one tab wants of a room. */
export interface Hold {
  readonly ask: JoinAsk
  /** `waiting` for the join to end, or `in`: gets the room's events. */
  readonly state: 'waiting' | 'in'
  /** Its `join()`, until answered. */
  readonly call: CallId | undefined
}

export interface JoinAsk {
  readonly nick: string
  readonly password: string | undefined
  readonly history: HistoryWish | undefined
  /** Where the account has another nick, it takes this one first. */
  readonly takeover?: boolean | undefined
  /** `false`: the tab shows something else in its place. */
  readonly shown?: boolean | undefined
  /** The tab has been in before: it wants what came behind this message, not the newest. */
  readonly after?: Cursor | undefined
}

/** How far a tab has come in the messages of a room. */
export interface Cursor {
  /** The place of the last message, in the archive of that name. */
  readonly order: number
  readonly archive: string
  /** It knows of all that was done to messages up to then. */
  readonly atMs?: number
}

export interface Kept {
  readonly nick: string
  readonly password: string | undefined
}

export interface Sending {
  readonly tab: TabId
  /** Its `send()`, until answered. */
  readonly call: CallId | undefined
  /** Not the tab waits for the answer, but a part of the worker. */
  readonly byWorker?: true
  readonly stanza: XmlNode
  readonly body: string
  readonly sinceMs: number
  readonly order: number
  /** `queued`: not out yet; `doubtful`: it went out in a session that is over, and may have arrived. */
  readonly state: 'queued' | 'sent' | 'doubtful'
  /** The tabs have been told of it. */
  readonly shown: boolean
  /** `due`: the room said that we are not in it, and once we are again it is sent once more; `done`: it has been. */
  readonly again: 'never' | 'due' | 'done'
  /** It does something to an earlier message, which has this id. */
  readonly about?: string
  /** That message, as long as somebody waits. */
  readonly was?: SharedMessage
}

export interface Post {
  readonly call: CallId
  /** Where it is a private message. */
  readonly message: SharedMessage | undefined
}

export interface SubjectChange {
  readonly id: string
  readonly text: string
  readonly call: CallId
}

export interface Rename {
  readonly id: string
  readonly nick: string
  /** The `setNick()`, or the `join({ takeover })` of a tab that is in already. */
  readonly call: CallId | undefined
  /** The tab whose `join({ takeover })` this is: where it is not in yet it is shown the room afterwards. */
  readonly tab: TabId | undefined
}

/** What a step may know of the world. */
export interface Context {
  readonly nowMs: number
  /** An id that nobody else has. */
  readonly newId: () => string
  /** A random number from 0 to 1. */
  readonly chance?: number
  /** Bare JID. */
  readonly account: string
  /** Whether the account does not want to hear that person; by bare or full JID. */
  readonly isBlocked?: (jid: string) => boolean
  /** Which messages of that room the person wants to be notified of, where they have said so. */
  readonly notifyWhen?: (room: string) => NotifyWhen | undefined
  /** What the account shows of itself. */
  readonly presence?: OwnPresence
  /** What else each presence of ours holds: our capabilities. */
  readonly caps?: XmlNode | undefined
  readonly more?: readonly XmlNode[]
  /** The tabs that nobody can look at. */
  readonly hiddenTabs?: ReadonlySet<TabId>
  /** There is a stream to send on. */
  readonly online: boolean
  /** No tab of the account is left, and the person wants the room to see nothing of it. */
  readonly lingering: boolean
}

export function newRoom(jid: string, isChat = false): Room {
  return {
    jid,
    isChat,
    occupancy: { at: 'out' },
    holds: new Map(),
    kept: undefined,
    roster: emptyRoster(),
    timeline: emptyTimeline(),
    loaded: false,
    subject: { text: '' },
    codes: [],
    features: undefined,
    config: undefined,
    sending: new Map(),
    keepsIds: false,
    posts: new Map(),
    subjects: [],
    renames: [],
    wantedNick: undefined,
    configuring: undefined,
    fresh: false,
    ending: new Set(),
    ended: false,
    listWanted: false,
    tries: 0,
    nickSince: new Map(),
    nickSinceAtLeast: Number.MIN_SAFE_INTEGER,
    heardAtMs: 0,
    pinging: false,
    suspended: false,
    catchUp: undefined,
    inherited: false,
    unread: NOTHING_READ,
    unreadTold: NOTHING_READ,
    awaited: undefined,
    newest: undefined,
    typing: nobodyTypes(),
  }
}

/** The tabs that get the room's events. */
export function listeners(room: Room): TabId[] {
  const tabs: TabId[] = []
  for (const [tab, hold] of room.holds) if (hold.state === 'in') tabs.push(tab)
  return tabs
}

/** Somebody wants the account to be in. */
export const isHeld = (room: Room): boolean => room.holds.size > 0 || room.kept !== undefined

/** What was missed can be asked for (XEP-0313). */
export const hasArchive = ({ features }: Room): boolean => features?.has(NS_MAM) ?? false

/** The nick in use; empty while there is none. */
export const ownNick = (room: Room): string => room.roster.ownNick ?? ''

/** How long each state waits, in milliseconds. */
export const WAIT = {
  /** For any answer to a join. */
  joinMs: 30_000,
  /** For the subject, after our own presence: old rooms send none. */
  settleMs: 10_000,
  /** For the room to confirm that we left. */
  leaveMs: 5_000,
  /** For the room to confirm a new nick or subject. */
  changeMs: 15_000,
  /** Until the first try to be in again, after the room dropped us or did not answer; doubled with each further one. */
  rejoinMs: 1_000,
  longestRejoinMs: 60_000,
  /** Until the first try to get the wanted nick back; doubled with each further one. */
  regainMs: 30_000,
  longestRegainMs: 600_000,
  /** Silence after which we ask whether we are still in (XEP-0410 section 4). */
  quietMs: 900_000,
  /** The same, where a person has just come to look, or an earlier question was not answered. */
  restlessMs: 60_000,
  /** Until an archive is asked again that did not answer; doubled with each further try. */
  archiveMs: 2_000,
  archiveTries: 3,
  /** After the last tab died without a word: it may be a reload. */
  graceMs: 12_000,
} as const
