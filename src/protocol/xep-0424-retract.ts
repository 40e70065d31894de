// XEP-0424: Message Retraction, version 0.4.2
// https://xmpp.org/extensions/xep-0424.html
import { child, type XmlNode } from './xml.ts'

const NS_RETRACT = 'urn:xmpp:message-retract:1'
/** Of the versions before 0.4, which moderation as Prosody has it still builds on. */
const NS_RETRACT_0 = 'urn:xmpp:message-retract:0'
const NS_FASTEN = 'urn:xmpp:fasten:0'

/** A message is to be taken back: which one, in a room by its archive id; and what holds the word of who does it. */
export interface Retraction {
  readonly id: string
  readonly holder: XmlNode
}

export function readRetraction(message: XmlNode): Retraction | undefined {
  const retract = child(message, NS_RETRACT, 'retract')
  if (retract?.attrs['id']) return { id: retract.attrs['id'], holder: retract }
  const applied = child(message, NS_FASTEN, 'apply-to')
  const id = applied?.attrs['id']
  return applied && id ? { id, holder: applied } : undefined
}

/** Whether the sender takes it back, with nobody else's word in it. */
export function isOwnRetraction({ holder }: Retraction): boolean {
  return holder.ns === NS_RETRACT || child(holder, NS_RETRACT_0, 'retract') !== undefined
}
