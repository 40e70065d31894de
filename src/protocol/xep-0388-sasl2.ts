// XEP-0388: Extensible SASL Profile, version 1.0.1
// https://xmpp.org/extensions/xep-0388.html
import { type InlineOffer, readInlineOffer } from './xep-0386-bind2.ts'
import { child, childrenOf, childText, el, textEl, textOf, type XmlNode } from './xml.ts'

export const NS_SASL2 = 'urn:xmpp:sasl:2'

/** By what a server lets us in, and what it does with it. */
export interface Sasl2Offer {
  readonly mechanisms: readonly string[]
  /** `undefined`: it binds nothing within the sign-in. */
  readonly inline: InlineOffer | undefined
}

/** Of the features of a stream that nobody has signed in on. */
export function readSasl2(features: XmlNode): Sasl2Offer | undefined {
  const offer = child(features, NS_SASL2, 'authentication')
  if (!offer) return undefined
  const inline = child(offer, NS_SASL2, 'inline')
  return { mechanisms: childrenOf(offer, NS_SASL2, 'mechanism').map(textOf), inline: inline && readInlineOffer(inline) }
}

export interface Authentication {
  readonly mechanism: string
  /** In base64; one without content is written so, not as `=`. */
  readonly first: string
  /** An id of this client for this account alone, where it wants to be known again. */
  readonly agent: string | undefined
}

/** The sign-in, with what is to be done in the same step. */
export const authenticate = (
  { mechanism, first, agent }: Authentication,
  inline: readonly (XmlNode | undefined)[],
): XmlNode =>
  el(
    NS_SASL2,
    'authenticate',
    { mechanism },
    textEl(NS_SASL2, 'initial-response', first),
    agent === undefined
      ? undefined
      : el(NS_SASL2, 'user-agent', { id: agent }, textEl(NS_SASL2, 'software', 'minimix')),
    ...inline,
  )

/** @param text in base64 */
export const sasl2Response = (text: string): XmlNode => el(NS_SASL2, 'response', undefined, text)

export interface Sasl2Success {
  /** What the mechanism still had to say; in base64. */
  readonly said: string
  /** Who we are: with a resource where there is a session. */
  readonly jid: string
}

export const readSasl2Success = (success: XmlNode): Sasl2Success => ({
  said: childText(success, NS_SASL2, 'additional-data') ?? '',
  jid: childText(success, NS_SASL2, 'authorization-identifier') ?? '',
})
