// XEP-0359: Unique and Stable Stanza IDs, version 0.7.0
// https://xmpp.org/extensions/xep-0359.html
import { child, childrenOf, el, type XmlNode } from './xml.ts'

export const NS_SID = 'urn:xmpp:sid:0'

/**
 * The archive id that `by` gave this message, or `undefined`.
 *
 * An id counts only when `by` is the room that sent the stanza: any other entity can put a `<stanza-id/>` of its own
 * into a message (section 4, business rules).
 */
export function readStanzaId(message: XmlNode, by: string): string | undefined {
  return childrenOf(message, NS_SID, 'stanza-id').find((id) => id.attrs['by'] === by)?.attrs['id'] || undefined
}

/** The id that the sender chose, or `undefined`. Anyone can choose any: it identifies nothing but our own messages. */
export function readOriginId(message: XmlNode): string | undefined {
  return child(message, NS_SID, 'origin-id')?.attrs['id'] || undefined
}

export function originId(id: string): XmlNode {
  return el(NS_SID, 'origin-id', { id })
}
