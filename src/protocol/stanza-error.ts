// RFC 6120: XMPP Core, section 8.3
// https://www.rfc-editor.org/rfc/rfc6120#section-8.3
import { NS_CLIENT } from './stanza.ts'
import { child, childText, el, elementsOf, textEl, textOf, type XmlNode } from './xml.ts'

export const NS_STANZAS = 'urn:ietf:params:xml:ns:xmpp-stanzas'

export interface StanzaError {
  /** `auth`, `cancel`, `continue`, `modify` or `wait`; `cancel` where the sender wrote none. */
  readonly type: string
  /** A condition of RFC 6120 section 8.3.3; `undefined-condition` where the sender wrote none. */
  readonly condition: string
  readonly text: string | undefined
  /** What `<gone/>` or `<redirect/>` hold: a new address. */
  readonly address: string | undefined
}

/** The error of a stanza of type error. One without `<error/>` is read as `undefined-condition`: it is an answer all the same. */
export function readStanzaError(stanza: XmlNode): StanzaError {
  const error = child(stanza, NS_CLIENT, 'error')
  const condition = error && elementsOf(error).find((c) => c.ns === NS_STANZAS && c.name !== 'text')
  return {
    type: error?.attrs['type'] ?? 'cancel',
    condition: condition?.name ?? 'undefined-condition',
    text: error && childText(error, NS_STANZAS, 'text'),
    address: condition && (textOf(condition) || undefined),
  }
}

/** An `<error/>` to put into an IQ answer. */
export function errorEl(type: StanzaError['type'], condition: string, text?: string): XmlNode {
  return el(NS_CLIENT, 'error', { type }, el(NS_STANZAS, condition), textEl(NS_STANZAS, 'text', text))
}
