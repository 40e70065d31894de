import { readForm } from '../../../src/protocol/xep-0004-forms.ts'
import { readDateTime, writeDateTime } from '../../../src/protocol/xep-0082-datetime.ts'
import { NS_MAM } from '../../../src/protocol/xep-0313-mam.ts'
import { child, childText, type XmlNode } from '../../../src/protocol/xml.ts'
import type { FakeRoom, Said } from './fake-muc.ts'
import type { Answer } from './fake-muc-requests.ts'
import type { FakeStream } from './fake-upstream.ts'
import { said } from './room-xml.ts'
import { escapeXml } from './xml.ts'

const NS_RSM = 'http://jabber.org/protocol/rsm'

/** A page of a room's archive as Prosody gives it: each message by itself, then what the page was (XEP-0313 section 4). */
export function answerArchiveQuery(room: FakeRoom, query: XmlNode, stream: FakeStream): Answer {
  if (room.mam === 'refuses') return { error: 'forbidden' }
  const wanted = find(room, query)
  if (!wanted) return { error: 'item-not-found' }
  const { page, complete } = wanted
  for (const each of page) stream.deliver(result(room, each, query.attrs['queryid'] ?? ''))
  const [first] = page
  const last = page.at(-1)
  const edges = first && last ? `<first>${first.archiveId}</first><last>${last.archiveId}</last>` : ''
  const set = `<set xmlns='${NS_RSM}'><count>${room.archive.length}</count>${edges}</set>`
  return { result: `<fin xmlns='${NS_MAM}' complete='${complete}'>${set}</fin>` }
}

/** @returns `undefined` where the page is to be next to a message that the archive does not have */
function find(room: FakeRoom, query: XmlNode): { page: readonly Said[]; complete: boolean } | undefined {
  const set = child(query, NS_RSM, 'set')
  const words = (name: string): string | undefined => set && childText(set, NS_RSM, name)
  const start = readForm(query)?.fields.find(({ name }) => name === 'start')?.values[0]
  const startMs = readDateTime(start ?? '') ?? 0
  const all = room.archive.filter(({ stampMs }) => stampMs >= startMs)
  const max = Math.min(room.mostResults, Number(words('max') ?? room.mostResults))
  const [after, before] = [words('after'), words('before')]
  const at = all.findIndex(({ archiveId }) => archiveId === (after ?? before))
  if (at === -1 && (after ?? before)) {
    if (room.mam === 'is empty') return { page: [], complete: true }
    if (room.mam !== 'forgets') return undefined
  }
  if (before !== undefined) {
    const end = at === -1 ? all.length : at
    return { page: all.slice(Math.max(0, end - max), end), complete: end <= max }
  }
  return { page: all.slice(at + 1, at + 1 + max), complete: at + 1 + max >= all.length }
}

function result(room: FakeRoom, { nick, body, inside: more, id, archiveId, stampMs }: Said, queryId: string): string {
  const stamp = writeDateTime(stampMs)
  const inside = said(nick, body || undefined, {
    room: room.jid,
    inside: more,
    occupantId: `o-${nick}`,
    ...(id !== undefined && { id, originId: id }),
  }).replace('<message ', "<message xmlns='jabber:client' ")
  return [
    `<message from='${room.jid}'><result xmlns='${NS_MAM}' queryid='${escapeXml(queryId)}' id='${archiveId}'>`,
    `<forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='${stamp}'/>${inside}</forwarded>`,
    '</result></message>',
  ].join('')
}
