// XEP-0313: Message Archive Management, version 1.1
// https://xmpp.org/extensions/xep-0313.html
import { iq } from './stanza.ts'
import { submitForm } from './xep-0004-forms.ts'
import { type PageWish, pageWish, readPage } from './xep-0059-rsm.ts'
import { writeDateTime } from './xep-0082-datetime.ts'
import { type Forwarded, readForwardedMessage } from './xep-0297-forward.ts'
import { child, el, type XmlNode } from './xml.ts'

export const NS_MAM = 'urn:xmpp:mam:2'

/** One page of an archive; `startMs` leaves out what is older, `with` all but the messages with one person (section 4.1). */
export interface ArchiveWish extends PageWish {
  readonly startMs?: number | undefined
  /** Bare JID. */
  readonly with?: string | undefined
}

/** @param queryId comes back with each result, so that it is known whose it is (section 4.2) */
export function archiveQuery(
  to: string,
  id: string,
  queryId: string,
  { startMs, with: person, ...page }: ArchiveWish,
): XmlNode {
  const start = startMs === undefined ? undefined : { start: writeDateTime(startMs) }
  const filter = { ...start, ...(person !== undefined && { with: person }) }
  const form = Object.keys(filter).length > 0 && submitForm(NS_MAM, filter)
  return iq({ type: 'set', to, id }, el(NS_MAM, 'query', { queryid: queryId }, form, pageWish(page)))
}

/** One message of a page, under its id in the archive. */
export interface ArchiveResult extends Forwarded {
  readonly queryId: string
  readonly id: string
}

export function readArchiveResult(message: XmlNode): ArchiveResult | undefined {
  const result = child(message, NS_MAM, 'result')
  const { queryid: queryId, id } = result?.attrs ?? {}
  const forwarded = result && readForwardedMessage(result)
  return forwarded && queryId && id ? { queryId, id, ...forwarded } : undefined
}

/** The end of a page. `complete`: there is nothing behind it, in the direction of the query (section 4.3.2). */
export interface ArchiveFin {
  readonly complete: boolean
  readonly first: string | undefined
  readonly last: string | undefined
}

export function readArchiveFin(answer: XmlNode): ArchiveFin | undefined {
  const fin = child(answer, NS_MAM, 'fin')
  if (!fin) return undefined
  const { first, last } = readPage(fin)
  return { complete: fin.attrs['complete'] === 'true' || fin.attrs['complete'] === '1', first, last }
}
