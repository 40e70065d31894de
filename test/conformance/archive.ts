import { randomUUID } from 'node:crypto'
import { el, type RawClient } from '../support/raw-client.ts'

const NS_MAM = 'urn:xmpp:mam:2'

/** What a room has kept, oldest first, up to fifty (XEP-0313): of each message its id in the archive, and the text. */
export async function archiveOf(client: RawClient, room: string): Promise<{ id: string; body: string }[]> {
  const queryid = randomUUID()
  const page = el('set', { xmlns: 'http://jabber.org/protocol/rsm' }, el('max', {}, '50'))
  const since = client.mark()
  await client.request(el('iq', { type: 'set', to: room }, el('query', { xmlns: NS_MAM, queryid }, page)))
  return client.received(since).flatMap((stanza) => {
    const result = stanza.getChild('result', NS_MAM)
    if (result?.attrs['queryid'] !== queryid) return []
    const message = result.getChild('forwarded', 'urn:xmpp:forward:0')?.getChild('message')
    const body = message?.getChildText('body')
    return body ? [{ id: result.attrs['id'] ?? '', body }] : []
  })
}
