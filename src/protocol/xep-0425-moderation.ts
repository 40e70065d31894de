// XEP-0425: Moderated Message Retraction, version 0.3.0, and 0.2.1 as servers had it before
// https://xmpp.org/extensions/xep-0425.html
import { child, type XmlNode } from './xml.ts'

const NS_MODERATE_0 = 'urn:xmpp:message-moderate:0'
const NS_MODERATE_1 = 'urn:xmpp:message-moderate:1'
const NS_FASTEN = 'urn:xmpp:fasten:0'
const NS_RETRACT_1 = 'urn:xmpp:message-retract:1'

/**
 * The archive id of the message that a moderator took away, or `undefined`. It means something only in what the room
 * itself says: an occupant can write the same (section 5).
 */
export function readModerated(message: XmlNode): string | undefined {
  const retract = child(message, NS_RETRACT_1, 'retract')
  if (retract && child(retract, NS_MODERATE_1, 'moderated')) return retract.attrs['id'] || undefined
  const applied = child(message, NS_FASTEN, 'apply-to')
  return applied && child(applied, NS_MODERATE_0, 'moderated') ? applied.attrs['id'] || undefined : undefined
}
