import { type ErrorCode, type Failure, failure } from '../contract/errors.ts'
import type { RoomError } from '../protocol/room-stanza.ts'

const SEND_ERRORS: ReadonlyMap<string, ErrorCode> = new Map<string, ErrorCode>([
  ['forbidden', 'forbidden'],
  ['not-acceptable', 'not-acceptable'],
  ['item-not-found', 'room-not-found'],
  ['gone', 'room-gone'],
  ['remote-server-not-found', 'room-unreachable'],
  ['remote-server-timeout', 'room-unreachable'],
])

/** What a room refuses, as its sender is told. */
export function errorFor(what: string, { condition, text }: RoomError['error']): Failure {
  const facts = { condition, ...(text !== undefined && { text }) }
  return failure(
    SEND_ERRORS.get(condition) ?? 'stanza-error',
    `${what}: ${condition}${text ? ` (${text})` : ''}`,
    facts,
  )
}

/** Nobody knows a message of that id, or nobody else would. */
export const noSuchMessage = (roomJid: string, id: string): Failure =>
  failure('stanza-error', `${roomJid}: no message ${id}`, { condition: 'item-not-found' })
