// XEP-0030: Service Discovery, version 2.5.0
// https://xmpp.org/extensions/xep-0030.html
import { parseJid } from './jid.ts'
import { iq } from './stanza.ts'
import { child, childrenOf, el, type XmlNode } from './xml.ts'

export const NS_DISCO_INFO = 'http://jabber.org/protocol/disco#info'

export interface DiscoInfo {
  readonly identities: readonly {
    readonly category: string
    readonly type: string
    readonly name: string | undefined
  }[]
  readonly features: ReadonlySet<string>
}

/** Asks what an entity is and can do (section 3.1). */
export function discoInfoRequest(to: string, id: string): XmlNode {
  return iq({ type: 'get', to, id }, el(NS_DISCO_INFO, 'query'))
}

/** The answer, or `undefined` where the IQ result holds none. */
export function readDiscoInfo(result: XmlNode): DiscoInfo | undefined {
  const query = child(result, NS_DISCO_INFO, 'query')
  if (!query) return undefined
  return {
    identities: childrenOf(query, NS_DISCO_INFO, 'identity').map(({ attrs }) => ({
      category: attrs['category'] ?? '',
      type: attrs['type'] ?? '',
      name: attrs['name'],
    })),
    features: new Set(childrenOf(query, NS_DISCO_INFO, 'feature').map((f) => f.attrs['var'] ?? '')),
  }
}

/** The answer to somebody who asks what we are (section 3.1); `node` is repeated from the question (XEP-0115 section 6.2). */
export function discoInfoEl(
  identity: { readonly category: string; readonly type: string; readonly name: string },
  features: Iterable<string>,
  node: string | undefined,
): XmlNode {
  return el(
    NS_DISCO_INFO,
    'query',
    { node },
    el(NS_DISCO_INFO, 'identity', { ...identity }),
    ...[...features].map((feature) => el(NS_DISCO_INFO, 'feature', { var: feature })),
  )
}

export const NS_DISCO_ITEMS = 'http://jabber.org/protocol/disco#items'

export interface DiscoItem {
  readonly jid: string
  readonly name?: string
}

/** What belongs to an entity, each address in normal form (section 4.1); `undefined` where the IQ result holds no such list. */
export function readDiscoItems(result: XmlNode): DiscoItem[] | undefined {
  const query = child(result, NS_DISCO_ITEMS, 'query')
  return (
    query &&
    childrenOf(query, NS_DISCO_ITEMS, 'item').flatMap(({ attrs }) => {
      const jid = parseJid(attrs['jid'] ?? '')?.full
      const { node, name } = attrs
      return jid === undefined || node !== undefined ? [] : [{ jid, ...(name && { name }) }]
    })
  )
}
