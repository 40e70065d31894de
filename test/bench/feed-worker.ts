// In the SharedWorker: a broker with a server that says messages of one room as fast as it can, and the bare ways beside.
import { wrap } from 'comlink'
import { exposeApi } from '../../src/adapters/comlink.ts'
import { passwordPrints } from '../../src/adapters/password-prints.ts'
import { systemClock } from '../../src/adapters/system-clock.ts'
import { webLocks } from '../../src/adapters/web-locks.ts'
import { Broker } from '../../src/broker/broker.ts'
import { Door } from '../../src/broker/door.ts'
import type { TabEvent } from '../../src/contract/api.ts'
import { el, type XmlNode } from '../../src/protocol/xml.ts'
import { memoryStore } from '../../src/storage/memory-store.ts'
import { bareLater } from '../support/fakes/bare-later.ts'
import { ACCOUNT, type Hearing, type PageWord, ROOM, type Way, type WorkerWord } from './feed-words.ts'
import { brokerIn } from './hearing-broker.ts'
import { spokenUpstream } from './spoken-upstream.ts'

interface WorkerScope {
  onconnect: ((event: MessageEvent) => void) | null
}

interface BenchPage {
  readonly port: MessagePort
  readonly hear: (event: TabEvent) => void
}

/** Stanzas in one task of the worker, and events in one bare batch. */
const BATCH = 50
const WORDS =
  'the room hears what everybody says in it and nobody says the same words as long as there are others'.split(' ')

const instance = crypto.randomUUID()
const locks = webLocks(navigator.locks)
const { upstream, say } = spokenUpstream()
const broker = new Broker({
  later: bareLater,
  account: ACCOUNT,
  instance,
  engine: 'shared-worker',
  upstream,
  store: memoryStore(),
  clock: systemClock(),
  passwords: passwordPrints(),
})
const lock = `minimix:broker:${instance}`
const door = new Door({
  instance,
  lock: { name: lock, held: locks.hold(lock) },
  locks,
  expose: exposeApi,
  entranceOf: () => Promise.resolve(broker),
})

const pages: BenchPage[] = []
/** Number of the next message that the room says. */
let next = 0
/** What every page is to say before it goes on. */
let awaited: { readonly word: 'ready' | 'got'; missing: number; readonly go: () => void } | undefined

/** Of the size that Prosody sends. */
function messageStanza(n: number): XmlNode {
  const nick = `Somebody ${n % 200}`
  const body = Array.from({ length: 3 + (n % 18) }, (_, at) => WORDS[(n + at) % WORDS.length]).join(' ')
  return el(
    'jabber:client',
    'message',
    { from: `${ROOM}/${nick}`, to: `${ACCOUNT}/tab`, type: 'groupchat', id: crypto.randomUUID() },
    el('jabber:client', 'body', undefined, `${n} ${body}`),
    el('urn:xmpp:occupant-id:0', 'occupant-id', { id: `${nick}aGVsbG8gd29ybGQgdGhpcyBpcyBhbiBpZA==` }),
    el('urn:xmpp:sid:0', 'stanza-id', { id: crypto.randomUUID(), by: ROOM }),
  )
}

function stanzas(first: number, count: number): XmlNode[] {
  return Array.from({ length: count }, (_, n) => messageStanza(first + n))
}

/** As many frames as come together are dealt with in one task; what the tabs say has its turn in between. */
async function sayAll(said: readonly XmlNode[]): Promise<void> {
  for (let at = 0; at < said.length; at += BATCH) {
    for (const stanza of said.slice(at, at + BATCH)) say(stanza)
    await nextTask()
  }
}

const ticks = new MessageChannel()
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    ticks.port2.onmessage = () => resolve()
    ticks.port1.postMessage(null)
  })
}

/** What a tab is told of these messages, from a broker of its own. */
async function eventsOf(first: number, count: number): Promise<TabEvent[]> {
  const events: TabEvent[] = []
  const hearing = await brokerIn([ROOM], memoryStore(), (told) =>
    events.push(...told.filter(({ kind }) => kind === 'message')),
  )
  const all = stanzas(first, count).map((stanza) => ({ stanza }))
  for (let at = 0; at < count; at += BATCH) await hearing.hear(all.slice(at, at + BATCH))
  return events
}

async function prepared(way: Way, count: number): Promise<() => void> {
  if (way === 'sdk') {
    const said = stanzas(next, count)
    next += count
    return () => void sayAll(said)
  }
  const events = await eventsOf(next, count)
  next += count
  if (way === 'comlink')
    return () => {
      for (const event of events) for (const { hear } of pages) hear(event)
    }
  return () => {
    for (let at = 0; at < count; at += BATCH) {
      const batch: WorkerWord = events.slice(at, at + BATCH)
      for (const { port } of pages) port.postMessage(batch)
    }
  }
}

/** Milliseconds from the first message until every page has had the last one. */
async function run(way: Way, count: number): Promise<number> {
  const first = next
  const begin = await prepared(way, count)
  const ready = everyPage('ready')
  for (const { port } of pages) port.postMessage({ bench: 'expect', first, count } satisfies WorkerWord)
  await ready
  const got = everyPage('got')
  const beganMs = performance.now()
  begin()
  await got
  return performance.now() - beganMs
}

function everyPage(word: 'ready' | 'got'): Promise<void> {
  return new Promise((go) => {
    awaited = { word, missing: pages.length, go }
  })
}

function heard(word: PageWord, port: MessagePort, ports: readonly MessagePort[]): void {
  const done = (ms: number): void => port.postMessage({ bench: 'done', ms } satisfies WorkerWord)
  switch (word.bench) {
    case 'here': {
      const [calls] = ports
      if (!calls) throw new Error('a page without a port for Comlink')
      const { hear } = wrap<Hearing>(calls)
      pages.push({ port, hear })
      return done(0)
    }
    case 'run':
      return void run(word.way, word.count).then(done)
    case 'say': {
      const said = stanzas(next, word.count)
      next += word.count
      return void sayAll(said).then(() => done(0))
    }
    case 'ready':
    case 'got':
      if (awaited?.word === word.bench && --awaited.missing === 0) awaited.go()
  }
}

const scope = globalThis as unknown as WorkerScope // the DOM types know only windows
scope.onconnect = ({ ports: [port] }) => {
  if (!port) return
  port.addEventListener('message', ({ data, ports }) => {
    if ('bench' in data) heard(data, port, ports)
  })
  door.open(port, ({ ports }) => ports)
}
