// What apps see: plain data, read only.
import type { RoomConfig } from '../protocol/room-config.ts'
import type { Show } from '../protocol/room-stanza.ts'
import type { Affiliation, Role } from '../protocol/xep-0045-muc.ts'
import type { Hat } from '../protocol/xep-0317-hats.ts'
import type { Mention } from '../protocol/xep-0372-references.ts'
import type { SharedFile } from '../protocol/xep-0447-file-sharing.ts'
import type { Sticker } from '../protocol/xep-0449-stickers.ts'
import type { XmlNode } from '../protocol/xml.ts'
import type { Failure } from './errors.ts'

export type { Affiliation, Hat, Mention, Role, RoomConfig, SharedFile, Show, Sticker, XmlNode }

/** How much of a person is at a tab. */
export type Activity = 'active' | 'away' | 'xa'

/** What the account shows of itself (RFC 6121 section 4.7.2). */
export interface OwnPresence {
  readonly show: Show
  readonly status?: string
  /**
   * -128 to 127, 0 unless said: of several devices the one of the highest gets what is for the account, one below 0
   * nothing (RFC 6121 section 4.7.2.3).
   */
  readonly priority?: number
}

/** Where the account's one connection stands; `refused` wants the person (a password) or the developer. */
export type AccountStatus = 'connecting' | 'online' | 'interrupted' | 'offline' | 'refused'

/** Where a room stands for one tab. `interrupted` heals by itself; `removed` and `destroyed` do not. */
export type RoomPhase = 'out' | 'joining' | 'in' | 'interrupted' | 'removed' | 'destroyed'

/** Somebody in a room, as the account sees them (XEP-0045 section 7.1.3). */
export interface Occupant {
  readonly nick: string
  /** Stays when the nick changes (XEP-0421); only in rooms that have it. */
  readonly occupantId?: string
  /** Full JID, where the room shows it to us. */
  readonly jid?: string
  readonly role: Role
  readonly affiliation: Affiliation
  readonly show: Show
  readonly status?: string
  readonly hats: readonly Hat[]
  /** SHA-1 of the avatar, hexadecimal (XEP-0153). */
  readonly avatarHash?: string
  /** This account, under the nick that its tabs share. */
  readonly own: boolean
  /** This account, `own` or another device of it under another nick. */
  readonly ownAccount: boolean
}

export type MessageState = 'queued' | 'sent' | 'delivered' | 'failed'

/** One emoji that people have put to a message (XEP-0444). */
export interface Reaction {
  readonly emoji: string
  /** Whose it is, as they were called then. */
  readonly nicks: readonly string[]
  readonly own: boolean
}

export interface Message {
  /** The room's archive id once known (XEP-0359), until then an id of our own. */
  readonly id: string
  /** The id that its sender chose; ours for our own messages. */
  readonly originId?: string
  /** Bare JID of the room. */
  readonly room: string
  /** Of the sender; empty where the room itself speaks. */
  readonly nick: string
  readonly occupantId?: string
  readonly jid?: string
  /** The nick that it was for, where it was for one alone. */
  readonly to?: string
  readonly body: string
  /** When the room received it, or we did; milliseconds since the epoch. */
  readonly stampMs: number
  /** It came before the join. */
  readonly history: boolean
  /** This account wrote it, in whatever tab or device. */
  readonly own: boolean
  readonly fromThisTab: boolean
  readonly state: MessageState
  readonly error?: Failure
  /** The id of the message that it answers (XEP-0461). */
  readonly replyTo?: string
  readonly correctedAtMs?: number
  readonly retracted?: boolean
  readonly moderated?: boolean
  readonly reactions: readonly Reaction[]
  readonly mentionsMe: boolean
  /** Whom its sender has marked in it (XEP-0372). */
  readonly mentions?: readonly Mention[]
  /** To be shown when somebody wants to see it: this is the hint until then, which may be empty (XEP-0382). */
  readonly spoiler?: string
  /** Its sender wants to be noticed at once (XEP-0224). */
  readonly attention?: true
  /** It is a picture; the body stands in for it (XEP-0449). */
  readonly sticker?: Sticker
  /** It is about this file: then its body is the file's address, or ends with it. */
  readonly file?: SharedFile
  /** `false`: this browser could not keep it. */
  readonly stored?: false
  /** The whole stanza. */
  readonly stanza: XmlNode
}

export interface Subject {
  readonly text: string
  readonly nick?: string
  /** When it was set, where the room says so, else when we heard of it. */
  readonly stampMs?: number
}

/** How much history a join wants (XEP-0045 section 7.2.14): every limit applies, the smallest result wins. */
export interface HistoryWish {
  readonly maxstanzas?: number
  /** Characters of whole stanzas. */
  readonly maxchars?: number
  readonly seconds?: number
  /** Milliseconds since the epoch, or a date. */
  readonly since?: number | Date
}

/** How a room took us in. */
export interface JoinResult {
  readonly nick: string
  /** XEP-0045 status codes of the own presence. */
  readonly codes: readonly number[]
  /** The room was made by this join (201), which only the tab that asked for it is told. */
  readonly created: boolean
  /** The nick is not the one asked for (210). */
  readonly nickAssigned: boolean
}

export type RemovalKind = 'kicked' | 'banned' | 'not-a-member' | 'shutdown'
export type DepartureKind = 'left' | RemovalKind

/** `error`: a developer must look; `warn`: something takes long; `info`: a change of state; `debug`: the rest. */
export type LogLevel = 'error' | 'warn' | 'info' | 'debug'

/** One line of the worker's log. It holds no password and no message body. */
export interface LogRecord {
  readonly atMs: number
  readonly level: LogLevel
  readonly text: string
}

/** What went over the account's connections since the worker began. */
export interface WireFigures {
  readonly connections: number
  readonly joins: number
  readonly leaves: number
  readonly framesIn: number
  readonly framesOut: number
  /** UTF-8 bytes of XML, without the framing of the WebSocket. */
  readonly bytesIn: number
  readonly bytesOut: number
}

/** The account's one stream to the server. The name by which the server knows the session is left out: it is a secret. */
export interface StreamInspection {
  /** `waiting`: for the next try. */
  readonly at: 'offline' | 'connecting' | 'online' | 'waiting' | 'refused'
  /** Of the session, which may be without a connection for the moment. */
  readonly fullJid?: string
  /** Both sides count stanzas (XEP-0198). */
  readonly managed: boolean
  /** The session can go on over another connection. */
  readonly resumable: boolean
  /** Stanzas of the server that were taken in, and of ours that it said it has handled. */
  readonly taken: number
  readonly handled: number
  /** Stanzas of ours of which it has not said that. */
  readonly unacknowledged: number
  /** When anything last came from the server; milliseconds since the epoch. */
  readonly heardAtMs?: number
  readonly nextTryAtMs?: number
}

/** What the worker is doing. */
export interface Inspection {
  readonly instance: string
  readonly contract: number
  readonly upSinceMs: number
  readonly status: AccountStatus
  /** Where the engine runs. */
  readonly engine: 'shared-worker' | 'leader-worker' | 'this-tab'
  readonly storage: 'indexeddb' | 'memory'
  readonly stream: StreamInspection
  readonly wire: WireFigures
  readonly tabs: readonly {
    readonly id: string
    readonly rooms: readonly string[]
    /** Nobody can look at it. */
    readonly hidden: boolean
    /** The browser keeps its page, and may bring it back: it is told nothing. */
    readonly suspended: boolean
    /** It has not kept up: it will be shown anew what it missed. */
    readonly fallenBehind: boolean
    /** Of the next event; those between it and `ackedSeq` are on their way. */
    readonly nextSeq: number
    readonly ackedSeq: number
    /** Events that wait here. */
    readonly queued: number
  }[]
  readonly rooms: readonly {
    readonly jid: string
    readonly phase: string
    /** The connection is gone, and the session may go on. */
    readonly suspended: boolean
    readonly nick?: string
    readonly occupants: number
    readonly tabs: number
    /** A bookmark wants it, too. */
    readonly kept: boolean
  }[]
  readonly log: readonly LogRecord[]
}
