import type { StreamEnd } from '../broker/ports.ts'
import { childText, elementsOf, type XmlNode } from '../protocol/xml.ts'
import { BindingRefused } from './binding.ts'

const NS_STREAM = 'http://etherx.jabber.org/streams'
const NS_STREAM_ERRORS = 'urn:ietf:params:xml:ns:xmpp-streams'
const NS_FRAMING = 'urn:ietf:params:xml:ns:xmpp-framing'

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

/** The end behind an error of the library during sign-in. */
export function endOfError(error: unknown, service: string): StreamEnd {
  const {
    name = '',
    condition = '',
    message = '',
  } = (error ?? {}) as { name?: string; condition?: string; message?: string }
  const text = `${service}: ${message || condition || 'the connection failed'}`
  if (name === 'SASLError') return { cause: PASSING_SASL.has(condition) ? 'closed' : 'not-authorized', text }
  if (error instanceof BindingRefused) return { cause: error.passes ? 'closed' : 'policy', text }
  if (name === 'StreamError') return { cause: STREAM_CAUSES.get(condition) ?? 'closed', text }
  return { cause: 'unreachable', text }
}
