// XEP-0198: Stream Management, version 1.6
// https://xmpp.org/extensions/xep-0198.html
import { el, type XmlNode } from './xml.ts'

export const NS_SM = 'urn:xmpp:sm:3'

/** Both sides count stanzas up to here and then begin at 0 again (section 4). */
const COUNTS = 2 ** 32

/** What the server says about the session; nothing of it is a stanza, and nothing of it is counted. */
export type StreamWord =
  /** It wants to know how much we have handled. */
  | { readonly is: 'request' }
  /** It has handled so many of ours. */
  | { readonly is: 'ack'; readonly h: number }
  /** `id` is there only where the session can be resumed. */
  | { readonly is: 'enabled'; readonly id: string | undefined; readonly maxMs: number | undefined }
  | { readonly is: 'resumed'; readonly h: number }
  | { readonly is: 'failed'; readonly h: number | undefined }

export const enableManagement = (): XmlNode => el(NS_SM, 'enable', { resume: 'true' })
export const resumeStream = (previd: string, h: number): XmlNode => el(NS_SM, 'resume', { previd, h })
export const requestAck = (): XmlNode => el(NS_SM, 'r')
export const ack = (h: number): XmlNode => el(NS_SM, 'a', { h })

/** `undefined` for what is none of it, and for a count that is no number: nothing can be done with it. */
export function readStreamWord({ ns, name, attrs }: XmlNode): StreamWord | undefined {
  if (ns !== NS_SM) return undefined
  const h = readCount(attrs['h'])
  switch (name) {
    case 'r':
      return { is: 'request' }
    case 'a':
      return h === undefined ? undefined : { is: 'ack', h }
    case 'enabled': {
      const seconds = readCount(attrs['max'])
      const resumes = attrs['resume'] === 'true' || attrs['resume'] === '1'
      return {
        is: 'enabled',
        id: resumes ? attrs['id'] || undefined : undefined,
        maxMs: seconds === undefined ? undefined : seconds * 1000,
      }
    }
    case 'resumed':
      return h === undefined ? undefined : { is: 'resumed', h }
    case 'failed':
      return { is: 'failed', h }
    default:
      return undefined
  }
}

function readCount(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,10}$/.test(text)) return undefined
  const count = Number(text)
  return count < COUNTS ? count : undefined
}

/** The count behind this one. */
export const nextCount = (count: number): number => (count + 1) % COUNTS

/** How many steps lead from one count to another. */
export const stepsBetween = (from: number, to: number): number => (to - from + COUNTS) % COUNTS
