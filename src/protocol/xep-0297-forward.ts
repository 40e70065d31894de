// XEP-0297: Stanza Forwarding, version 1.0
// https://xmpp.org/extensions/xep-0297.html
import { NS_CLIENT } from './stanza.ts'
import { readDateTime } from './xep-0082-datetime.ts'
import { NS_DELAY } from './xep-0203-delay.ts'
import { child, type XmlNode } from './xml.ts'

const NS_FORWARD = 'urn:xmpp:forward:0'

/** A message inside another stanza, and when its first receiver had it; milliseconds since the epoch. */
export interface Forwarded {
  readonly message: XmlNode
  readonly stampMs: number | undefined
}

export function readForwardedMessage(wrapper: XmlNode): Forwarded | undefined {
  const forwarded = child(wrapper, NS_FORWARD, 'forwarded')
  const message = forwarded && child(forwarded, NS_CLIENT, 'message')
  const stamp = forwarded && child(forwarded, NS_DELAY, 'delay')?.attrs['stamp']
  return message && { message, stampMs: readDateTime(stamp ?? '') }
}
