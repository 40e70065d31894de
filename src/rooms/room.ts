import type { SharedMessage, TabEvent } from '../contract/api.ts'
import type { Failure } from '../contract/errors.ts'
import type { HistoryWish, JoinResult, LogLevel, Subject } from '../contract/model.ts'
import type { RoomMessage, RoomStanza } from '../protocol/room-stanza.ts'
import type { XmlNode } from '../protocol/xml.ts'
import { emptyRoster, type Roster } from './roster.ts'
import { emptyTimeline, type Timeline } from './timeline.ts'

export type TabId = string
/** A call of a tab that waits for its answer. */
export type CallId = number

/** One room of the account, as the broker holds it: exactly one, however many tabs want it. */
export interface Room {
  readonly jid: string
  occupancy: Occupancy
  /** The tabs that want the room, in the order in which they asked. While there are any, the account is in it. */
  readonly holds: Map<TabId, Hold>
  roster: Roster
  timeline: Timeline
  /** What the store knows of the room has been read. */
  loaded: boolean
  subject: Subject
  /** Status codes of our own presence at the join. */
  codes: readonly number[]
  /** What the room lists (XEP-0030); `undefined` until it has answered. */
  features: ReadonlySet<string> | undefined
  /** Our messages that the room has not reflected, oldest first. */
  readonly sending: Map<string, Sending>
}

/** Where the account stands in a room. Each waiting state has a deadline. */
export type Occupancy =
  | { readonly at: 'out' }
  /** The store is being asked. */
  | { readonly at: 'loading' }
  | Joining
  | { readonly at: 'in'; readonly password: string | undefined }
  /** The unavailable presence is on its way. */
  | {
      readonly at: 'leaving'
      readonly everywhere: boolean
      readonly tabs: readonly TabId[]
      readonly calls: readonly CallId[]
    }
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
  /** The subject has come: history is complete. */
  readonly subject: boolean
  /** The room has said what it can do, or that it does not say. */
  readonly disco: boolean
  readonly history: RoomMessage[]
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
  /** The place of the last message that the tab has: it wants those behind it, not the newest. */
  readonly after?: number | undefined
}

export interface Sending {
  readonly tab: TabId
  /** Its `send()`, until answered. */
  readonly call: CallId | undefined
  readonly stanza: XmlNode
  readonly body: string
  readonly sinceMs: number
}

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
  | {
      readonly on: 'tab-sends'
      readonly tab: TabId
      readonly call: CallId
      readonly id: string
      readonly body: string
      readonly waitMs: number
    }
  | { readonly on: 'loaded'; readonly past: Past }
  | { readonly on: 'stanza'; readonly stanza: RoomStanza }
  | { readonly on: 'disco'; readonly features: ReadonlySet<string> | undefined }
  | { readonly on: 'time'; readonly name: string }
  | { readonly on: 'stream'; readonly is: 'lost' | 'online' }

/** What the store knows of a room. */
export interface Past {
  /** The newest, oldest first. */
  readonly messages: readonly SharedMessage[]
  readonly tailFrom: number
  readonly subject: Subject | undefined
}

export type Effect =
  | { readonly do: 'load' }
  | { readonly do: 'send'; readonly stanza: XmlNode }
  /** Ask the room what it can do; the answer comes back as an input. */
  | { readonly do: 'disco' }
  | { readonly do: 'save-membership'; readonly nick: string; readonly tailFrom: number; readonly subject: Subject }
  | { readonly do: 'forget-membership' }
  | { readonly do: 'append'; readonly message: SharedMessage }
  /** To these tabs, one after the other in the order of the effects. */
  | { readonly do: 'tell'; readonly tabs: readonly TabId[]; readonly event: TabEvent }
  /** To every tab of the account. */
  | { readonly do: 'announce'; readonly event: TabEvent }
  /** The whole room to one tab, with history from the store, then the answer to its `join()`. */
  | { readonly do: 'show'; readonly tab: TabId; readonly call: CallId | undefined; readonly view: RoomView }
  | { readonly do: 'answer'; readonly call: CallId; readonly value: JoinResult | SharedMessage | null }
  | { readonly do: 'fail'; readonly call: CallId; readonly error: Failure }
  | { readonly do: 'wait'; readonly name: string; readonly ms: number }
  | { readonly do: 'stop-waiting'; readonly name: string }
  | { readonly do: 'log'; readonly level: LogLevel; readonly text: string }

/** What a tab is shown when it enters: everything but the history, which the store has. */
export interface RoomView {
  readonly picture: Omit<Extract<TabEvent, { kind: 'room-joined' }>, 'kind' | 'history'>
  readonly history: HistoryStretch
}

/** Which messages a tab is shown, of those at places from `from` up to but not including `before`. */
export interface HistoryStretch {
  readonly from: number
  readonly before: number
  /** `everything`: the tab goes on where it was. */
  readonly wish: HistoryWish | 'everything' | undefined
}

/** What a step may know of the world. */
export interface Context {
  readonly nowMs: number
  /** An id that nobody else has. */
  readonly newId: () => string
  /** Bare JID. */
  readonly account: string
  /** There is a stream to send on. */
  readonly online: boolean
  /** No tab of the account is left, and the person wants the room to see nothing of it. */
  readonly lingering: boolean
}

export function newRoom(jid: string): Room {
  return {
    jid,
    occupancy: { at: 'out' },
    holds: new Map(),
    roster: emptyRoster(),
    timeline: emptyTimeline(),
    loaded: false,
    subject: { text: '' },
    codes: [],
    features: undefined,
    sending: new Map(),
  }
}

/** The tabs that get the room's events. */
export function listeners(room: Room): TabId[] {
  const tabs: TabId[] = []
  for (const [tab, hold] of room.holds) if (hold.state === 'in') tabs.push(tab)
  return tabs
}

/** How long each state waits, in milliseconds. */
export const WAIT = {
  /** For any answer to a join. */
  joinMs: 30_000,
  /** For the subject, after our own presence: old rooms send none. */
  settleMs: 10_000,
  /** For the room to confirm that we left. */
  leaveMs: 5_000,
  /** Until the next try to be in again, after the room dropped us or did not answer. */
  rejoinMs: 3_000,
  /** After the last tab died without a word: it may be a reload. */
  graceMs: 12_000,
} as const
