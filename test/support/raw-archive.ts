import { randomUUID } from 'node:crypto'
import { el, type RawClient } from './raw-client.ts'

const NS_MAM = 'urn:xmpp:mam:2'
const NS_RSM = 'http://jabber.org/protocol/rsm'

/** One message as an archive has it. */
export interface Entry {
  readonly id: string
  readonly body: string
}

/** What a room has kept, oldest first (XEP-0313): of each message with a text its id in the archive, and the text. */
export async function archiveOf(client: RawClient, room: string): Promise<Entry[]> {
  const entries: Entry[] = []
  for (let after: string | undefined; ; ) {
    const queryid = randomUUID()
    const since = client.mark()
    const page = el('set', { xmlns: NS_RSM }, el('max', {}, '100'), ...(after ? [el('after', {}, after)] : []))
    const answer = await client.request(
      el('iq', { type: 'set', to: room }, el('query', { xmlns: NS_MAM, queryid }, page)),
    )
    const results = client.received(since).flatMap((stanza) => {
      const result = stanza.getChild('result', NS_MAM)
      return result?.attrs['queryid'] === queryid ? [result] : []
    })
    for (const result of results) {
      const message = result.getChild('forwarded', 'urn:xmpp:forward:0')?.getChild('message')
      const body = message?.getChildText('body')
      if (body) entries.push({ id: result.attrs['id'] ?? '', body })
    }
    after = results.at(-1)?.attrs['id']
    if (after === undefined || answer.getChild('fin', NS_MAM)?.attrs['complete'] === 'true') return entries
  }
}
