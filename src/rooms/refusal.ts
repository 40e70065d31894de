import { type Failure, failure } from '../contract/errors.ts'
import type { StanzaError } from '../protocol/stanza-error.ts'
import { readJoinRefusal, roomAddress } from '../protocol/xep-0045-muc.ts'
import type { JoinAsk, Joining } from './room.ts'

/** Why a room does not let us in, and whom that concerns. */
export interface Refusal {
  readonly error: Failure
  /** Nobody gets in, whatever nick and password they have. */
  readonly concernsAll: boolean
  /** Later it may be otherwise, without anybody doing anything. */
  readonly passes: boolean
  /** What it means for those who were in before. */
  readonly removal: 'banned' | 'not-a-member' | 'destroyed'
}

/** Conditions that concern one nick or one password: another may succeed (XEP-0045 section 7.2). */
const REQUEST_SPECIFIC: ReadonlySet<string> = new Set(['not-authorized', 'conflict', 'not-acceptable', 'jid-malformed'])
const PASSING: ReadonlySet<string> = new Set([
  'service-unavailable',
  'resource-constraint',
  'remote-server-not-found',
  'remote-server-timeout',
  'item-not-found',
  'internal-server-error',
])

export function refusalOf(roomJid: string, nick: string, error: StanzaError): Refusal {
  const { condition, text, address, type } = error
  const concernsAll = !REQUEST_SPECIFIC.has(condition)
  const refusal = readJoinRefusal(condition)
  const code = refusal ? (`room-${refusal}` as const) : condition === 'jid-malformed' ? condition : 'stanza-error'
  const alternate = refusal === 'gone' && address !== undefined ? roomAddress(address) : undefined
  const facts = {
    condition,
    ...(text !== undefined && { text }),
    ...(!concernsAll && { nick }),
    ...(alternate !== undefined && { alternate }),
  }
  const what = `join ${roomJid} as ${nick}: ${condition}${text ? ` (${text})` : ''}`
  return {
    error: failure(code, what, facts),
    concernsAll,
    passes: PASSING.has(condition) || type === 'wait',
    removal: condition === 'gone' ? 'destroyed' : condition === 'forbidden' ? 'banned' : 'not-a-member',
  }
}

/** Whether a tab asked for just what the room has refused. */
export function askedTheSame(ask: JoinAsk, { nick, password }: Joining): boolean {
  return ask.nick === nick && ask.password === password
}
