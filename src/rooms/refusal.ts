import { type Failure, failure } from '../contract/errors.ts'
import type { StanzaError } from '../protocol/stanza-error.ts'
import { readJoinRefusal } from '../protocol/xep-0045-muc.ts'
import type { JoinAsk, Joining } from './room.ts'

/** Why a room does not let us in, and whom that concerns. */
export interface Refusal {
  readonly error: Failure
  /** Nobody gets in, whatever nick and password they have. */
  readonly concernsAll: boolean
}

/** Conditions that concern one nick or one password: another may succeed (XEP-0045 section 7.2). */
const REQUEST_SPECIFIC: ReadonlySet<string> = new Set(['not-authorized', 'conflict', 'not-acceptable', 'jid-malformed'])

export function refusalOf(roomJid: string, nick: string, { condition, text, address }: StanzaError): Refusal {
  const concernsAll = !REQUEST_SPECIFIC.has(condition)
  const refusal = readJoinRefusal(condition)
  const code = refusal ? (`room-${refusal}` as const) : condition === 'jid-malformed' ? condition : 'stanza-error'
  const facts = {
    condition,
    ...(text !== undefined && { text }),
    ...(!concernsAll && { nick }),
    ...(refusal === 'gone' && address !== undefined && { alternate: address }),
  }
  const what = `join ${roomJid} as ${nick}: ${condition}${text ? ` (${text})` : ''}`
  return { error: failure(code, what, facts), concernsAll }
}

/** Whether a tab asked for just what the room has refused. */
export function askedTheSame(ask: JoinAsk, { nick, password }: Joining): boolean {
  return ask.nick === nick && ask.password === password
}
