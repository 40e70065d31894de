// XEP-0317: Hats, version 0.3.1
// https://xmpp.org/extensions/xep-0317.html
import { childrenOf, elementsOf, type XmlNode } from './xml.ts'

/** The second is what Prosody before 13 writes. */
const NAMESPACES = ['urn:xmpp:hats:0', 'xmpp:prosody.im/protocol/hats:1']

export interface Hat {
  readonly uri: string
  readonly title: string
}

/** The hats that an occupant wears, in the room's order. */
export function readHats(presence: XmlNode): readonly Hat[] {
  const hats = elementsOf(presence).find((c) => c.name === 'hats' && NAMESPACES.includes(c.ns))
  if (!hats) return []
  return childrenOf(hats, hats.ns, 'hat').flatMap(({ attrs }) =>
    attrs['uri'] ? [{ uri: attrs['uri'], title: attrs['title'] ?? attrs['uri'] }] : [],
  )
}
