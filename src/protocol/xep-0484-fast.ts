// XEP-0484: Fast Authentication Streamlining Tokens, version 0.2.0
// https://xmpp.org/extensions/xep-0484.html
import { readDateTime } from './xep-0082-datetime.ts'
import { child, childrenOf, el, textOf, type XmlNode } from './xml.ts'

export const NS_FAST = 'urn:xmpp:fast:0'

export const readTokenMechanisms = (fast: XmlNode): string[] => childrenOf(fast, NS_FAST, 'mechanism').map(textOf)

export const requestToken = (mechanism: string): XmlNode => el(NS_FAST, 'request-token', { mechanism })

/** @param count higher than with each use before, so that nobody who has heard one can repeat it */
export const useToken = (count: number): XmlNode => el(NS_FAST, 'fast', { count })

export interface GivenToken {
  readonly secret: string
  /** Milliseconds since the epoch, UTC, where the server says it. */
  readonly expiresMs: number | undefined
}

/** The token that a success of SASL2 brings, in place of any before. */
export function readToken(success: XmlNode): GivenToken | undefined {
  const token = child(success, NS_FAST, 'token')
  const secret = token?.attrs['token']
  if (!token || !secret) return undefined
  return { secret, expiresMs: readDateTime(token.attrs['expiry'] ?? '') }
}
