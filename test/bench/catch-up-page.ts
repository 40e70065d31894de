// In the page: a broker over the real store that reads a room's archive up.
import { passwordPrints } from '../../src/adapters/password-prints.ts'
import { systemClock } from '../../src/adapters/system-clock.ts'
import { Broker } from '../../src/broker/broker.ts'
import { iq } from '../../src/protocol/stanza.ts'
import { el, type XmlNode } from '../../src/protocol/xml.ts'
import type { Store } from '../../src/storage/store.ts'
import { bareLater } from '../support/fakes/bare-later.ts'
import { diskStore } from '../support/fakes/disk.ts'
import { spokenUpstream } from './spoken-upstream.ts'

const NS_MAM = 'urn:xmpp:mam:2'
const NS_RSM = 'http://jabber.org/protocol/rsm'
const BEGAN_MS = Date.UTC(2026, 0, 1)
/** As many as a person sees at once: what they answer and react to. */
const RECENT = 40

interface Entry {
  readonly id: string
  readonly nick: string
  readonly message: XmlNode
}

const messageOf = (room: string, n: number, nick: string, ...inside: XmlNode[]): Entry => ({
  id: `${room} ${n}`,
  nick,
  message: el(
    'jabber:client',
    'message',
    { from: `${room}/${nick}`, type: 'groupchat', id: `i ${room} ${n}` },
    ...inside,
    el('urn:xmpp:occupant-id:0', 'occupant-id', { id: `${nick}aGVsbG8gd29ybGQgdGhpcyBpcyBhbiBpZA==` }),
  ),
})
const body = (text: string): XmlNode => el('jabber:client', 'body', undefined, text)
const textOf = (n: number): string => `message ${n} says what ${n % 97} others have said before it, in ${n % 13} words`

/** What is done to one of the last messages: by its author, or by anybody. */
function actionOf(room: string, n: number, recent: readonly Entry[]): Entry {
  const { id, nick, message } = recent[(n * 7) % recent.length] ?? messageOf(room, 0, 'nobody')
  const kind = n % 3
  if (kind === 0)
    return messageOf(
      room,
      n,
      nick,
      body(`${textOf(n)}, corrected`),
      el('urn:xmpp:message-correct:0', 'replace', { id: message.attrs['id'] }),
    )
  if (kind === 1) return messageOf(room, n, nick, el('urn:xmpp:message-retract:1', 'retract', { id }))
  const thumb = el('urn:xmpp:reactions:0', 'reaction', undefined, '👍')
  return messageOf(room, n, `Somebody ${n % 20}`, el('urn:xmpp:reactions:0', 'reactions', { id }, thumb))
}

/** An archive of so many; each `every`th does something to an earlier message, none where that is 0. */
function archiveOf(room: string, count: number, every: number): Entry[] {
  const recent: Entry[] = []
  return Array.from({ length: count }, (_, n) => {
    if (every > 0 && n % every === every - 1) return actionOf(room, Math.floor(n / every), recent)
    const entry = messageOf(room, n, `Somebody ${n % 20}`, body(textOf(n)))
    recent.push(entry)
    if (recent.length > RECENT) recent.shift()
    return entry
  }).map((entry, n) => ({ ...entry, id: `${room} ${n}` }))
}

/** A page of the archive, as a server gives it. */
function give(
  room: string,
  archive: readonly Entry[],
  query: XmlNode,
  id: string,
  say: (stanza: XmlNode) => void,
): void {
  const set = query.children.find((each) => typeof each !== 'string' && each.ns === NS_RSM) as XmlNode
  const words = (name: string): string | undefined => {
    const found = set.children.find((each) => typeof each !== 'string' && each.name === name)
    return typeof found === 'object' ? String(found.children[0] ?? '') : undefined
  }
  const after = words('after')
  const first = after === undefined ? 0 : archive.findIndex((entry) => entry.id === after) + 1
  const page = archive.slice(first, first + Number(words('max')))
  for (const [at, entry] of page.entries()) {
    const stamp = new Date(BEGAN_MS + (first + at) * 1000).toISOString()
    const delay = el('urn:xmpp:delay', 'delay', { stamp })
    const forwarded = el('urn:xmpp:forward:0', 'forwarded', undefined, delay, entry.message)
    const result = el(NS_MAM, 'result', { queryid: query.attrs['queryid'], id: entry.id }, forwarded)
    say(el('jabber:client', 'message', { from: room }, result))
  }
  const last = page.at(-1)
  const edges = last ? [el(NS_RSM, 'first', undefined, page[0]?.id), el(NS_RSM, 'last', undefined, last.id)] : []
  const complete = first + page.length >= archive.length
  const fin = el(NS_MAM, 'fin', { complete: String(complete) }, el(NS_RSM, 'set', undefined, ...edges))
  const result = iq({ type: 'result', id }, fin)
  say({ ...result, attrs: { ...result.attrs, from: room } })
}

let store: Store

const page = {
  async open(name: string): Promise<void> {
    store = await diskStore(name)
  },

  /** Reads up an archive of which the store has the first message. @returns how long it took, and how many rows it made */
  async catchUp(room: string, count: number, every: number): Promise<{ ms: number; rows: number }> {
    const archive = archiveOf(room, count, every)
    const { upstream } = spokenUpstream(({ name, attrs, children }, say) => {
      const [query] = children
      if (name !== 'iq' || typeof query !== 'object' || query.ns !== NS_MAM) return false
      give(room, archive, query, attrs['id'] ?? '', say)
      return true
    })
    const broker = new Broker({
      later: bareLater,
      account: 'juliet@localhost',
      instance: 'bench',
      engine: 'this-tab',
      upstream,
      store,
      clock: systemClock(),
      passwords: passwordPrints(),
    })
    const [first] = archive
    if (!first) throw new Error('an archive of nothing')
    const known = {
      id: first.id,
      room,
      nick: first.nick,
      body: textOf(0),
      stampMs: BEGAN_MS,
      own: false,
      state: 'delivered',
      reactions: [],
      mentionsMe: false,
      stanza: first.message,
      order: 0,
      archived: true,
    } as const
    const gap = { from: Number.MIN_SAFE_INTEGER, to: 0, after: undefined, before: undefined }
    await store.write([
      { put: 'message', row: known },
      { put: 'room', row: { room, member: undefined, gaps: [gap], subject: { text: '' } } },
    ])
    const tab = broker.attach('tab', {
      post({ seq, events }) {
        queueMicrotask(() => tab.acknowledge(seq + events.length - 1))
      },
    })
    const words = { onLastTab: 'linger', allowPlain: false, activity: 'active', hidden: false, again: false } as const
    await tab.api.call('signIn', { service: [], password: 'a password', ...words })
    const beganMs = performance.now()
    // Whoever was in before waits for what they missed.
    const after = { order: 0, archive: store.archive }
    const joined = await tab.api.call('join', { room, nick: 'Juliet', after })
    if (!joined.ok) throw new Error(joined.error.message)
    const ms = performance.now() - beganMs
    const everywhere = { room, from: 0, before: Number.MAX_SAFE_INTEGER }
    const rows = await store.newest(everywhere, count)
    const done = rows.filter(
      ({ reactions, retracted, correctedAtMs }) => reactions.length > 0 || retracted || correctedAtMs,
    )
    if (every > 0 && done.length < count / every / 3) throw new Error(`only ${done.length} messages were changed`)
    return { ms, rows: rows.length }
  },
}

export type CatchUpPage = typeof page

declare global {
  var catchUpPage: CatchUpPage
}

globalThis.catchUpPage = page
document.title = 'ready'
