// XEP-0045: Multi-User Chat, version 1.35.5, sections 9 (moderators, admins) and 10 (owners)
// https://xmpp.org/extensions/xep-0045.html
import { iq } from './stanza.ts'
import type { Affiliation, Role } from './xep-0045-muc.ts'
import { child, childrenOf, childText, el, textEl, type XmlNode } from './xml.ts'

const NS_ADMIN = 'http://jabber.org/protocol/muc#admin'
const NS_OWNER = 'http://jabber.org/protocol/muc#owner'

/** Somebody on a list of affiliations or roles. */
export interface ListedPerson {
  readonly jid?: string
  readonly nick?: string
  readonly affiliation?: string
  readonly role?: string
  readonly reason?: string
}

export function setRoleRequest(room: string, id: string, nick: string, role: Role, reason?: string): XmlNode {
  return adminSet(room, id, { nick, role }, reason)
}

export function setAffiliationRequest(
  room: string,
  id: string,
  jid: string,
  affiliation: Affiliation,
  reason?: string,
): XmlNode {
  return adminSet(room, id, { jid, affiliation }, reason)
}

function adminSet(room: string, id: string, item: Record<string, string>, reason: string | undefined): XmlNode {
  const query = el(NS_ADMIN, 'query', undefined, el(NS_ADMIN, 'item', item, textEl(NS_ADMIN, 'reason', reason)))
  return iq({ type: 'set', to: room, id }, query)
}

/** Asks for everybody of one affiliation or role. */
export function listRequest(
  room: string,
  id: string,
  of: { readonly affiliation: Affiliation } | { readonly role: Role },
): XmlNode {
  return iq({ type: 'get', to: room, id }, el(NS_ADMIN, 'query', undefined, el(NS_ADMIN, 'item', of)))
}

export function readList(result: XmlNode): ListedPerson[] {
  const query = child(result, NS_ADMIN, 'query')
  if (!query) return []
  return childrenOf(query, NS_ADMIN, 'item').map((item) => {
    const { jid, nick, affiliation, role } = item.attrs
    const reason = childText(item, NS_ADMIN, 'reason')
    return {
      ...(jid && { jid }),
      ...(nick && { nick }),
      ...(affiliation && { affiliation }),
      ...(role && { role }),
      ...(reason && { reason }),
    }
  })
}

/** Asks for the configuration form (section 10.2). */
export function configurationRequest(room: string, id: string): XmlNode {
  return iq({ type: 'get', to: room, id }, el(NS_OWNER, 'query'))
}

/** The query that holds the configuration form. */
export function configurationOf(result: XmlNode): XmlNode | undefined {
  return child(result, NS_OWNER, 'query')
}

export function configureRequest(room: string, id: string, form: XmlNode): XmlNode {
  return iq({ type: 'set', to: room, id }, el(NS_OWNER, 'query', undefined, form))
}

/** Ends a room for everybody (section 10.9). */
export function destroyRequest(
  room: string,
  id: string,
  why: {
    readonly reason?: string | undefined
    readonly alternate?: string | undefined
    readonly password?: string | undefined
  } = {},
): XmlNode {
  const { reason, alternate, password } = why
  const destroy = el(
    NS_OWNER,
    'destroy',
    { jid: alternate },
    textEl(NS_OWNER, 'password', password),
    textEl(NS_OWNER, 'reason', reason),
  )
  return iq({ type: 'set', to: room, id }, el(NS_OWNER, 'query', undefined, destroy))
}

/** Whether a request is one to end a room, whoever wrote it. */
export function destroysRoom(request: XmlNode): boolean {
  const query = child(request, NS_OWNER, 'query')
  return query !== undefined && child(query, NS_OWNER, 'destroy') !== undefined
}
