// XEP-0461: Message Replies, version 0.2.0
// https://xmpp.org/extensions/xep-0461.html
import { child, el, type XmlNode } from './xml.ts'

export const NS_REPLY = 'urn:xmpp:reply:0'

/** The message that this one answers: in a group chat by the id that the room gave it (section 3.1). */
export function readReply(message: XmlNode): string | undefined {
  return child(message, NS_REPLY, 'reply')?.attrs['id'] || undefined
}

/** @param to who wrote that message, as the room addresses them */
export const replyTo = (id: string, to: string): XmlNode => el(NS_REPLY, 'reply', { id, to })
