// XEP-0280: Message Carbons, version 1.0.1
// https://xmpp.org/extensions/xep-0280.html
import { iq } from './stanza.ts'
import { readForwardedMessage } from './xep-0297-forward.ts'
import { child, el, type XmlNode } from './xml.ts'

const NS_CARBONS = 'urn:xmpp:carbons:2'

/** Asks for copies of what other devices of the account send and get (section 4). */
export function enableCarbons(id: string): XmlNode {
  return iq({ type: 'set', id }, el(NS_CARBONS, 'enable'))
}

/** A copy of a message, and which way the message went. */
export interface Carbon {
  readonly direction: 'sent' | 'received'
  readonly message: XmlNode
}

/** The copy that a message holds; it counts only from the account's own bare JID (section 11). */
export function readCarbon(stanza: XmlNode): Carbon | undefined {
  for (const direction of ['sent', 'received'] as const) {
    const wrapper = child(stanza, NS_CARBONS, direction)
    const forwarded = wrapper && readForwardedMessage(wrapper)
    if (forwarded) return { direction, message: forwarded.message }
  }
  return undefined
}
