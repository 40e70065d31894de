import { type ErrorCode, type Failure, failure } from '../contract/errors.ts'
import { readStanzaError } from '../protocol/stanza-error.ts'
import type { XmlNode } from '../protocol/xml.ts'

const CODES: ReadonlyMap<string, ErrorCode> = new Map<string, ErrorCode>([
  ['forbidden', 'forbidden'],
  ['not-allowed', 'forbidden'],
  ['not-acceptable', 'not-acceptable'],
  ['registration-required', 'room-members-only'],
  ['gone', 'room-gone'],
  ['remote-server-not-found', 'room-unreachable'],
  ['remote-server-timeout', 'room-unreachable'],
])

/**
 * The answer to an IQ, or why there is none to use.
 *
 * @param what for the log: what was asked of whom
 */
export function resultOf(
  answer: XmlNode | undefined,
  what: string,
): { readonly result: XmlNode } | { readonly error: Failure } {
  if (!answer) return { error: failure('timeout', `${what}: no answer`) }
  if (answer.attrs['type'] === 'result') return { result: answer }
  const { condition, text } = readStanzaError(answer)
  const facts = { condition, ...(text !== undefined && { text }) }
  return {
    error: failure(CODES.get(condition) ?? 'stanza-error', `${what}: ${condition}${text ? ` (${text})` : ''}`, facts),
  }
}
