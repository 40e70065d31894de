import { writeFrame } from '../../../src/adapters/frame-writer.ts'
import type { Clock } from '../../../src/broker/ports.ts'
import { bareOf } from '../../../src/protocol/jid.ts'
import { readForm } from '../../../src/protocol/xep-0004-forms.ts'
import { readDateTime, writeDateTime } from '../../../src/protocol/xep-0082-datetime.ts'
import { NS_MAM } from '../../../src/protocol/xep-0313-mam.ts'
import { child, childText, type XmlNode } from '../../../src/protocol/xml.ts'
import type { FakeStream } from './fake-upstream.ts'
import { errorXml, escapeXml } from './xml.ts'

const NS_RSM = 'http://jabber.org/protocol/rsm'
const NS_CARBONS = 'urn:xmpp:carbons:2'

interface Archived {
  readonly id: string
  readonly with: string
  readonly xml: string
  readonly stampMs: number
}

/** What the account's server does with messages that are for one person. */
export interface FakeChats {
  readonly onSent: (node: XmlNode, stream: FakeStream) => void
  /** Where the account hears of it. */
  through: () => FakeStream
  /** All that it has, oldest first. */
  readonly archive: readonly Archived[]
  /** What others got from the account, as far as it has a text. */
  readonly arrived: readonly { readonly to: string; readonly id: string; readonly body: string }[]
  /** `none`: it has no archive. */
  mam: 'works' | 'silent' | 'none'
  /** The most messages that it gives at once. */
  mostResults: number
  /** What it does with a message of the account, before it does anything else; true: nothing else. */
  meddle: (node: XmlNode, stream: FakeStream) => boolean
  /** Somebody says something to the account; XML that is put beside the text. @returns the id in the archive */
  say(
    from: string,
    body: string,
    words?: { readonly id?: string; readonly inside?: string; readonly quiet?: boolean },
  ): string
  /** Another device of the account says something. */
  phoneSays(
    to: string,
    body: string,
    words?: { readonly id?: string; readonly inside?: string; readonly quiet?: boolean },
  ): string
  /** Its archive does not have this message any more. */
  lose(archiveId: string): void
}

export function fakeChats(account: string, clock: Clock): FakeChats {
  const archive: Archived[] = []
  const arrived: { to: string; id: string; body: string }[] = []
  let ids = 0

  const keep = (peer: string, xml: string): string => {
    const id = `c${++ids}`
    if (fake.mam !== 'none') archive.push({ id, with: peer, xml, stampMs: clock.nowMs() })
    return id
  }
  const stanzaId = (id: string): string =>
    fake.mam === 'none' ? '' : `<stanza-id xmlns='urn:xmpp:sid:0' by='${account}' id='${id}'/>`

  const fake: FakeChats = {
    through: () => {
      throw new Error('nobody is connected')
    },
    archive,
    arrived,
    mam: 'works',
    mostResults: 50,
    meddle: () => false,
    say(from, body, { id = `i${ids + 1}`, inside = '', quiet = false } = {}) {
      const at = `from='${from}' to='${account}' type='chat' id='${id}'`
      const text = body === '' ? '' : `<body>${escapeXml(body)}</body>`
      const archiveId = keep(bareOf(from), `<message xmlns='jabber:client' ${at}>${text}${inside}</message>`)
      if (!quiet) fake.through().deliver(`<message ${at}>${text}${inside}${stanzaId(archiveId)}</message>`)
      return archiveId
    },
    lose(archiveId) {
      archive.splice(
        archive.findIndex(({ id }) => id === archiveId),
        1,
      )
    },
    phoneSays(to, body, { id = `p${ids + 1}`, inside: beside = '', quiet = false } = {}) {
      const inside = `<body>${escapeXml(body)}</body><origin-id xmlns='urn:xmpp:sid:0' id='${id}'/>${beside}`
      const at = `from='${account}/phone' to='${to}' type='chat' id='${id}'`
      const archiveId = keep(to, `<message xmlns='jabber:client' ${at}>${inside}</message>`)
      const copy = `<message xmlns='jabber:client' ${at}>${inside}${stanzaId(archiveId)}</message>`
      if (!quiet)
        fake
          .through()
          .deliver(
            `<message from='${account}'><sent xmlns='${NS_CARBONS}'><forwarded xmlns='urn:xmpp:forward:0'>${copy}</forwarded></sent></message>`,
          )
      return archiveId
    },
    onSent(node, from) {
      const { to = '', type, id = '' } = node.attrs
      if (node.name === 'message' && type === 'chat') {
        if (fake.meddle(node, from)) return
        const body = childText(node, 'jabber:client', 'body')
        if (!body) return
        keep(bareOf(to), writeFrame({ ...node, attrs: { ...node.attrs, from: `${account}/web-1` } }))
        arrived.push({ to, id, body })
        return
      }
      const query = node.name === 'iq' ? child(node, NS_MAM, 'query') : undefined
      if (!query || to !== account || fake.mam === 'silent') return
      if (fake.mam === 'none')
        from.deliver(`<iq type='error' from='${account}' id='${id}'>${errorXml('service-unavailable')}</iq>`)
      else answer(query, id, from)
    },
  }

  function answer(query: XmlNode, id: string, from: FakeStream): void {
    const set = child(query, NS_RSM, 'set')
    const words = (name: string): string | undefined => set && childText(set, NS_RSM, name)
    const field = (name: string): string | undefined =>
      readForm(query)?.fields.find((each) => each.name === name)?.values[0]
    const sinceMs = readDateTime(field('start') ?? '') ?? 0
    const person = field('with')
    const all = archive.filter((each) => each.stampMs >= sinceMs && (person === undefined || each.with === person))
    const [after, before] = [words('after'), words('before')]
    const anchor = after ?? before
    const at = all.findIndex((each) => each.id === anchor)
    if (anchor && at === -1 && !archive.some((each) => each.id === anchor))
      return from.deliver(`<iq type='error' from='${account}' id='${id}'>${errorXml('item-not-found')}</iq>`)
    const max = Math.min(fake.mostResults, Number(words('max') ?? fake.mostResults))
    const end = before === undefined ? undefined : at === -1 ? all.length : at
    const first = end === undefined ? at + 1 : Math.max(0, end - max)
    const page = all.slice(first, end ?? first + max)
    const complete = end === undefined ? first + max >= all.length : first === 0
    // Prosody names nobody.
    for (const each of page)
      from.deliver(
        `<message to='${account}/web-1'><result xmlns='${NS_MAM}' queryid='${query.attrs['queryid']}' id='${each.id}'><forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='${writeDateTime(each.stampMs)}'/>${each.xml}</forwarded></result></message>`,
      )
    const edges = page.length > 0 ? `<first>${page[0]?.id}</first><last>${page.at(-1)?.id}</last>` : ''
    from.deliver(
      `<iq type='result' from='${account}' id='${id}'><fin xmlns='${NS_MAM}' complete='${complete}'><set xmlns='${NS_RSM}'>${edges}</set></fin></iq>`,
    )
  }
  return fake
}
