// XEP-0308: Last Message Correction, version 1.2.1
// https://xmpp.org/extensions/xep-0308.html
import { child, el, type XmlNode } from './xml.ts'

const NS_CORRECT = 'urn:xmpp:message-correct:0'

/** The id of the message that this one replaces: the one that its sender gave it. */
export function readReplace(message: XmlNode): string | undefined {
  return child(message, NS_CORRECT, 'replace')?.attrs['id'] || undefined
}

/** @param id of the first version, however often it has been corrected since (section 3) */
export const replace = (id: string): XmlNode => el(NS_CORRECT, 'replace', { id })
