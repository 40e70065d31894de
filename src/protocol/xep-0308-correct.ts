// XEP-0308: Last Message Correction, version 1.2.1
// https://xmpp.org/extensions/xep-0308.html
import { child, type XmlNode } from './xml.ts'

/** The id of the message that this one replaces: the one that its sender gave it. */
export function readReplace(message: XmlNode): string | undefined {
  return child(message, 'urn:xmpp:message-correct:0', 'replace')?.attrs['id'] || undefined
}
