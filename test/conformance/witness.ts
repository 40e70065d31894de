// What a client by itself makes of a room's stanzas, read without any code of the SDK.
import { type Element, statusCodes } from '../support/raw-client.ts'

const NS_MUC_USER = 'http://jabber.org/protocol/muc#user'
const NS_SID = 'urn:xmpp:sid:0'
const NS_DELAY = 'urn:xmpp:delay'
const HATS = ['urn:xmpp:hats:0', 'xmpp:prosody.im/protocol/hats:1']

/** An occupant, as one presence shows them. */
export interface Person {
  readonly nick: string
  readonly role: string
  readonly affiliation: string
  readonly show: string
  readonly status?: string
  readonly hats: readonly { readonly uri: string; readonly title: string }[]
  readonly avatarHash?: string
  readonly occupantId?: string
  readonly jid?: string
}

/** A message of a room's history, or a live one. */
export interface Line {
  readonly id?: string
  readonly nick: string
  readonly body: string
  readonly occupantId?: string
  /** Of its `<delay/>` by the room; a live message has none. */
  readonly stampMs?: number
}

/** All that a join gives (XEP-0045 section 7.1). */
export interface Entry {
  /** By nick, without ourselves. */
  readonly others: Readonly<Record<string, Person>>
  readonly self: Person
  readonly codes: readonly number[]
  readonly history: readonly Line[]
  readonly subject: { readonly text: string; readonly nick?: string; readonly stampMs?: number }
}

const nickOf = (stanza: Element): string => {
  const from = stanza.attrs['from'] ?? ''
  const slash = from.indexOf('/')
  return slash < 0 ? '' : from.slice(slash + 1)
}

export function personOf(presence: Element): Person {
  const item = presence.getChild('x', NS_MUC_USER)?.getChild('item')
  const status = presence.getChildText('status')
  const photo = presence.getChild('x', 'vcard-temp:x:update')?.getChildText('photo')
  const occupantId = presence.getChild('occupant-id', 'urn:xmpp:occupant-id:0')?.attrs['id']
  const jid = item?.attrs['jid']
  const hats = presence.getChildElements().find((c) => c.getName() === 'hats' && HATS.includes(c.getNS() ?? ''))
  return {
    nick: nickOf(presence),
    role: item?.attrs['role'] ?? '',
    affiliation: item?.attrs['affiliation'] ?? '',
    show: presence.getChildText('show') || 'online',
    ...(status && { status }),
    hats: (hats?.getChildren('hat') ?? []).map(({ attrs }) => ({
      uri: attrs['uri'] ?? '',
      title: attrs['title'] ?? '',
    })),
    ...(photo && { avatarHash: photo.toLowerCase() }),
    ...(occupantId && { occupantId }),
    ...(jid && { jid }),
  }
}

export function lineOf(message: Element, room: string): Line {
  const id = message.getChildren('stanza-id', NS_SID).find(({ attrs }) => attrs['by'] === room)?.attrs['id']
  const occupantId = message.getChild('occupant-id', 'urn:xmpp:occupant-id:0')?.attrs['id']
  const stampMs = stampOf(message, room)
  return {
    ...(id !== undefined && { id }),
    nick: nickOf(message),
    body: message.getChildText('body') ?? '',
    ...(occupantId !== undefined && { occupantId }),
    ...(stampMs !== undefined && { stampMs }),
  }
}

/** When the room had it, in milliseconds since the epoch. */
function stampOf(message: Element, room: string): number | undefined {
  const delay = message.getChildren('delay', NS_DELAY).find(({ attrs }) => attrs['from'] === room)
  const stamp = delay?.attrs['stamp']
  return stamp === undefined ? undefined : Date.parse(stamp)
}

/** Whether somebody, or the room, has something to say in it. */
export const isLine = (stanza: Element): boolean =>
  stanza.is('message') && stanza.attrs['type'] === 'groupchat' && Boolean(stanza.getChildText('body'))

export const isSubject = (stanza: Element): boolean =>
  stanza.is('message') &&
  stanza.getChild('subject') !== undefined &&
  !stanza.getChild('body') &&
  !stanza.getChild('thread')

/** What `RawClient.join` was given. */
export function entryOf(stanzas: readonly Element[], room: string): Entry {
  const presences = stanzas.filter((s) => s.is('presence') && s.getChild('x', NS_MUC_USER) && nickOf(s) !== '')
  const at = presences.findIndex((presence) => statusCodes(presence).includes('110'))
  const own = presences[at]
  const last = stanzas.at(-1)
  if (!own || !last) throw new Error('not what a join gives')
  const stampMs = stampOf(last, room)
  const nick = nickOf(last)
  return {
    others: Object.fromEntries(presences.slice(0, at).map((presence) => [nickOf(presence), personOf(presence)])),
    self: personOf(own),
    codes: statusCodes(own).map(Number).sort(),
    history: stanzas.filter(isLine).map((message) => lineOf(message, room)),
    subject: {
      text: last.getChildText('subject') ?? '',
      ...(nick && { nick }),
      ...(stampMs !== undefined && { stampMs }),
    },
  }
}
