// XEP-0045: Multi-User Chat, version 1.35.5
// https://xmpp.org/extensions/xep-0045.html
import { parseJid } from './jid.ts'
import { NS_CLIENT, presence } from './stanza.ts'
import { writeDateTime } from './xep-0082-datetime.ts'
import { child, childrenOf, childText, el, textEl, textOf, type XmlNode } from './xml.ts'

export const NS_MUC = 'http://jabber.org/protocol/muc'
export const NS_MUC_USER = 'http://jabber.org/protocol/muc#user'

export type Role = 'none' | 'visitor' | 'participant' | 'moderator'
export type Affiliation = 'outcast' | 'none' | 'member' | 'admin' | 'owner'

const ROLES: readonly string[] = ['none', 'visitor', 'participant', 'moderator'] satisfies Role[]
const AFFILIATIONS: readonly string[] = ['outcast', 'none', 'member', 'admin', 'owner'] satisfies Affiliation[]

/** Status codes that this project acts on (section 15.6.2). */
export const STATUS = {
  nonAnonymous: 100,
  self: 110,
  logged: 170,
  created: 201,
  nickAssigned: 210,
  banned: 301,
  nickChanged: 303,
  kicked: 307,
  affiliationLost: 321,
  membersOnly: 322,
  shutdown: 332,
  technical: 333,
} as const

export interface MucItem {
  readonly affiliation: Affiliation
  readonly role: Role
  /** Full JID, where the room shows it to us. */
  readonly jid: string | undefined
  /** The new nick, in a nick change. */
  readonly nick: string | undefined
  readonly actor: string | undefined
  readonly reason: string | undefined
}

export interface MucDestroy {
  readonly alternate: string | undefined
  readonly password: string | undefined
  readonly reason: string | undefined
}

/** What `<x xmlns='…muc#user'>` says. */
export interface MucUser {
  /** Several where a nick has several sessions and we see their JIDs (Prosody). */
  readonly items: readonly MucItem[]
  readonly codes: readonly number[]
  readonly destroy: MucDestroy | undefined
}

export function readMucUser(stanza: XmlNode): MucUser | undefined {
  const x = child(stanza, NS_MUC_USER, 'x')
  if (!x) return undefined
  const destroy = child(x, NS_MUC_USER, 'destroy')
  const statuses = childrenOf(x, NS_MUC_USER, 'status')
  return {
    items: childrenOf(x, NS_MUC_USER, 'item').map(readItem),
    codes: statuses.length === 0 ? NO_CODES : statuses.flatMap(({ attrs }) => readCode(attrs['code'])),
    destroy: destroy && {
      alternate: destroy.attrs['jid'],
      password: childText(destroy, NS_MUC_USER, 'password'),
      reason: childText(destroy, NS_MUC_USER, 'reason') || undefined,
    },
  }
}

/** Whether a message brings somebody's invitation, or their refusal (section 7.8.2). */
export function mediates(message: XmlNode): boolean {
  return childrenOf(message, NS_MUC_USER, 'x').some(
    (x) => child(x, NS_MUC_USER, 'invite') !== undefined || child(x, NS_MUC_USER, 'decline') !== undefined,
  )
}

/** One for all: most presences have none. */
const NO_CODES: readonly number[] = []

/** Three digits; anything else is nobody's code. */
const readCode = (code: string | undefined): number[] =>
  code !== undefined && /^\d{3}$/.test(code) ? [Number(code)] : []

function readItem(item: XmlNode): MucItem {
  const { affiliation = '', role = '', jid, nick } = item.attrs
  const actor = child(item, NS_MUC_USER, 'actor')
  return {
    affiliation: AFFILIATIONS.includes(affiliation) ? (affiliation as Affiliation) : 'none',
    role: ROLES.includes(role) ? (role as Role) : 'none',
    jid,
    nick,
    actor: actor && (actor.attrs['nick'] ?? actor.attrs['jid']),
    reason: childText(item, NS_MUC_USER, 'reason') || undefined,
  }
}

/** How much history is wanted (section 7.2.14); every limit that is there applies, the smallest result wins. */
export interface HistoryLimits {
  readonly maxStanzas?: number | undefined
  /** Characters of whole stanzas, not of their bodies. */
  readonly maxChars?: number | undefined
  readonly seconds?: number | undefined
  /** Milliseconds since the epoch; servers compare whole seconds. */
  readonly sinceMs?: number | undefined
}

export interface JoinWords {
  readonly id: string
  readonly password?: string | undefined
  readonly history?: HistoryLimits | undefined
}

/**
 * The presence that enters a room (section 7.2.1).
 *
 * @param shown show and status of the account, so that nobody flickers, and whatever else a presence of ours holds
 */
export function joinPresence(
  occupantJid: string,
  words: JoinWords,
  shown: readonly (XmlNode | undefined)[] = [],
): XmlNode {
  const { history } = words
  return presence(
    { to: occupantJid, id: words.id },
    ...shown,
    el(
      NS_MUC,
      'x',
      undefined,
      history &&
        el(NS_MUC, 'history', {
          maxstanzas: history.maxStanzas,
          maxchars: history.maxChars,
          seconds: history.seconds,
          since: history.sinceMs === undefined ? undefined : writeDateTime(history.sinceMs),
        }),
      textEl(NS_MUC, 'password', words.password),
    ),
  )
}

/** The presence that leaves a room (section 7.14). */
export function leavePresence(occupantJid: string, id: string, status?: string): XmlNode {
  return presence({ to: occupantJid, id, type: 'unavailable' }, textEl(NS_CLIENT, 'status', status))
}

/** A presence of ours that enters a room. */
export function entersRoom(stanza: XmlNode): boolean {
  return stanza.name === 'presence' && stanza.attrs['type'] === undefined && child(stanza, NS_MUC, 'x') !== undefined
}

/** A presence of ours that leaves what it is addressed to. */
export function leavesRoom(stanza: XmlNode): boolean {
  return stanza.name === 'presence' && stanza.attrs['type'] === 'unavailable' && stanza.attrs['to'] !== undefined
}

/** Why a room does not let us in, as `room-${JoinRefusal}` among the error codes. */
export type JoinRefusal =
  | 'password-required'
  | 'nick-conflict'
  | 'nick-not-acceptable'
  | 'banned'
  | 'members-only'
  | 'locked'
  | 'full'
  | 'gone'
  | 'creation-forbidden'
  | 'unreachable'

const REFUSALS: ReadonlyMap<string, JoinRefusal> = new Map([
  ['not-authorized', 'password-required'],
  ['conflict', 'nick-conflict'],
  ['not-acceptable', 'nick-not-acceptable'],
  ['forbidden', 'banned'],
  ['registration-required', 'members-only'],
  ['item-not-found', 'locked'], // a room that is not there is made by the join: what cannot be found is locked (7.2.10)
  ['not-allowed', 'creation-forbidden'],
  ['gone', 'gone'],
  ['service-unavailable', 'full'],
  ['resource-constraint', 'full'], // ejabberd's word for it
  ['remote-server-not-found', 'unreachable'],
  ['remote-server-timeout', 'unreachable'],
])

/** The refusal behind the condition of a join's error (section 7.2, 15.6.1), or `undefined` for one that the XEP does not name. */
export function readJoinRefusal(condition: string): JoinRefusal | undefined {
  return REFUSALS.get(condition)
}

/** The bare JID of a room in what a room says of another one: an address, or a URI (`xmpp:room@host?join`). */
export function roomAddress(text: string): string | undefined {
  const address = text.startsWith('xmpp:') ? decodeUri(text.slice('xmpp:'.length).split('?', 1)[0] ?? '') : text
  return address === undefined ? undefined : parseJid(address)?.bare
}

function decodeUri(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** The new subject of a room, where the message is a change of it; empty where the room has none (section 8.1). */
export function readSubject(message: XmlNode): string | undefined {
  const subject = child(message, NS_CLIENT, 'subject')
  // A subject beside a body or a thread is an ordinary message (section 8.1).
  if (!subject || child(message, NS_CLIENT, 'body') || child(message, NS_CLIENT, 'thread')) return undefined
  return textOf(subject)
}
