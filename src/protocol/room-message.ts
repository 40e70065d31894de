import { message, NS_CLIENT } from './stanza.ts'
import { originId } from './xep-0359-stanza-id.ts'
import { textEl, type XmlNode } from './xml.ts'

/** A message to everybody in a room, under one id that is also its origin id (XEP-0045 section 7.4, XEP-0359). */
export function groupchatMessage(roomJid: string, id: string, body: string): XmlNode {
  return message({ to: roomJid, id, type: 'groupchat' }, textEl(NS_CLIENT, 'body', body), originId(id))
}
