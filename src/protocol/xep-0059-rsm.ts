// XEP-0059: Result Set Management, version 1.0
// https://xmpp.org/extensions/xep-0059.html
import { child, childText, el, textEl, textOf, type XmlNode } from './xml.ts'

const NS_RSM = 'http://jabber.org/protocol/rsm'

/** Which part of a long result is wanted: at most `max` items, behind or before the one of that id. */
export interface PageWish {
  readonly max: number
  readonly after?: string | undefined
  /** An empty one is the last page (section 2.5). */
  readonly before?: string | undefined
}

export interface Page {
  readonly first: string | undefined
  readonly last: string | undefined
  /** Of the whole result, where the server counts. */
  readonly count: number | undefined
  /** How many there are before the first one, where it says so. */
  readonly index: number | undefined
}

export function pageWish({ max, after, before }: PageWish): XmlNode {
  const limit = el(NS_RSM, 'max', undefined, String(max))
  return el(NS_RSM, 'set', undefined, limit, textEl(NS_RSM, 'after', after), textEl(NS_RSM, 'before', before))
}

/** The page that an answer says it is; one that says nothing is empty. */
export function readPage(answer: XmlNode): Page {
  const set = child(answer, NS_RSM, 'set')
  const first = set && child(set, NS_RSM, 'first')
  return {
    first: (first && textOf(first)) || undefined,
    last: (set && childText(set, NS_RSM, 'last')) || undefined,
    count: numberOf(set && childText(set, NS_RSM, 'count')),
    index: numberOf(first?.attrs['index']),
  }
}

const numberOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined

/** Whether there may be more behind a page of so many: servers give fewer than are asked for, however many there are. */
export function isMore({ last, count, index }: Page, size: number, { after, max }: PageWish): boolean {
  if (last === undefined || size === 0) return false
  if (count === undefined) return size >= max
  return (index ?? (after === undefined ? 0 : Number.NEGATIVE_INFINITY)) + size < count
}
