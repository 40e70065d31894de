// XEP-0421: Occupant identifiers for semi-anonymous MUCs, version 1.0.1
// https://xmpp.org/extensions/xep-0421.html
import { child, type XmlNode } from './xml.ts'

export const NS_OCCUPANT_ID = 'urn:xmpp:occupant-id:0'
/** 128 bytes should do (section 3.1). */
const MOST_CHARACTERS = 512

/**
 * Who it is behind a nick that changes, or `undefined`.
 *
 * Only a room that lists the feature strips what its occupants wrote there themselves (section 4): the caller asks
 * only for stanzas of such a room.
 */
export function readOccupantId(stanza: XmlNode): string | undefined {
  const id = child(stanza, NS_OCCUPANT_ID, 'occupant-id')?.attrs['id']
  return id && id.length <= MOST_CHARACTERS ? id : undefined
}
