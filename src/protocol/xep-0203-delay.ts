// XEP-0203: Delayed Delivery, version 2.0
// https://xmpp.org/extensions/xep-0203.html
import { readDateTime } from './xep-0082-datetime.ts'
import { childrenOf, type XmlNode } from './xml.ts'

export const NS_DELAY = 'urn:xmpp:delay'

/**
 * When `by` says that it received the stanza, or `undefined`.
 *
 * A delay by anyone else (the account's own server after a resumed session, XEP-0198) does not make history of a message.
 */
export function readDelay(stanza: XmlNode, by: string): number | undefined {
  const delay = childrenOf(stanza, NS_DELAY, 'delay').find((d) => d.attrs['from'] === by)
  return delay && readDateTime(delay.attrs['stamp'] ?? '')
}
