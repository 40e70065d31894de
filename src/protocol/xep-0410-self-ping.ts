// XEP-0410: MUC Self-Ping (Schrödinger's Chat), version 1.1.0
// https://xmpp.org/extensions/xep-0410.html
import { iq } from './stanza.ts'
import { readStanzaError } from './stanza-error.ts'
import { el, type XmlNode } from './xml.ts'

const NS_PING = 'urn:xmpp:ping'

/** Asks our own occupant whether it is there. */
export function selfPing(occupantJid: string, id: string): XmlNode {
  return iq({ type: 'get', to: occupantJid, id }, el(NS_PING, 'ping'))
}

/**
 * What an answer says (section 3.1): we are in, we are out, or nothing certain.
 *
 * @param answer `undefined` where none came in time
 */
export function readSelfPing(answer: XmlNode | undefined): 'in' | 'out' | 'unknown' {
  if (!answer) return 'unknown'
  if (answer.attrs['type'] === 'result') return 'in'
  switch (readStanzaError(answer).condition) {
    case 'service-unavailable':
    case 'feature-not-implemented':
    case 'item-not-found': // the nick is being changed
      return 'in'
    case 'remote-server-not-found':
    case 'remote-server-timeout':
      return 'unknown'
    default:
      return 'out'
  }
}
