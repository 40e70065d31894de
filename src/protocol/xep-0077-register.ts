// XEP-0077: In-Band Registration, version 2.4, as XEP-0045 section 7.10 uses it for nicks
// https://xmpp.org/extensions/xep-0077.html
import { iq } from './stanza.ts'
import { NS_DISCO_INFO } from './xep-0030-disco.ts'
import { child, childrenOf, childText, el, type XmlNode } from './xml.ts'

const NS_REGISTER = 'jabber:iq:register'
/** The nick that a room keeps for us (XEP-0045 section 7.12). */
const RESERVED_NICK = 'x-roomuser-item'

export function registrationRequest(room: string, id: string): XmlNode {
  return iq({ type: 'get', to: room, id }, el(NS_REGISTER, 'query'))
}

export function registerRequest(room: string, id: string, form: XmlNode): XmlNode {
  return iq({ type: 'set', to: room, id }, el(NS_REGISTER, 'query', undefined, form))
}

/** The query of an answer: it holds the form, and `<registered/>` with the nick where we are registered. */
export function registrationOf(
  result: XmlNode,
): { readonly query: XmlNode; readonly registered: boolean; readonly nick?: string } | undefined {
  const query = child(result, NS_REGISTER, 'query')
  if (!query) return undefined
  const nick = childText(query, NS_REGISTER, 'username')
  return { query, registered: child(query, NS_REGISTER, 'registered') !== undefined, ...(nick && { nick }) }
}

export function reservedNickRequest(room: string, id: string): XmlNode {
  return iq({ type: 'get', to: room, id }, el(NS_DISCO_INFO, 'query', { node: RESERVED_NICK }))
}

/** The reserved nick; `undefined` is every way in which servers say that there is none. */
export function readReservedNick(result: XmlNode): string | undefined {
  const query = child(result, NS_DISCO_INFO, 'query')
  return query && childrenOf(query, NS_DISCO_INFO, 'identity').find((i) => i.attrs['name'])?.attrs['name']
}
