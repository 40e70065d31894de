// XEP-0191: Blocking Command, version 1.3
// https://xmpp.org/extensions/xep-0191.html
import { bareOf, domainOf, resourceOf } from './jid.ts'
import { iq } from './stanza.ts'
import { child, childrenOf, el, type XmlNode } from './xml.ts'

const NS_BLOCKING = 'urn:xmpp:blocking'

export function fetchBlocked(id: string): XmlNode {
  return iq({ type: 'get', id }, el(NS_BLOCKING, 'blocklist'))
}

/** Who is blocked, as the answer says; `undefined` where it says nothing. */
export function readBlocked(result: XmlNode): string[] | undefined {
  const list = child(result, NS_BLOCKING, 'blocklist')
  return list && jidsOf(list)
}

/** Whom to block from now on, or no more; nobody in particular is everybody who was (section 3.4). */
export interface BlockChange {
  readonly change: 'block' | 'unblock'
  readonly jids: readonly string[]
}

export function blockRequest(id: string, { change, jids }: BlockChange): XmlNode {
  const items = jids.map((jid) => el(NS_BLOCKING, 'item', { jid }))
  return iq({ type: 'set', id }, el(NS_BLOCKING, change, undefined, ...items))
}

/** What another device has changed (section 3.3.8). */
export function readBlockPush(request: XmlNode): BlockChange | undefined {
  for (const change of ['block', 'unblock'] as const) {
    const command = child(request, NS_BLOCKING, change)
    if (command) return { change, jids: jidsOf(command) }
  }
  return undefined
}

/** Whether one of them is that person: the device, the account, its domain, or the domain's own address (section 4). */
export function isAmong(blocked: ReadonlySet<string>, jid: string): boolean {
  const [domain, resource] = [domainOf(jid), resourceOf(jid)]
  const all = [jid, bareOf(jid), domain, ...(resource === undefined ? [] : [`${domain}/${resource}`])]
  return blocked.size > 0 && all.some((each) => blocked.has(each))
}

function jidsOf(list: XmlNode): string[] {
  return childrenOf(list, NS_BLOCKING, 'item').flatMap(({ attrs }) => (attrs['jid'] ? [attrs['jid']] : []))
}
