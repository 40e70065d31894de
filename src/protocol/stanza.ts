// RFC 6120: XMPP Core, section 8; RFC 6121: XMPP IM
// https://www.rfc-editor.org/rfc/rfc6120#section-8
import { el, type XmlChild, type XmlNode } from './xml.ts'

export const NS_CLIENT = 'jabber:client'

export type StanzaKind = 'message' | 'presence' | 'iq'

/** The four attributes that every stanza has; `type` is as written (`undefined` means available, normal …). */
export interface Envelope {
  readonly kind: StanzaKind
  readonly type: string | undefined
  readonly id: string | undefined
  readonly from: string | undefined
  readonly to: string | undefined
}

/** The envelope, or `undefined` where the node is not a stanza (a nonza such as `<r/>`). */
export function readEnvelope(node: XmlNode): Envelope | undefined {
  if (node.ns !== NS_CLIENT) return undefined
  if (node.name !== 'message' && node.name !== 'presence' && node.name !== 'iq') return undefined
  const { type, id, from, to } = node.attrs
  return { kind: node.name, type, id, from, to }
}

type Addressing = {
  readonly to?: string | undefined
  readonly id?: string | undefined
  readonly type?: string | undefined
}

export function presence(at: Addressing, ...children: (XmlChild | undefined | false)[]): XmlNode {
  return el(NS_CLIENT, 'presence', at, ...children)
}

export function message(at: Addressing, ...children: (XmlChild | undefined | false)[]): XmlNode {
  return el(NS_CLIENT, 'message', at, ...children)
}

export function iq(
  at: Addressing & { readonly type: 'get' | 'set' | 'result' | 'error'; readonly id: string },
  ...children: (XmlChild | undefined | false)[]
): XmlNode {
  return el(NS_CLIENT, 'iq', at, ...children)
}
