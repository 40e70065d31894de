import { parse } from 'ltx/lib/ltx.js'
import { readFrame } from '../../src/adapters/frame-reader.ts'
import { passwordPrints } from '../../src/adapters/password-prints.ts'
import { systemClock } from '../../src/adapters/system-clock.ts'
import { Broker } from '../../src/broker/broker.ts'
import type { Upstream, UpstreamListener } from '../../src/broker/ports.ts'
import { iq } from '../../src/protocol/stanza.ts'
import { el, type XmlNode } from '../../src/protocol/xml.ts'
import { memoryStore } from '../../src/storage/memory-store.ts'
import { bareLater } from '../support/fakes/bare-later.ts'
import { RawClient } from '../support/raw-client.ts'
import { startProsody } from '../support/servers/index.ts'
import { startWireProxy } from '../support/wire-proxy.ts'
import type { Measurement } from './measurement.ts'

const ACCOUNT = 'juliet@localhost'
const PASSWORD = 'a password'
const ROUNDS = 60
/** Rounds that do not count: until the compiler has done what it does. */
const WARM_UP = 30

const FEATURE = el('http://jabber.org/protocol/disco#info', 'feature', { var: 'urn:xmpp:occupant-id:0' })

const roomOf = (occupants: number): string => `room-of-${occupants}@muc.localhost`

/** The frames with which a real Prosody answers the join of a room of so many, as our own connection gets them. */
async function joinFrames(occupants: number): Promise<readonly string[]> {
  const room = roomOf(occupants)
  await using server = await startProsody({
    accounts: { juliet: PASSWORD, maker: PASSWORD },
    fakeOccupants: { [room]: occupants },
  })
  await using wire = await startWireProxy({ target: server.url })
  await using maker = await RawClient.connect({
    url: server.url,
    jid: 'maker@localhost',
    password: PASSWORD,
    resource: 'm',
  })
  await maker.join(room, 'Maker')
  await using juliet = await RawClient.connect({ url: wire.url, jid: ACCOUNT, password: PASSWORD, resource: 'tab' })
  const mark = wire.frames.mark()
  await juliet.join(room, 'Juliet')
  return wire.frames
    .since(mark)
    .filter(({ dir, text }) => dir === 'down' && /^<(presence|message)/.test(text))
    .map(({ text }) => text)
}

interface Joining {
  readonly broker: Broker
  readonly listener: UpstreamListener
  readonly joined: Promise<{ readonly ok: boolean }>
}

/** A broker that is online and has asked to enter: the room's frames are what it waits for. */
async function joiningBroker(room: string): Promise<Joining> {
  let listener: UpstreamListener | undefined
  const answerDisco = (stanza: XmlNode): void => {
    const { type, to, id } = stanza.attrs
    if (stanza.name !== 'iq' || type !== 'get' || to !== room) return
    const query = el('http://jabber.org/protocol/disco#info', 'query', undefined, FEATURE)
    const answer = iq({ type: 'result', id: id ?? '' }, query)
    queueMicrotask(() => listener?.onStanza({ ...answer, attrs: { ...answer.attrs, from: room } }))
  }
  const upstream: Upstream = {
    connect(_credentials, given) {
      listener = given
      const bound = { fullJid: `${ACCOUNT}/tab`, session: 'new', handled: undefined, managed: undefined } as const
      queueMicrotask(() => given.onOnline(bound))
      return { send: answerDisco, close: () => undefined, drop: () => undefined }
    },
    figures: () => ({ connections: 0, framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0 }),
  }
  const broker = new Broker({
    later: bareLater,
    account: ACCOUNT,
    instance: 'bench',
    engine: 'this-tab',
    upstream,
    store: memoryStore(),
    clock: systemClock(),
    passwords: passwordPrints(),
  })
  const { api } = broker.attach('tab', { post: () => undefined })
  const words = { onLastTab: 'linger', allowPlain: false, activity: 'active', hidden: false, again: false } as const
  await api.call('signIn', { service: [], password: PASSWORD, ...words })
  const joined = api.call('join', { room, nick: 'Juliet' })
  // The store is asked before the room is.
  await new Promise((resolve) => setImmediate(resolve))
  if (!listener) throw new Error('the broker did not connect')
  return { broker, listener, joined }
}

/** Milliseconds from the first frame until the tab has joined. */
async function brokerCost(frames: readonly string[], room: string): Promise<number> {
  const joining = await joiningBroker(room)
  const beganMs = performance.now()
  await hear(joining, frames)
  return performance.now() - beganMs
}

async function hear({ listener, joined }: Joining, frames: readonly string[]): Promise<void> {
  for (const frame of frames) {
    const stanza = readFrame(frame)
    if (stanza) listener.onStanza(stanza)
  }
  if (!(await joined).ok) throw new Error('the join failed')
}

function parseCost(frames: readonly string[]): number {
  const beganMs = performance.now()
  for (const frame of frames) parse(frame)
  return performance.now() - beganMs
}

export const join2000: Measurement = {
  name: 'join-2000',
  unit: 'ms',
  what: 'a join of a room of 2,000 in the broker, from frames to state, beside ltx that only parses the same frames',
  async run() {
    const frames = await joinFrames(2_000)
    const room = roomOf(2_000)
    const samples = { ours: [] as number[], baseline: [] as number[] }
    for (let round = -WARM_UP; round < ROUNDS; round++) {
      const ours = await brokerCost(frames, room)
      const baseline = parseCost(frames)
      if (round < 0) continue
      samples.ours.push(ours)
      samples.baseline.push(baseline)
    }
    return samples
  },
}

export const joinGrowth: Measurement = {
  name: 'join-growth',
  unit: 'µs an occupant',
  what: 'what an occupant costs in a join of 8,000, beside one in a join of 2,000',
  async run() {
    const [many, few] = [await joinFrames(8_000), await joinFrames(2_000)]
    const samples = { ours: [] as number[], baseline: [] as number[] }
    for (let round = -WARM_UP; round < ROUNDS; round++) {
      const ours = ((await brokerCost(many, roomOf(8_000))) / many.length) * 1000
      const baseline = ((await brokerCost(few, roomOf(2_000))) / few.length) * 1000
      if (round < 0) continue
      samples.ours.push(ours)
      samples.baseline.push(baseline)
    }
    return samples
  },
}

export const joinHeap: Measurement = {
  name: 'join-heap',
  unit: 'MB',
  what: 'the heap after 1,000 joins of a tab in a room of 2,000, beside the heap before',
  async run() {
    const frames = await joinFrames(2_000)
    const room = roomOf(2_000)
    const joining = await joiningBroker(room)
    await hear(joining, frames)
    const { broker } = joining
    const before = heapMb()
    for (let n = 0; n < 1_000; n++) {
      const tab = broker.attach(`tab-${n}`, { post: ({ events }) => void structuredClone(events) })
      await tab.api.call('join', { room, nick: 'Juliet' })
      tab.detach()
    }
    return { ours: [heapMb()], baseline: [before] }
  },
}

function heapMb(): number {
  if (!globalThis.gc) throw new Error('run with --expose-gc')
  for (let n = 0; n < 3; n++) globalThis.gc()
  return process.memoryUsage().heapUsed / 2 ** 20
}
