import { sayWords } from './said.ts'
import { message, NS_CLIENT } from './stanza.ts'
import { NS_MUC_USER } from './xep-0045-muc.ts'
import { originId } from './xep-0359-stanza-id.ts'
import { el, textEl, type XmlNode } from './xml.ts'

/** A message to everybody in a room, under one id that is also its origin id (XEP-0045 section 7.4, XEP-0359). */
export function groupchat(roomJid: string, id: string, what: readonly XmlNode[]): XmlNode {
  return message({ to: roomJid, id, type: 'groupchat' }, ...what, originId(id))
}

export const groupchatMessage = (roomJid: string, id: string, body: string): XmlNode =>
  groupchat(roomJid, id, sayWords({ body }))

/** A message to one occupant; the mark tells servers and other clients that it belongs to a room (section 7.5). */
export function privateMessage(occupantJid: string, id: string, body: string): XmlNode {
  return message(
    { to: occupantJid, id, type: 'chat' },
    textEl(NS_CLIENT, 'body', body),
    el(NS_MUC_USER, 'x'),
    originId(id),
  )
}

/** Sets the subject; an empty one takes it away (section 8.1). */
export function subjectMessage(roomJid: string, id: string, text: string): XmlNode {
  return message({ to: roomJid, id, type: 'groupchat' }, textEl(NS_CLIENT, 'subject', text))
}
