// XEP-0490: Message Displayed Synchronization, version 1.0.1
// https://xmpp.org/extensions/xep-0490.html
import { NS_SID, readStanzaId } from './xep-0359-stanza-id.ts'
import { child, el, type XmlNode } from './xml.ts'

/** The namespace, and the node of PEP. */
export const NS_MDS = 'urn:xmpp:mds:displayed:0'

/** How far the person has read in a room, on whichever device. */
export interface DisplayedMark {
  /** Bare JID. */
  readonly room: string
  /** Of the last message that was displayed, in the room's archive. */
  readonly id: string
}

/** What an item of the node says; nothing where it is of something else than a room. */
export function readDisplayed(item: XmlNode): DisplayedMark[] {
  const room = item.attrs['id']
  const displayed = child(item, NS_MDS, 'displayed')
  const id = room && displayed && readStanzaId(displayed, room)
  return id ? [{ room, id }] : []
}

/** The payload of an item, the id of which is the room's address. */
export function displayedEl({ room, id }: DisplayedMark): XmlNode {
  return el(NS_MDS, 'displayed', undefined, el(NS_SID, 'stanza-id', { id, by: room }))
}
