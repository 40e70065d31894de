import { randomUUID } from 'node:crypto'
import { bare, type Element, el, type RawClient, StanzaError } from './raw-client.ts'

const NS_MUC = 'http://jabber.org/protocol/muc'

/** Values of a room's configuration by field name, such as `muc#roomconfig_membersonly`. */
export type RoomFields = Readonly<Record<string, string | number | boolean | readonly string[]>>

/** Standing in a room that outlives visits (XEP-0045 §5.2). */
export type Affiliation = 'owner' | 'admin' | 'member' | 'none' | 'outcast'

/** Standing of one visit (XEP-0045 §5.1). */
export type Role = 'moderator' | 'participant' | 'visitor' | 'none'

/**
 * Submits these fields of the room's configuration, as an owner; the others stay as they are.
 *
 * Without fields it accepts the defaults, which unlocks a new room (XEP-0045 §10.1.2).
 *
 * @throws StanzaError when the room refuses
 */
export async function configureRoom(client: RawClient, roomJid: string, fields: RoomFields = {}): Promise<void> {
  const filled = Object.keys(fields).length > 0
  const form = submitted(filled ? { FORM_TYPE: `${NS_MUC}#roomconfig`, ...fields } : {})
  await client.request(el('iq', { type: 'set', to: roomJid }, el('query', { xmlns: `${NS_MUC}#owner` }, form)))
}

/** Gives a bare JID an affiliation. @throws StanzaError when the room refuses */
export async function setAffiliation(
  client: RawClient,
  roomJid: string,
  jid: string,
  affiliation: Affiliation,
  reason?: string,
): Promise<void> {
  await administer(client, roomJid, { jid, affiliation }, reason)
}

/** Gives an occupant a role; `none` is a kick. @throws StanzaError when the room refuses */
export async function setRole(
  client: RawClient,
  roomJid: string,
  nick: string,
  role: Role,
  reason?: string,
): Promise<void> {
  await administer(client, roomJid, { nick, role }, reason)
}

/** Throws an occupant out (status 307); coming back is allowed. */
export function kick(client: RawClient, roomJid: string, nick: string, reason?: string): Promise<void> {
  return setRole(client, roomJid, nick, 'none', reason)
}

/** Throws a bare JID out for good (status 301). */
export function ban(client: RawClient, roomJid: string, jid: string, reason?: string): Promise<void> {
  return setAffiliation(client, roomJid, jid, 'outcast', reason)
}

/** Destroys the room, as an owner. @throws StanzaError when the room refuses */
export async function destroyRoom(
  client: RawClient,
  roomJid: string,
  { reason, alternate }: { readonly reason?: string; readonly alternate?: string } = {},
): Promise<void> {
  const destroy = el('destroy', { jid: alternate }, ...why(reason))
  await client.request(el('iq', { type: 'set', to: roomJid }, el('query', { xmlns: `${NS_MUC}#owner` }, destroy)))
}

/** Sets the subject, as an occupant; resolves with the message by which the room tells everybody. */
export async function setSubject(client: RawClient, roomJid: string, subject: string): Promise<Element> {
  const since = client.mark()
  client.send(el('message', { to: roomJid, type: 'groupchat' }, el('subject', {}, subject)))
  return client.waitFor(
    (s) => s.is('message') && bare(s.attrs['from']) === roomJid && s.getChildText('subject') === subject,
    { what: `the new subject of ${roomJid}`, since },
  )
}

/** Asks somebody in through the room; where the room refuses it says so in a message of type `error`. */
export function inviteThrough(client: RawClient, roomJid: string, jid: string, reason?: string): void {
  const invite = el('invite', { to: jid }, ...why(reason))
  client.send(el('message', { to: roomJid, id: randomUUID() }, el('x', { xmlns: `${NS_MUC}#user` }, invite)))
}

/** Asks somebody in without the room's help (XEP-0249). */
export function inviteDirectly(client: RawClient, roomJid: string, jid: string, reason?: string): void {
  client.send(
    el('message', { to: jid, id: randomUUID() }, el('x', { xmlns: 'jabber:x:conference', jid: roomJid, reason })),
  )
}

/** Says something to one occupant. @returns the id of the message */
export function whisper(client: RawClient, occupantJid: string, body: string): string {
  const id = randomUUID()
  const x = el('x', { xmlns: `${NS_MUC}#user` })
  client.send(el('message', { to: occupantJid, type: 'chat', id }, el('body', {}, body), x))
  return id
}

/** Asks the moderators to be allowed to speak (XEP-0045 §7.13). */
export function requestVoice(client: RawClient, roomJid: string): void {
  const fields = { FORM_TYPE: `${NS_MUC}#request`, 'muc#role': 'participant' }
  client.send(el('message', { to: roomJid, id: randomUUID() }, submitted(fields)))
}

/** Has a nick kept for the client (XEP-0045 §7.10). @throws StanzaError when the room refuses */
export async function registerNick(client: RawClient, roomJid: string, nick: string): Promise<void> {
  const form = submitted({ FORM_TYPE: `${NS_MUC}#register`, 'muc#register_roomnick': nick })
  await client.request(el('iq', { type: 'set', to: roomJid }, el('query', { xmlns: 'jabber:iq:register' }, form)))
}

/** Changes the show, the status or the nick, in a room where the client is. */
export function showIn(client: RawClient, occupantJid: string, ...shown: readonly Element[]): void {
  client.send(el('presence', { to: occupantJid }, ...shown))
}

/** What an entity says that it can do (XEP-0030). @throws StanzaError when it does not say */
export async function featuresOf(client: RawClient, jid: string): Promise<ReadonlySet<string>> {
  const query = el('query', { xmlns: 'http://jabber.org/protocol/disco#info' })
  const answer = await client.request(el('iq', { type: 'get', to: jid }, query))
  const features = answer.getChild('query')?.getChildren('feature') ?? []
  return new Set(features.flatMap((feature) => feature.attrs['var'] ?? []))
}

/** The room's configuration form, as an owner. */
export async function configurationForm(client: RawClient, roomJid: string): Promise<Element> {
  const answer = await client.request(el('iq', { type: 'get', to: roomJid }, el('query', { xmlns: `${NS_MUC}#owner` })))
  const form = answer.getChild('query')?.getChild('x', 'jabber:x:data')
  if (!form) throw new Error(`no form in ${answer}`)
  return form
}

/**
 * A round trip through the room: it has dealt with all that came to it before, from whomever, and this client has all
 * that it was sent for it. A refusal is an answer too.
 */
export async function roomBarrier(client: RawClient, occupantJid: string): Promise<void> {
  try {
    await client.request(el('iq', { type: 'get', to: occupantJid }, el('ping', { xmlns: 'urn:xmpp:ping' })))
  } catch (error) {
    if (!(error instanceof StanzaError)) throw error
  }
}

async function administer(
  client: RawClient,
  roomJid: string,
  attrs: Readonly<Record<string, string>>,
  reason: string | undefined,
): Promise<void> {
  const query = el('query', { xmlns: `${NS_MUC}#admin` }, el('item', attrs, ...why(reason)))
  await client.request(el('iq', { type: 'set', to: roomJid }, query))
}

function submitted(fields: RoomFields): Element {
  const all = Object.entries(fields).map(([name, value]) =>
    el('field', { var: name }, ...values(value).map((text) => el('value', {}, text))),
  )
  return el('x', { xmlns: 'jabber:x:data', type: 'submit' }, ...all)
}

function why(reason: string | undefined): readonly Element[] {
  return reason === undefined ? [] : [el('reason', {}, reason)]
}

function values(value: RoomFields[string]): readonly string[] {
  if (typeof value === 'boolean') return [value ? '1' : '0']
  return typeof value === 'object' ? value : [String(value)]
}
