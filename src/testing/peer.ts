import { bareOf } from '../protocol/jid.ts'
import { NS_CLIENT } from '../protocol/stanza.ts'
import { errorEl } from '../protocol/stanza-error.ts'
import type { XmlChild, XmlNode } from '../protocol/xml.ts'

/** Somebody who is connected to the server: a session of the SDK, or a person in the hand of a test. */
export interface Peer {
  /** Full JID. */
  readonly jid: string
  deliver(stanza: XmlNode): void
}

/** What a request is answered with: the children of its result, or a condition (RFC 6120 section 8.3.3). */
export type Answer = readonly XmlNode[] | Refusal

export interface Refusal {
  readonly refused: string
  readonly text?: string
  /** What the condition holds. */
  readonly address?: string
}

export const refused = (condition: string, words: Omit<Refusal, 'refused'> = {}): Refusal => ({
  refused: condition,
  ...words,
})

/** The type that goes with a condition (RFC 6120 section 8.3.3). */
const AUTH = ['forbidden', 'not-authorized', 'registration-required']
const WAIT = ['resource-constraint', 'remote-server-timeout']

export function refusalEl({ refused, text, address }: Refusal): XmlNode {
  const type = AUTH.includes(refused) ? 'auth' : WAIT.includes(refused) ? 'wait' : 'cancel'
  const error = errorEl(type, refused, text)
  const [condition, ...more] = error.children
  if (address === undefined || condition === undefined || typeof condition === 'string') return error
  return { ...error, children: [{ ...condition, children: [address] }, ...more] }
}

/** The answer to a request, or the error of any stanza, on its way back. */
export function answerTo(stanza: XmlNode, peer: Peer, answer: Answer): void {
  const { id, to } = stanza.attrs
  const isRefused = 'refused' in answer
  // A request to nobody named is answered by the own account, which goes without saying (RFC 6120 section 10.3.3).
  const from = to === undefined || to === bareOf(peer.jid) ? undefined : to
  peer.deliver(
    stanzaEl(
      stanza.name,
      { type: isRefused ? 'error' : 'result', id, from, to: peer.jid },
      isRefused ? [refusalEl(answer)] : answer,
    ),
  )
}

/** A stanza with these attributes: those that are `undefined` are left out. */
export function stanzaEl(
  name: string,
  attrs: Readonly<Record<string, string | undefined>>,
  children: readonly XmlChild[] = [],
): XmlNode {
  const kept: Record<string, string> = {}
  for (const [key, value] of Object.entries(attrs)) if (value !== undefined) kept[key] = value
  return { name, ns: NS_CLIENT, attrs: kept, children }
}

/** The same with other addresses, and whatever else is to be different. */
export const readdressed = (
  stanza: XmlNode,
  attrs: Readonly<Record<string, string | undefined>>,
  children: readonly XmlChild[] = stanza.children,
): XmlNode => stanzaEl(stanza.name, { ...stanza.attrs, ...attrs }, children)
