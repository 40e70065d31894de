// XEP-0333: Displayed Markers, version 1.0.0
// https://xmpp.org/extensions/xep-0333.html
import { message } from './stanza.ts'
import { child, el, type XmlNode } from './xml.ts'

const NS_MARKERS = 'urn:xmpp:chat-markers:0'

/** Whether its sender wants to know who has seen it. */
export const isMarkable = (message: XmlNode): boolean => child(message, NS_MARKERS, 'markable') !== undefined

export const markable = (): XmlNode => el(NS_MARKERS, 'markable')

/** The id of the message up to which its reader has displayed all. */
export function readDisplayedMarker(message: XmlNode): string | undefined {
  return child(message, NS_MARKERS, 'displayed')?.attrs['id'] || undefined
}

/**
 * @param displayed the id that the room gave the message (section 4.2: in a group chat no other id is one), else the one
 *   that its sender gave it
 */
export function displayedMarker(
  to: string,
  id: string,
  displayed: string,
  type: 'groupchat' | 'chat' = 'groupchat',
): XmlNode {
  return message({ to, id, type }, el(NS_MARKERS, 'displayed', { id: displayed }))
}
