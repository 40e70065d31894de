import { bare, type Element, el, type RawClient } from './raw-client.ts'

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
  const form = el('x', { xmlns: 'jabber:x:data', type: 'submit' })
  const all: RoomFields = { FORM_TYPE: `${NS_MUC}#roomconfig`, ...fields }
  if (Object.keys(fields).length > 0)
    for (const [name, value] of Object.entries(all))
      form.append(el('field', { var: name }, ...values(value).map((text) => el('value', {}, text))))
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

async function administer(
  client: RawClient,
  roomJid: string,
  attrs: Readonly<Record<string, string>>,
  reason: string | undefined,
): Promise<void> {
  const query = el('query', { xmlns: `${NS_MUC}#admin` }, el('item', attrs, ...why(reason)))
  await client.request(el('iq', { type: 'set', to: roomJid }, query))
}

function why(reason: string | undefined): readonly Element[] {
  return reason === undefined ? [] : [el('reason', {}, reason)]
}

function values(value: RoomFields[string]): readonly string[] {
  if (typeof value === 'boolean') return [value ? '1' : '0']
  return typeof value === 'object' ? value : [String(value)]
}
