// XEP-0386: Bind 2, version 1.0.1
// https://xmpp.org/extensions/xep-0386.html
import { enableManagement, NS_SM, readStreamWord, type StreamWord } from './xep-0198-stream-management.ts'
import { NS_FAST, readTokenMechanisms } from './xep-0484-fast.ts'
import { child, childrenOf, el, elementsOf, textEl, type XmlNode } from './xml.ts'

const NS_BIND2 = 'urn:xmpp:bind:0'
const NS_CARBONS = 'urn:xmpp:carbons:2'
const NS_CSI = 'urn:xmpp:csi:0'

/** What a server does within the sign-in. */
export interface InlineOffer {
  /** It goes on with a session before (XEP-0198). */
  readonly resumes: boolean
  /** Namespaces of what it switches on with the binding. */
  readonly features: readonly string[]
  /** Mechanisms by which a token signs in (XEP-0484). */
  readonly tokens: readonly string[]
}

/** Whether it wants to hear if anybody looks (XEP-0352). */
export const wantsClientState = ({ features }: InlineOffer): boolean => features.includes(NS_CSI)

/** An offer as it was used. */
export interface InlineUse extends InlineOffer {
  /** The id that the client gave itself, where it did: Prosody ties tokens to that of the session that goes on. */
  readonly agent?: string | undefined
}

/** @param inline the child of SASL2's offer. @returns `undefined` where nothing is bound there */
export function readInlineOffer(inline: XmlNode): InlineOffer | undefined {
  const bind = child(inline, NS_BIND2, 'bind')
  if (!bind) return undefined
  const fast = child(inline, NS_FAST, 'fast')
  const more = child(bind, NS_BIND2, 'inline')
  return {
    resumes: child(inline, NS_SM, 'sm') !== undefined,
    features: (more ? childrenOf(more, NS_BIND2, 'feature') : []).flatMap(({ attrs }) => attrs['var'] ?? []),
    tokens: fast ? readTokenMechanisms(fast) : [],
  }
}

/**
 * A new session, with all that the server can switch on in it.
 *
 * @param tag the beginning of the resource, which the server makes up
 */
export function bindInline(tag: string, { features }: InlineOffer, inactive: boolean): XmlNode {
  const can = (ns: string): boolean => features.includes(ns)
  return el(
    NS_BIND2,
    'bind',
    undefined,
    textEl(NS_BIND2, 'tag', tag),
    can(NS_SM) && enableManagement(),
    can(NS_CARBONS) && el(NS_CARBONS, 'enable'),
    inactive && can(NS_CSI) && el(NS_CSI, 'inactive'),
  )
}

/** What became of the binding. */
export type InlineBound =
  | { readonly is: 'bound'; readonly management: StreamWord | undefined; readonly carbons: boolean }
  /** The condition (RFC 6120 section 8.3.3). */
  | { readonly is: 'failed'; readonly condition: string }

/** @param success SASL2's. @returns `undefined` where nothing was bound */
export function readInlineBound(success: XmlNode): InlineBound | undefined {
  const bound = child(success, NS_BIND2, 'bound')
  const failed = child(success, NS_BIND2, 'failed')
  if (!bound) return failed && { is: 'failed', condition: conditionOf(failed) }
  const word = elementsOf(bound).find(({ ns }) => ns === NS_SM)
  return {
    is: 'bound',
    management: word && readStreamWord(word),
    carbons: child(bound, NS_CARBONS, 'enabled') !== undefined,
  }
}

/** A server may put the whole error in, or the condition alone. */
function conditionOf(failed: XmlNode): string {
  const [first] = elementsOf(failed)
  const inner = first?.name === 'error' ? elementsOf(first)[0] : first
  return inner?.name ?? 'undefined-condition'
}
