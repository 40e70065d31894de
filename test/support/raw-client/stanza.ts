import type { Element } from '../ltx.ts'

const NS_STANZAS = 'urn:ietf:params:xml:ns:xmpp-stanzas'
const NS_MUC_USER = 'http://jabber.org/protocol/muc#user'

/** The server or a room answered with a stanza of type `error`. */
export class StanzaError extends Error {
  override readonly name = 'StanzaError'
  readonly stanza: Element
  /** The defined condition (RFC 6120 §8.3.3), such as `conflict`. */
  readonly condition: string

  constructor(what: string, stanza: Element) {
    const conditions = stanza.getChild('error')?.getChildElements() ?? []
    const condition = conditions.find((c) => c.getNS() === NS_STANZAS && c.getName() !== 'text')?.getName() ?? 'unknown'
    super(`${what}: ${condition}\n  ${stanza}`)
    this.stanza = stanza
    this.condition = condition
  }
}

/** The status codes of a presence or message from a room, in their order. */
export function statusCodes(stanza: Element): readonly string[] {
  const x = stanza.getChild('x', NS_MUC_USER)
  return x?.getChildren('status').map((status) => status.attrs['code'] ?? '') ?? []
}

/** The JID without resource. */
export function bare(jid = ''): string {
  return jid.split('/', 1)[0] ?? ''
}

/** Whether this is a subject, which ends a join or comes from a change (XEP-0045 §7.1, §8.1). */
export function isSubject(stanza: Element): boolean {
  return stanza.is('message') && stanza.getChild('subject') !== undefined && stanza.getChild('body') === undefined
}

/** The stanza itself. @throws StanzaError when it is of type `error` */
export function refused(stanza: Element, what: string): Element {
  if (stanza.attrs['type'] === 'error') throw new StanzaError(what, stanza)
  return stanza
}
