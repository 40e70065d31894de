// XEP-0424: Message Retraction, version 0.4.2
// https://xmpp.org/extensions/xep-0424.html
import { NS_CLIENT } from './stanza.ts'
import { storeHint } from './xep-0334-hints.ts'
import { fallback } from './xep-0428-fallback.ts'
import { child, el, textEl, type XmlNode } from './xml.ts'

export const NS_RETRACT = 'urn:xmpp:message-retract:1'
/** Of the versions before 0.4, which moderation as Prosody has it still builds on. */
export const NS_RETRACT_0 = 'urn:xmpp:message-retract:0'
export const NS_FASTEN = 'urn:xmpp:fasten:0'

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

/** What an archive has in place of a message that was taken back (section 5); it means something in an archive alone. */
export function readTombstone(message: XmlNode): XmlNode | undefined {
  return child(message, NS_RETRACT, 'retracted') ?? child(message, NS_RETRACT_0, 'retracted')
}

const FOR_OTHERS = 'This person took a message back, which this client does not know how to do.'

/** Takes a message of ours back, with words for clients that cannot (section 4). */
export function retraction(id: string): XmlNode[] {
  const words = textEl(NS_CLIENT, 'body', FOR_OTHERS)
  return [el(NS_RETRACT, 'retract', { id }), fallback(NS_RETRACT), ...(words ? [words] : []), storeHint()]
}
