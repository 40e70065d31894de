// XEP-0490: Message Displayed Synchronization, version 1.0.1
// https://xmpp.org/extensions/xep-0490.html
import { NS_SID, readStanzaId } from './xep-0359-stanza-id.ts'
import { child, el, type XmlNode } from './xml.ts'

/** The namespace, and the node of PEP. */
export const NS_MDS = 'urn:xmpp:mds:displayed:0'

/** How far the person has read in a room or chat, on whichever device. */
export interface DisplayedMark {
  /** Bare JID. */
  readonly room: string
  /** Of the last message that was displayed, in the room's archive, or of a chat in the account's own. */
  readonly id: string
}

/** What an item of the node says; nothing where it is of something else than a room, or a chat of that account. */
export function readDisplayed(item: XmlNode, account: string): DisplayedMark[] {
  const room = item.attrs['id']
  const displayed = child(item, NS_MDS, 'displayed')
  const id = room && displayed && (readStanzaId(displayed, room) ?? readStanzaId(displayed, account))
  return id ? [{ room, id }] : []
}

/** The payload of an item, the id of which is the address of the room or person. @param by whose archive it is */
export function displayedEl(id: string, by: string): XmlNode {
  return el(NS_MDS, 'displayed', undefined, el(NS_SID, 'stanza-id', { id, by }))
}
