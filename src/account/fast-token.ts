import type { InlineOffer } from '../protocol/xep-0386-bind2.ts'

/** What signs an account in without its password (XEP-0484). */
export interface FastToken {
  /** An id of this browser for this account: with any other the token is worth nothing. */
  readonly agent: string
  readonly mechanism: string
  /** The secret, as only whoever has sealed it can open it. */
  readonly sealed: unknown
  /** Milliseconds since the epoch, UTC, where the server has said it. */
  readonly expiresMs: number | undefined
  /** How often it may have been used. */
  readonly count: number
  /** What the server that gave it does within the sign-in: it need not be asked again. */
  readonly inline: InlineOffer
}

/** How often one connection may use a token: in a hurry, and once more in order. */
export const USES = 2

export const isUsable = ({ expiresMs }: FastToken, nowMs: number): boolean =>
  expiresMs === undefined || nowMs < expiresMs

/** As it is to be written down before it is used, so that no number is said twice. */
export const beforeUse = (token: FastToken): FastToken => ({ ...token, count: token.count + USES })

/** By the hash that each mechanism uses, the best first. No others are without channel binding and in a browser. */
const MECHANISMS = { 'HT-SHA-256-NONE': 'SHA-256', 'HT-SHA-512-NONE': 'SHA-512', 'HT-SHA-384-NONE': 'SHA-384' } as const

export type TokenMechanism = keyof typeof MECHANISMS
export type TokenHash = (typeof MECHANISMS)[TokenMechanism]

/** By which a token is asked for. */
export function chooseTokenMechanism(offered: readonly string[]): TokenMechanism | undefined {
  const known: TokenMechanism[] = ['HT-SHA-256-NONE', 'HT-SHA-512-NONE', 'HT-SHA-384-NONE']
  return known.find((each) => offered.includes(each))
}

export const hashOf = (mechanism: string): TokenHash | undefined =>
  Object.entries(MECHANISMS).find(([name]) => name === mechanism)?.[1]
