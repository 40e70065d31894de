// XEP-0334: Message Processing Hints, version 0.4.0
// https://xmpp.org/extensions/xep-0334.html
import { el, type XmlNode } from './xml.ts'

const NS_HINTS = 'urn:xmpp:hints'

/** An archive is to keep it, though it has no text (section 4.3). */
export const storeHint = (): XmlNode => el(NS_HINTS, 'store')

/** No archive is to keep it (section 4.2). */
export const noStoreHint = (): XmlNode => el(NS_HINTS, 'no-store')
