import { type Failure, failure } from '../contract/errors.ts'
import type { AccountStatus } from '../contract/model.ts'
import type { InlineUse } from '../protocol/xep-0386-bind2.ts'

/** Where the account's one stream stands. */
export type Connection =
  | { readonly at: 'offline' }
  /** `tries` so far without success; `before`: the account was online already, so nobody waits for a first sign-in. */
  | { readonly at: 'connecting'; readonly tries: number; readonly before: boolean }
  | { readonly at: 'online' }
  /** Until the next try. */
  | { readonly at: 'waiting'; readonly tries: number }
  /** Only a person can help: another password, another account. */
  | { readonly at: 'refused' }

/** A session with the server (RFC 6120 section 7, XEP-0198). */
export interface Bound {
  readonly fullJid: string
  /** `resumed`: the one before goes on, and nothing of it was lost. */
  readonly session: 'new' | 'resumed'
  /** How many of our stanzas the server has handled in the session before, where it says so. */
  readonly handled: number | undefined
  /** Both sides count; with an `id` the session can be resumed. `undefined`: the server cannot count. */
  readonly managed: { readonly id: string | undefined } | undefined
  /** By which SASL mechanism, to be asked for at the least from now on. */
  readonly mechanism?: string | undefined
  /** The server wants to hear whether anybody looks (XEP-0352). */
  readonly clientState?: boolean | undefined
  /** The server keeps versions of the roster (RFC 6121 section 2.6), and has said so. */
  readonly rosterVersions?: boolean
  /** What the server does within the sign-in (SASL2), where that has been used. */
  readonly inline?: InlineUse | undefined
  /** It has heard with the sign-in that nobody does. */
  readonly inactive?: boolean
  /** Copies of what other devices send and get come without being asked for any more (XEP-0280). */
  readonly carbons?: boolean
}

export type ConnectionInput =
  /** `again`: the account was online before, in another life of the worker. */
  | { readonly on: 'sign-in'; readonly again?: boolean }
  | ({ readonly on: 'online' } & Bound)
  | { readonly on: 'ended'; readonly cause: EndCause; readonly text: string }
  | { readonly on: 'time' }
  | { readonly on: 'sign-out' }

/** Why a stream ended; all but the first two want somebody to act. */
export type EndCause =
  | 'closed'
  | 'unreachable'
  | 'malformed'
  | 'not-authorized'
  /** What was remembered of the account does not sign in any more. */
  | 'credentials-required'
  | 'conflict'
  | 'policy'

export type ConnectionEffect =
  | { readonly do: 'connect' }
  | { readonly do: 'disconnect' }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'stop-waiting' }
  | { readonly do: 'tell-status'; readonly status: AccountStatus; readonly error?: Failure }

const FIRST_MS = 1_000
const LONGEST_MS = 60_000

/** The wait before the next try: doubled each time up to a minute, and spread, so that a crowd does not come back as one. */
function backOffMs(tries: number, chance: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** tries) * (0.5 + chance / 2)
}

/** @param chance a random number from 0 to 1 */
export function stepConnection(
  was: Connection,
  input: ConnectionInput,
  chance: number,
): [Connection, ConnectionEffect[]] {
  switch (input.on) {
    case 'sign-in':
      if (was.at !== 'offline' && was.at !== 'refused') return [was, []]
      return [
        { at: 'connecting', tries: 0, before: input.again === true },
        [{ do: 'tell-status', status: input.again ? 'interrupted' : 'connecting' }, { do: 'connect' }],
      ]
    case 'online':
      return was.at === 'connecting' ? [{ at: 'online' }, [{ do: 'tell-status', status: 'online' }]] : [was, []]
    case 'ended':
      return was.at === 'connecting' || was.at === 'online' ? ended(was, input, chance) : [was, []]
    case 'time':
      return was.at === 'waiting'
        ? [{ at: 'connecting', tries: was.tries, before: true }, [{ do: 'connect' }]]
        : [was, []]
    case 'sign-out':
      return [
        { at: 'offline' },
        [{ do: 'stop-waiting' }, { do: 'disconnect' }, { do: 'tell-status', status: 'offline' }],
      ]
  }
}

type Live = Extract<Connection, { at: 'connecting' | 'online' }>
type Ended = Extract<ConnectionInput, { on: 'ended' }>

function ended(was: Live, { cause, text }: Ended, chance: number): [Connection, ConnectionEffect[]] {
  if (cause === 'not-authorized' || cause === 'credentials-required') {
    return [{ at: 'refused' }, [{ do: 'tell-status', status: 'refused', error: failure(cause, `sign in: ${text}`) }]]
  }
  if (cause === 'conflict' || cause === 'policy') {
    return [
      { at: 'offline' },
      [{ do: 'tell-status', status: 'offline', error: failure('offline', `stream ended: ${text}`) }],
    ]
  }
  // Who signs in for the first time wants to hear that the address is wrong; who was online wants to be online again.
  if (was.at === 'connecting' && !was.before) {
    const error = failure('service-unreachable', `sign in: ${text}`)
    return [{ at: 'offline' }, [{ do: 'tell-status', status: 'offline', error }]]
  }
  const tries = was.at === 'connecting' ? was.tries + 1 : 0
  const effects: ConnectionEffect[] = [{ do: 'wait', ms: backOffMs(tries, chance) }]
  if (was.at === 'online') effects.unshift({ do: 'tell-status', status: 'interrupted' })
  return [{ at: 'waiting', tries }, effects]
}

/** Whether the session before is over with this: before anybody hears that there is a new one. */
export function endsSession(input: ConnectionInput): boolean {
  if (input.on === 'sign-out') return true
  if (input.on === 'online') return input.session === 'new'
  return input.on === 'ended' && ['not-authorized', 'conflict', 'policy'].includes(input.cause)
}
