// XEP-0115: Entity Capabilities, version 1.6.0
// https://xmpp.org/extensions/xep-0115.html
import { child, el, type XmlNode } from './xml.ts'

const NS_CAPS = 'http://jabber.org/protocol/caps'

export interface Identity {
  readonly category: string
  readonly type: string
  readonly name: string
}

/** What the verification string is the hash of (section 5.1): identities and features in the order of their bytes. */
export function capsText(identity: Identity, features: Iterable<string>): string {
  const { category, type, name } = identity
  const sorted = [...features].sort()
  return `${category}/${type}//${name}<${sorted.map((feature) => `${feature}<`).join('')}`
}

/** @param ver the SHA-1 of `capsText`, in base64 */
export function capsEl(node: string, ver: string): XmlNode {
  return el(NS_CAPS, 'c', { hash: 'sha-1', node, ver })
}

/** The capabilities that somebody announces, as one key: the same key means the same answer to a disco query. */
export function readCaps(presence: XmlNode): { readonly node: string; readonly ver: string } | undefined {
  const { hash, node, ver } = child(presence, NS_CAPS, 'c')?.attrs ?? {}
  return hash && node && ver ? { node, ver } : undefined
}
