// The stanzas of a room, in the words of the servers (test/fixtures/traces).
import { errorXml, escapeXml } from './xml.ts'

export const ROOM = 'garden@rooms.example'
export const ACCOUNT = 'juliet@capulet.example'
export const NS_MUC = 'http://jabber.org/protocol/muc'
export const NS_MUC_USER = 'http://jabber.org/protocol/muc#user'
export const NS_OCCUPANT_ID = 'urn:xmpp:occupant-id:0'

export interface PresenceWords {
  readonly room?: string
  readonly codes?: readonly number[]
  readonly role?: string
  readonly affiliation?: string
  readonly jid?: string
  readonly newNick?: string
  readonly occupantId?: string
  readonly show?: string
  readonly status?: string
  readonly actor?: string
  readonly reason?: string
  /** Further XML inside of `muc#user`. */
  readonly inside?: string
}

const attribute = (name: string, value: string | undefined): string =>
  value === undefined ? '' : ` ${name}='${escapeXml(value)}'`
const element = (name: string, text: string | undefined): string =>
  text === undefined ? '' : `<${name}>${escapeXml(text)}</${name}>`

function presence(type: string | undefined, nick: string, words: PresenceWords): string {
  const { room = ROOM, codes = [], role = 'participant', affiliation = 'none', inside = '' } = words
  const { jid, newNick, occupantId, show, status, actor, reason } = words
  return [
    `<presence from='${escapeXml(`${room}/${nick}`)}' to='${ACCOUNT}/web-1'${attribute('type', type)}>`,
    element('show', show),
    element('status', status),
    occupantId === undefined ? '' : `<occupant-id xmlns='${NS_OCCUPANT_ID}' id='${escapeXml(occupantId)}'/>`,
    `<x xmlns='${NS_MUC_USER}'>`,
    `<item affiliation='${affiliation}' role='${role}'${attribute('jid', jid)}${attribute('nick', newNick)}>`,
    actor === undefined ? '' : `<actor nick='${escapeXml(actor)}'/>`,
    element('reason', reason),
    '</item>',
    ...codes.map((code) => `<status code='${code}'/>`),
    inside,
    '</x></presence>',
  ].join('')
}

/** An occupant is there, or has changed. */
export const present = (nick: string, words: PresenceWords = {}): string => presence(undefined, nick, words)

/** An occupant is there no more. */
export const gone = (nick: string, words: PresenceWords = {}): string =>
  presence('unavailable', nick, { role: 'none', ...words })

/** The two presences of a nick change (XEP-0045 section 7.6). */
export const renamed = (from: string, to: string, { codes = [], ...words }: PresenceWords = {}): [string, string] => [
  gone(from, { ...words, newNick: to, role: 'participant', codes: [303, ...codes] }),
  present(to, { ...words, codes }),
]

export interface MessageWords {
  readonly room?: string
  readonly id?: string
  readonly originId?: string
  readonly archiveId?: string
  readonly occupantId?: string
  /** Who delayed it, and when; the room itself for what comes from its history. */
  readonly delay?: { readonly from: string; readonly stamp: string }
  /** Further XML in it. */
  readonly inside?: string
}

/** A groupchat message; without a nick the room itself speaks. */
export function said(nick: string | undefined, body: string | undefined, words: MessageWords = {}): string {
  const { room = ROOM, id, originId, archiveId, occupantId, delay, inside = '' } = words
  const from = nick === undefined ? room : `${room}/${nick}`
  return [
    `<message from='${escapeXml(from)}' to='${ACCOUNT}/web-1' type='groupchat'${attribute('id', id)}>`,
    element('body', body),
    inside,
    originId === undefined ? '' : `<origin-id xmlns='urn:xmpp:sid:0' id='${escapeXml(originId)}'/>`,
    occupantId === undefined ? '' : `<occupant-id xmlns='${NS_OCCUPANT_ID}' id='${escapeXml(occupantId)}'/>`,
    archiveId === undefined ? '' : `<stanza-id xmlns='urn:xmpp:sid:0' by='${room}' id='${escapeXml(archiveId)}'/>`,
    delay === undefined ? '' : `<delay xmlns='urn:xmpp:delay' from='${delay.from}' stamp='${delay.stamp}'/>`,
    '</message>',
  ].join('')
}

/** A message from the room's history. */
export const told = (nick: string, body: string, archiveId: string, stamp = '2029-12-31T12:00:00Z'): string =>
  said(nick, body, { id: `i-${archiveId}`, archiveId, delay: { from: ROOM, stamp } })

/** A change of the subject; Prosody gives no id with it. */
export function subject(
  text: string,
  { nick, stamp, id, room = ROOM }: { nick?: string; stamp?: string; id?: string; room?: string } = {},
): string {
  const from = nick === undefined ? room : `${room}/${nick}`
  const delay = stamp === undefined ? '' : `<delay xmlns='urn:xmpp:delay' from='${room}' stamp='${stamp}'/>`
  return `<message from='${escapeXml(from)}' type='groupchat'${attribute('id', id)}><subject>${escapeXml(text)}</subject>${delay}</message>`
}

/** A message of one occupant to us alone. */
export function whispered(nick: string, body: string, { room = ROOM, id, delay }: MessageWords = {}): string {
  const held = delay === undefined ? '' : `<delay xmlns='urn:xmpp:delay' from='${delay.from}' stamp='${delay.stamp}'/>`
  return `<message from='${escapeXml(`${room}/${nick}`)}' to='${ACCOUNT}/web-1' type='chat'${attribute('id', id)}><body>${escapeXml(body)}</body><x xmlns='${NS_MUC_USER}'/>${held}</message>`
}

/** The room says something of itself, by its status codes, or of somebody who is not there. */
export const notice = (codes: readonly number[], inside = '', type = " type='groupchat'"): string =>
  `<message from='${ROOM}'${type}><x xmlns='${NS_MUC_USER}'>${codes.map((code) => `<status code='${code}'/>`).join('')}${inside}</x></message>`

export interface ErrorWords {
  readonly room?: string
  readonly id?: string
  readonly type?: string
  readonly text?: string
  /** What the condition holds. */
  readonly address?: string
}

/** A presence of ours is refused; the room answers from the nick that was asked for. */
export const joinError = (nick: string, condition: string, words: ErrorWords = {}): string =>
  `<presence type='error' from='${escapeXml(`${words.room ?? ROOM}/${nick}`)}'${attribute('id', words.id)}>${errorXml(condition, words)}</presence>`

/** A message of ours is refused. */
export const messageError = (id: string, condition: string, words: ErrorWords = {}): string =>
  `<message type='error' from='${words.room ?? ROOM}' id='${id}'>${errorXml(condition, words)}</message>`
