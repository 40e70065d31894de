// What a plug-in is: a part of the worker that an application brings, and its way to the tabs.

import type { Envelope } from '../protocol/stanza.ts'
import type { Bookmark } from '../protocol/xep-0402-bookmarks.ts'
import type { NotifyWhen } from '../protocol/xep-0492-notifications.ts'
import type { XmlNode } from '../protocol/xml.ts'
import type { SharedMessage } from './api.ts'
import type { LogLevel } from './model.ts'

export type { Envelope }

/** What tabs can call: each by its name, with one argument of plain data. What it gives is plain data, too. */
// biome-ignore lint/suspicious/noExplicitAny: each call names its own argument, and a union of functions takes none
export type PluginCalls = Record<string, (args: any, tab: string) => unknown>

/** What tabs are told: plain data, by the name of the event. */
export type PluginEvents = Record<string, unknown>

/** What a plug-in can do in the worker. */
export interface PluginWorker<Events extends PluginEvents = PluginEvents> {
  /** The own bare JID: anonymous accounts have another one with each session. */
  readonly account: string
  /** There is a connection. What is sent without one is lost. */
  readonly online: boolean
  /** The server keeps versions of the roster (RFC 6121 section 2.6), and has said so. */
  readonly versionsRosters: boolean
  /** Whether that bare JID is a room, or one of a service where the account is in some room. */
  isRoom(jid: string): boolean
  /** Milliseconds since the epoch. */
  nowMs(): number
  /** An id that nobody else has. */
  newId(): string
  /** Runs once, after so many milliseconds; the result takes it back. */
  after(ms: number, run: () => void): () => void
  /** Messages and presences to rooms are the SDK's: what goes there by this way is not in its archive. */
  send(stanza: XmlNode): void
  /** What each presence of the account holds from now on, to everybody and in all rooms; `undefined`: nothing of it. */
  present(words: XmlNode | undefined): void
  /**
   * A request (RFC 6120 section 8.2.3), and its result: the whole stanza. The same `get` asked again meanwhile is sent once.
   *
   * @param iq `anew`: what that address has said of itself (XEP-0030) a while ago does not count
   * @throws MinimixError rejects with `stanza-error` (`condition`, `text`), `forbidden`, `timeout`
   */
  request(iq: {
    readonly to?: string
    readonly type: 'get' | 'set'
    readonly payload: XmlNode
    readonly anew?: boolean
  }): Promise<XmlNode>
  /**
   * Says something to everybody in a room where the account is, or (`chat`) to one person, by way of its outbox. Resolves
   * and rejects as `room.send()` does; `not-joined` where the account is not in the room.
   */
  say(room: string, words: RoomWords): Promise<SharedMessage>
  /** Tells every tab, or that one, behind whatever was told before. */
  tell<N extends keyof Events & string>(name: N, detail: Events[N], tab?: string): void
  log(level: LogLevel, text: string): void
  /** The account is in that room. */
  isIn(room: string): boolean
  /** Publishes a bookmark in the place of the one of that room. @throws MinimixError rejects with `stanza-error`, `timeout` */
  setBookmark(bookmark: Bookmark): Promise<void>
  /** What it keeps in this browser for the account. */
  readonly kept: PluginStore
}

export interface RoomWords {
  /** The origin id: what is said again under the same one while it waits is one message. */
  readonly id: string
  /** The tab that wanted it said. */
  readonly tab: string
  /** The address is a person's. */
  readonly chat?: boolean
  readonly body: string
  /** What the message holds beside its body. */
  readonly more?: readonly XmlNode[]
  /** A key of `kept`: it is gone in the moment in which the message is written down. */
  readonly forget?: string
}

/** Whatever can be cloned, by key. It is gone with `logout({ wipe: true })`, and in a private window with the worker. */
export interface PluginStore {
  get(key: string): Promise<unknown>
  all(): Promise<ReadonlyMap<string, unknown>>
  /** Resolves when it is stored. `undefined` takes it away. */
  set(key: string, value: unknown): Promise<void>
}

/** What a plug-in is called for: one happening at a time. What it throws, or rejects with, is logged and harms nothing else. */
export interface PluginParts<Calls extends PluginCalls = PluginCalls> {
  readonly calls?: Calls
  /** A session has begun, or (`resumed`) goes on: the server still knows what it was told. */
  online?(resumed: boolean): void
  /** The session is lost: no request of it is answered any more. */
  lost?(): void
  /** A tab has come, or must be told anew what there is. */
  attached?(tab: string): void
  gone?(tab: string): void
  /** The account is in this room now. */
  entered?(room: string): void
  /** The worker does not have the account any more: what still runs is for nothing. */
  end?(): void
  /** The server is about to be told what was taken in: whatever of it is to outlive this worker is kept now. */
  save?(): void
  /** A message or presence that is of no room and no other part. @returns whether it meant something */
  stanza?(stanza: XmlNode, envelope: Envelope): boolean
  /** A bookmark was set, or without one, removed: here or on another device, and at the beginning each that there is. */
  bookmark?(room: string, bookmark: Bookmark | undefined): void
  /** The account came into a room, or is out of it. */
  membership?(room: string, isIn: boolean): void
  /** Which messages of a room are worth a notification; `undefined`: nothing is known of that here. */
  notifyWhen?(room: string): NotifyWhen | undefined
  /** A request that nobody else knows. @returns the children of its result; `undefined` for one that is not known here, either */
  request?(iq: XmlNode, envelope: Envelope): readonly XmlNode[] | undefined
}

/** A part of the worker with a name of its own: `startBroker({ plugins: [plugin] })`, and `account.plugin(name)` in tabs. */
export interface Plugin<Calls extends PluginCalls = PluginCalls, Events extends PluginEvents = PluginEvents> {
  readonly name: string
  /** What it adds to what the account says it can do (XEP-0030): `…+notify` asks for events of others' nodes. */
  readonly features?: readonly string[]
  /** Called when the worker comes to have the account: once, unless another worker had it in between. */
  start(worker: PluginWorker<Events>): PluginParts<Calls>
}
