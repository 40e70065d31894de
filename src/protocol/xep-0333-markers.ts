// XEP-0333: Displayed Markers, version 1.0.0
// https://xmpp.org/extensions/xep-0333.html
import { message } from './stanza.ts'
import { child, el, type XmlNode } from './xml.ts'

const NS_MARKERS = 'urn:xmpp:chat-markers:0'

/** Whether its sender wants to know who has seen it. */
export const isMarkable = (message: XmlNode): boolean => child(message, NS_MARKERS, 'markable') !== undefined

/** @param displayed the id that the room gave the message (section 4.2: in a group chat no other id is one) */
export function displayedMarker(roomJid: string, id: string, displayed: string): XmlNode {
  return message({ to: roomJid, id, type: 'groupchat' }, el(NS_MARKERS, 'displayed', { id: displayed }))
}
