import { type Amendment, readAmendment } from './amendment.ts'
import { resourceOf } from './jid.ts'
import { readSaid, type Said } from './said.ts'
import { NS_CLIENT, readEnvelope } from './stanza.ts'
import { readStanzaError, type StanzaError } from './stanza-error.ts'
import { readVoiceRequest, type VoiceRequest } from './voice-request.ts'
import { type MucUser, mediates, readMucUser, readSubject, STATUS } from './xep-0045-muc.ts'
import { readAvatarHash } from './xep-0153-vcard-avatar.ts'
import { readDelay } from './xep-0203-delay.ts'
import { type Hat, readHats } from './xep-0317-hats.ts'
import { readOriginId, readStanzaId } from './xep-0359-stanza-id.ts'
import { readOccupantId } from './xep-0421-occupant-id.ts'
import { childText, type XmlNode } from './xml.ts'

/** RFC 6121 section 4.7.2.1; no `<show/>` is `online`. */
export type Show = 'online' | 'chat' | 'away' | 'xa' | 'dnd'
const SHOWS: readonly string[] = ['chat', 'away', 'xa', 'dnd'] satisfies Show[]

/** The presence of an occupant, available or not. */
export interface OccupantPresence {
  readonly kind: 'presence'
  readonly available: boolean
  readonly nick: string
  readonly muc: MucUser
  readonly show: Show
  readonly status: string | undefined
  readonly hats: readonly Hat[]
  readonly avatarHash: string | undefined
  /** As written: means something only in a room that has the feature (XEP-0421 section 4). */
  readonly occupantId: string | undefined
}

/** A message of the room that is more than a subject, from an occupant or (no `nick`) from the room itself. */
export interface RoomMessage {
  readonly kind: 'message'
  readonly nick: string | undefined
  /** The room's archive id (XEP-0359). */
  readonly archiveId: string | undefined
  readonly originId: string | undefined
  /** The `id` of the stanza: the sender's choice, kept by most rooms. */
  readonly stanzaId: string | undefined
  /** Without what only stands in for something else. */
  readonly body: string | undefined
  /** What it says beside its text. */
  readonly said?: Said | undefined
  /** When the room received it, if it says so: only what comes from its history does. */
  readonly delayMs: number | undefined
  readonly occupantId: string | undefined
  /** What it does to an earlier message: then it is none by itself. */
  readonly amends?: Amendment | undefined
  readonly stanza: XmlNode
}

export interface RoomSubject {
  readonly kind: 'subject'
  readonly nick: string | undefined
  readonly text: string
  readonly delayMs: number | undefined
  readonly stanzaId: string | undefined
}

/** A message of one occupant to us alone (XEP-0045 section 7.5). */
export interface PrivateMessage {
  readonly kind: 'private-message'
  readonly nick: string
  readonly stanzaId: string | undefined
  readonly originId: string | undefined
  readonly body: string
  readonly delayMs: number | undefined
  readonly occupantId: string | undefined
  readonly stanza: XmlNode
}

/** The room itself says something: of its configuration (codes), or of somebody who is not there (items). */
export interface RoomNotice {
  readonly kind: 'notice'
  readonly muc: MucUser
}

/** A visitor wants to speak (XEP-0045 section 8.6). */
export interface RoomVoiceRequest {
  readonly kind: 'voice-request'
  readonly request: VoiceRequest
}

/** An error that answers a stanza of ours. */
export interface RoomError {
  readonly kind: 'presence-error' | 'message-error'
  readonly id: string | undefined
  readonly nick: string | undefined
  readonly error: StanzaError
}

export type RoomStanza =
  | OccupantPresence
  | RoomMessage
  | PrivateMessage
  | RoomSubject
  | RoomNotice
  | RoomVoiceRequest
  | RoomError

/**
 * What a presence or message from a room means.
 *
 * `undefined` is what no occupant sent and the room does not use to say something about them: presence of the bare
 * room JID (capabilities, avatar), and presence without `muc#user`.
 */
export function readRoomStanza(stanza: XmlNode, roomJid: string): RoomStanza | undefined {
  const envelope = readEnvelope(stanza)
  // An address that ends with its slash is neither the room's nor an occupant's.
  if (!envelope?.from || envelope.from === `${roomJid}/`) return undefined
  const nick = resourceOf(envelope.from)
  if (envelope.kind === 'iq') return undefined
  if (envelope.type === 'error') {
    const kind = envelope.kind === 'presence' ? 'presence-error' : 'message-error'
    return { kind, id: envelope.id, nick, error: readStanzaError(stanza) }
  }
  if (envelope.kind === 'presence') return nick === undefined ? undefined : readPresence(stanza, nick, envelope.type)
  return envelope.type === 'groupchat' ? readGroupchat(stanza, nick, roomJid) : readOther(stanza, nick, roomJid)
}

/** A room says that we are in it: a presence with status 110 that is no leave. */
export function isOwnArrival(stanza: XmlNode): boolean {
  if (stanza.name !== 'presence' || stanza.attrs['type'] !== undefined) return false
  return readMucUser(stanza)?.codes.includes(STATUS.self) ?? false
}

function readGroupchat(stanza: XmlNode, nick: string | undefined, roomJid: string): RoomStanza {
  const subject = readSubject(stanza)
  const delayMs = readDelay(stanza, roomJid)
  const stanzaId = stanza.attrs['id']
  if (subject !== undefined) return { kind: 'subject', nick, text: subject, delayMs, stanzaId }
  const body = childText(stanza, NS_CLIENT, 'body')
  const muc = nick === undefined && body === undefined ? readMucUser(stanza) : undefined
  if (muc) return { kind: 'notice', muc }
  const read = body === undefined ? undefined : readSaid(stanza, body)
  return {
    kind: 'message',
    nick,
    archiveId: readStanzaId(stanza, roomJid),
    originId: readOriginId(stanza),
    stanzaId,
    body: read?.body,
    said: read?.said,
    delayMs,
    occupantId: readOccupantId(stanza),
    amends: readAmendment(stanza, nick === undefined),
    stanza,
  }
}

/** What is not for everybody: of an occupant a private message, of the room itself a notice. */
function readOther(stanza: XmlNode, nick: string | undefined, roomJid: string): RoomStanza | undefined {
  if (nick === undefined) {
    // With an invitation or a refusal Prosody passes on whatever its sender put beside it: that is not the room's own word.
    if (mediates(stanza)) return undefined
    const request = readVoiceRequest(stanza)
    if (request) return { kind: 'voice-request', request }
    const muc = readMucUser(stanza)
    return muc && (muc.items.length > 0 || muc.codes.length > 0) ? { kind: 'notice', muc } : undefined
  }
  return readPrivateMessage(stanza, nick, roomJid)
}

/** What one occupant is told alone, by the one of that nick or, in a copy from another device of ours, to them. */
export function readPrivateMessage(stanza: XmlNode, nick: string, roomJid: string): PrivateMessage | undefined {
  const body = childText(stanza, NS_CLIENT, 'body')
  if (!body) return undefined
  const ids = { stanzaId: stanza.attrs['id'], originId: readOriginId(stanza), occupantId: readOccupantId(stanza) }
  return { kind: 'private-message', nick, ...ids, body, delayMs: readDelay(stanza, roomJid), stanza }
}

/** Characters: an occupant is kept as long as it is there, and rooms have many. */
const MOST_IN_STATUS = 1_024
/** No part of an address is longer (RFC 7622 section 3.4), in bytes. */
const MOST_IN_ADDRESS = 1_023

function readPresence(stanza: XmlNode, nick: string, type: string | undefined): OccupantPresence | undefined {
  const muc = readMucUser(stanza)
  if (!muc || (type !== undefined && type !== 'unavailable') || nick.length > MOST_IN_ADDRESS) return undefined
  const show = childText(stanza, NS_CLIENT, 'show') ?? ''
  return {
    kind: 'presence',
    available: type === undefined,
    nick,
    muc,
    show: SHOWS.includes(show) ? (show as Show) : 'online',
    status: childText(stanza, NS_CLIENT, 'status')?.slice(0, MOST_IN_STATUS) || undefined,
    hats: readHats(stanza),
    avatarHash: readAvatarHash(stanza),
    occupantId: readOccupantId(stanza),
  }
}
