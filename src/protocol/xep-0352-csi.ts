// XEP-0352: Client State Indication, version 1.0.0
// https://xmpp.org/extensions/xep-0352.html
import { el, type XmlNode } from './xml.ts'

export const NS_CSI = 'urn:xmpp:csi:0'

/** Says whether anybody looks: a word of its own, no stanza. */
export function clientState(is: 'active' | 'inactive'): XmlNode {
  return el(NS_CSI, is)
}
