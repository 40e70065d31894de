// XEP-0372: References, version 0.6.0
// https://xmpp.org/extensions/xep-0372.html
import { parseJid } from './jid.ts'
import { childrenOf, el, type XmlNode } from './xml.ts'

const NS_REFERENCE = 'urn:xmpp:reference:0'
/** Of one message. */
const MOST_MENTIONS = 50

/** Somebody is named in a text. Offsets count code points (`[...body].slice(begin, end)`); the end is exclusive. */
export interface Mention {
  /** Who: in a room that shows no JIDs the address of an occupant. */
  readonly jid: string
  readonly begin?: number
  readonly end?: number
}

export function readMentions(message: XmlNode): Mention[] {
  const references = childrenOf(message, NS_REFERENCE, 'reference').slice(0, MOST_MENTIONS)
  return references.flatMap(({ attrs: { type, uri, begin, end } }) => {
    const jid = type === 'mention' && uri ? addressIn(uri) : undefined
    if (jid === undefined) return []
    const range = { begin: Number(begin ?? Number.NaN), end: Number(end ?? Number.NaN) }
    const isRange = Number.isInteger(range.begin) && range.begin >= 0 && range.end > range.begin
    return [isRange ? { jid, ...range } : { jid }]
  })
}

export function mention({ jid, begin, end }: Mention): XmlNode {
  const uri = `xmpp:${encodeURIComponent(jid).replaceAll('%40', '@').replaceAll('%2F', '/')}`
  return el(NS_REFERENCE, 'reference', { type: 'mention', uri, begin, end })
}

/** RFC 5122, without what is asked of the address. */
function addressIn(uri: string): string | undefined {
  const [, address] = /^xmpp:([^?#]+)/.exec(uri) ?? []
  try {
    return address === undefined ? undefined : parseJid(decodeURIComponent(address))?.full
  } catch {
    return undefined // no percent-encoding
  }
}
