// RFC 4422: Simple Authentication and Security Layer (SASL)
// https://www.rfc-editor.org/rfc/rfc4422

/** Those that prove a password, the weakest first. None of them binds to the TLS channel: a browser does not show it. */
const STRENGTH = ['PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const

export type Mechanism = (typeof STRENGTH)[number] | 'ANONYMOUS'

/** What the server says will not do, and why; for the log. */
export interface Refused {
  readonly refused: string
}

export interface SignInTerms {
  /** There is no account: the server is to make up a name. */
  readonly anonymous: boolean
  /** The password may be sent as it is. */
  readonly plain: boolean
  /** The mechanism below which this account is not signed in any more. A name that is not known here forbids nothing. */
  readonly strongest: string | undefined
}

/**
 * The strongest mechanism that both sides can.
 *
 * Whoever stands between us and the server can leave the strong ones out of the offer; so an account does not go below
 * the mechanism that it has used before.
 */
export function chooseMechanism(
  offered: readonly string[],
  { anonymous, plain, strongest }: SignInTerms,
): Mechanism | Refused {
  if (anonymous) {
    return offered.includes('ANONYMOUS') ? 'ANONYMOUS' : { refused: 'the server lets nobody in without an account' }
  }
  const best = STRENGTH.findLastIndex((each) => offered.includes(each) && (plain || each !== 'PLAIN'))
  const mechanism = STRENGTH[best]
  if (!mechanism) {
    return {
      refused: offered.includes('PLAIN')
        ? 'the server wants the password as it is (PLAIN), which it gets on this machine only, or where allowPlain says so'
        : `the server offers no mechanism that is known here, but: ${offered.join(', ') || 'none'}`,
    }
  }
  const order: readonly string[] = STRENGTH
  if (strongest !== undefined && best < order.indexOf(strongest)) {
    return { refused: `the server offers ${mechanism} at best, and this account has signed in by ${strongest} before` }
  }
  return mechanism
}

/** Whether a mechanism that proves a password is stronger than another, or than none. */
export function isStronger(mechanism: string, than: string | undefined): boolean {
  const order: readonly string[] = STRENGTH
  return order.indexOf(mechanism) > (than === undefined ? -1 : order.indexOf(than))
}
