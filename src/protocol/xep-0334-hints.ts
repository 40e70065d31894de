// XEP-0334: Message Processing Hints, version 0.4.0
// https://xmpp.org/extensions/xep-0334.html
import { el, type XmlNode } from './xml.ts'

/** An archive is to keep it, though it has no text (section 4.3). */
export const storeHint = (): XmlNode => el('urn:xmpp:hints', 'store')
