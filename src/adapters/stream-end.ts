import type { StreamEnd } from '../broker/ports.ts'
import { NS_SASL2 } from '../protocol/xep-0388-sasl2.ts'
import { childText, elementsOf, type XmlNode } from '../protocol/xml.ts'
import { BindingRefused } from './binding.ts'

export const NS_SASL = 'urn:ietf:params:xml:ns:xmpp-sasl'
const NS_STREAM = 'http://etherx.jabber.org/streams'
const NS_STREAM_ERRORS = 'urn:ietf:params:xml:ns:xmpp-streams'
export const NS_FRAMING = 'urn:ietf:params:xml:ns:xmpp-framing'

/** Conditions that mean the same after every further try (RFC 6120 section 4.9.3). */
const STREAM_CAUSES: ReadonlyMap<string, StreamEnd['cause']> = new Map<string, StreamEnd['cause']>([
  ['conflict', 'conflict'],
  ['not-authorized', 'not-authorized'],
  ['policy-violation', 'policy'],
  ['unsupported-version', 'policy'],
  ['host-unknown', 'unreachable'],
  ['host-gone', 'unreachable'],
])

/** SASL conditions that another try may get past (RFC 6120 section 6.5). */
const PASSING_SASL: ReadonlySet<string> = new Set(['temporary-auth-failure', 'aborted'])

export function isStreamClose(node: XmlNode): boolean {
  return node.ns === NS_FRAMING && node.name === 'close'
}

/** The end that a stream error brings, or `undefined` where the node is none. */
export function endOfStreamError(node: XmlNode): StreamEnd | undefined {
  if (node.ns !== NS_STREAM || node.name !== 'error') return undefined
  const condition =
    elementsOf(node).find((c) => c.ns === NS_STREAM_ERRORS && c.name !== 'text')?.name ?? 'undefined-condition'
  const text = childText(node, NS_STREAM_ERRORS, 'text')
  return { cause: STREAM_CAUSES.get(condition) ?? 'closed', text: text ? `${condition}: ${text}` : condition }
}

/** What the server answers to a sign-in that it refuses (RFC 6120 section 6.4.5). */
export function endOfSaslFailure(failure: XmlNode): StreamEnd {
  const condition = elementsOf(failure).find(({ name }) => name !== 'text')?.name ?? 'not-authorized'
  const text = childText(failure, NS_SASL, 'text') ?? childText(failure, NS_SASL2, 'text')
  return {
    cause: PASSING_SASL.has(condition) ? 'closed' : 'not-authorized',
    text: text ? `${condition}: ${text}` : condition,
  }
}

/** The end behind an error: a server that will give no session, or whatever else. */
export function endOfError(error: unknown): StreamEnd {
  const text = error instanceof Error ? error.message : String(error)
  if (error instanceof BindingRefused) return { cause: error.passes ? 'closed' : 'policy', text }
  return { cause: 'unreachable', text }
}
