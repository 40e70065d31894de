import type { Envelope } from '../protocol/stanza.ts'
import { iq } from '../protocol/stanza.ts'
import { errorEl } from '../protocol/stanza-error.ts'
import { child, type XmlNode } from '../protocol/xml.ts'

const NS_PING = 'urn:xmpp:ping'

/** The one answer that an IQ request of the network gets; what is not known is refused (RFC 6120 section 8.4). */
export function answerRequest({ id, from, type }: Envelope, request: XmlNode): XmlNode | undefined {
  if (id === undefined || (type !== 'get' && type !== 'set')) return undefined
  if (type === 'get' && child(request, NS_PING, 'ping')) return iq({ type: 'result', id, to: from })
  return iq({ type: 'error', id, to: from }, errorEl('cancel', 'service-unavailable'))
}
