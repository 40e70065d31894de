// XEP-0428: Fallback Indication, version 0.2.0
// https://xmpp.org/extensions/xep-0428.html
import { child, childrenOf, el, type XmlNode } from './xml.ts'

const NS_FALLBACK = 'urn:xmpp:fallback:0'

/** A part of a text, in code points; the end is exclusive. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** @param range what of the body only stands in for what that namespace says; all of it where it is left out */
export function fallback(ns: string, range?: Range): XmlNode {
  return el(NS_FALLBACK, 'fallback', { for: ns }, range && el(NS_FALLBACK, 'body', { ...range }))
}

/** The part of the body that only stands in for what that namespace says, where it is a part. */
export function readFallback(message: XmlNode, ns: string): Range | undefined {
  const found = childrenOf(message, NS_FALLBACK, 'fallback').find(({ attrs }) => attrs['for'] === ns)
  const { start, end } = (found && child(found, NS_FALLBACK, 'body'))?.attrs ?? {}
  const range = { start: whole(start), end: whole(end) }
  return range.start < range.end ? range : undefined
}

const whole = (text = ''): number => (/^\d{1,9}$/.test(text) ? Number(text) : Number.NaN)
