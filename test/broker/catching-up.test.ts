import { describe, expect, test } from 'vitest'
import { child, childText, type XmlNode } from '../../src/protocol/xml.ts'
import { type BrokerStage, type BrokerStageOptions, brokerStage, type StageTab } from '../support/fakes/broker-stage.ts'
import { NS_MUC, NS_OCCUPANT_ID, ROOM } from '../support/fakes/room-xml.ts'
import { slowStore } from '../support/fakes/slow-store.ts'

const NS_MAM = 'urn:xmpp:mam:2'
const FEATURES = [NS_MUC, NS_OCCUPANT_ID, NS_MAM, 'http://jabber.org/protocol/muc#stable_id']
const begin = (options: BrokerStageOptions = {}): BrokerStage => brokerStage({ features: FEATURES, ...options })

const bodies = (tab: StageTab): string[] => tab.told('message').map(({ message }) => message.body)
const range = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, i) => `m${from + i}`)
const said = ({ room }: BrokerStage): string[] => room.archive.map(({ body }) => body)
const joins = ({ upstream }: BrokerStage): number =>
  upstream.sent.filter(
    (node) => node.name === 'presence' && node.attrs['to']?.startsWith(ROOM) && child(node, NS_MUC, 'x'),
  ).length
const wishes = ({ room }: BrokerStage): string[] =>
  room.requests.flatMap((node) => {
    const query = child(node, NS_MAM, 'query')
    const set = query && child(query, 'http://jabber.org/protocol/rsm', 'set')
    const form = query && child(query, 'jabber:x:data', 'x') ? 'since' : 'page'
    return set ? [`${form} ${wish(set)}`] : []
  })
function wish(set: XmlNode): string {
  const NS = 'http://jabber.org/protocol/rsm'
  const [after, before] = ['after', 'before'].map((name) => childText(set, NS, name))
  return before !== undefined ? `before ${before}` : `after ${after ?? 'nothing'}`
}

/** What is said in the room, a second apart. */
function talk(stage: BrokerStage, from: number, to: number): void {
  for (const body of range(from, to)) {
    stage.clock.advance(1_000)
    stage.room.say('romeo', body)
  }
}

/** The session ends, so that all that is said from now on is missed. */
function cut(stage: BrokerStage): void {
  stage.upstream.server.resumes = false
  stage.upstream.stream.end('closed')
}

async function back(stage: BrokerStage, ms = 2_000): Promise<void> {
  stage.clock.advance(ms)
  for (let i = 0; i < 6; i++) await stage.settle()
}

describe('a room with an archive that comes back', () => {
  test.each([1, 99, 100, 101, 250])(
    'after %d messages: each is told once, in its order, and is in the store',
    async (missed) => {
      const stage = begin()
      const tab = await stage.inRoom('t1')
      talk(stage, 1, 3)
      await stage.settle()
      cut(stage)
      for (const body of range(4, 3 + missed)) stage.room.say('romeo', body)
      await back(stage)
      stage.room.say('romeo', 'live')
      await stage.settle()

      expect(bodies(tab)).toEqual([...range(1, 3 + missed), 'live'])
      const kept = await stage.store.newest({ room: ROOM, from: -1e9, before: Number.MAX_SAFE_INTEGER }, 1000)
      expect(kept.map(({ body }) => body)).toEqual([...range(1, 3 + missed), 'live'])
      expect(tab.told('catching-up').at(-1)?.progress).toBeUndefined()
    },
  )

  test('while others go on talking: what is live waits behind what was missed', async () => {
    const stage = begin()
    const tab = await stage.inRoom('t1')
    talk(stage, 1, 2)
    await stage.settle()
    cut(stage)
    for (const body of range(3, 250)) stage.room.say('romeo', body)
    stage.clock.advance(2_000)
    for (let n = 251; n <= 270; n++) {
      stage.room.say('romeo', `m${n}`)
      await stage.settle()
    }
    await back(stage)

    expect(bodies(tab)).toEqual(range(1, 270))
  })

  test('twice, the second time in the middle of reading up the first', async () => {
    const stage = begin()
    const tab = await stage.inRoom('t1')
    talk(stage, 1, 2)
    await stage.settle()
    cut(stage)
    for (const body of range(3, 60)) stage.room.say('romeo', body)
    stage.room.mam = 'silent'
    await back(stage)
    stage.room.say('romeo', 'm61')
    await stage.settle()
    cut(stage)
    for (const body of range(62, 70)) stage.room.say('romeo', body)
    stage.room.mam = 'works'
    await back(stage)
    stage.room.say('romeo', 'm71')
    await stage.settle()

    expect(bodies(tab)).toEqual(range(1, 71))
  })

  test.each([
    ['says that it does not know the last message any more (Prosody 0.12)', 'works'],
    ['begins at its beginning then (ejabberd)', 'forgets'],
    ['says that nothing follows it (Prosody 13)', 'is empty'],
  ] as const)('whose archive %s: time tells, and nothing is doubled', async (_what, mam) => {
    const stage = begin()
    const tab = await stage.inRoom('t1')
    talk(stage, 1, 5)
    await stage.settle()
    const last = stage.room.archive.at(-1)
    cut(stage)
    talk(stage, 6, 9)
    // The archive has lost the one that we knew last, and has the four before it.
    stage.room.lose(last?.archiveId ?? '')
    stage.room.mam = mam
    await back(stage)

    expect(bodies(tab)).toEqual(range(1, 9))
    expect(wishes(stage).some((each) => each.startsWith('since'))).toBe(true)
  })

  test('whose archive has lost the last message, while others go on talking: what is live hides nothing', async () => {
    const stage = begin()
    const tab = await stage.inRoom('t1')
    talk(stage, 1, 5)
    await stage.settle()
    const last = stage.room.archive.at(-1)
    cut(stage)
    talk(stage, 6, 9)
    stage.room.lose(last?.archiveId ?? '')
    stage.room.mam = 'refuses'
    await back(stage)
    talk(stage, 10, 11)
    await stage.settle()
    stage.room.mam = 'works'
    await back(stage, 4_000)

    expect(bodies(tab)).toEqual(range(1, 11))
  })

  test.each([
    ['behind', -3_600_000],
    ['ahead', 3_600_000],
  ])('with a clock of this machine that is an hour %s: nothing is missed', async (_what, ms) => {
    const stage = begin()
    const tab = await stage.inRoom('t1')
    stage.room.skewMs = -ms
    talk(stage, 1, 5)
    await stage.settle()
    cut(stage)
    talk(stage, 6, 9)
    await back(stage)

    expect(bodies(tab)).toEqual(range(1, 9))
  })

  test('whose archive does not answer at first is read when it does', async () => {
    const stage = begin()
    const tab = await stage.inRoom('t1')
    talk(stage, 1, 2)
    await stage.settle()
    cut(stage)
    talk(stage, 3, 4)
    stage.room.mam = 'refuses'
    await back(stage)
    expect(bodies(tab)).toEqual(range(1, 2))
    stage.room.mam = 'works'

    await back(stage, 4_000)

    expect(bodies(tab)).toEqual(range(1, 4))
  })

  test('whose archive never answers does not keep live messages back for ever', async () => {
    const stage = begin()
    const tab = await stage.inRoom('t1')
    talk(stage, 1, 2)
    await stage.settle()
    cut(stage)
    talk(stage, 3, 4)
    stage.room.mam = 'refuses'
    await back(stage)
    stage.room.say('romeo', 'm5')
    await back(stage, 4_000)
    await back(stage, 8_000)

    expect(bodies(tab)).toEqual(['m1', 'm2', 'm5'])
    stage.room.mam = 'works'
    const reply = await tab.call('history', { room: ROOM, limit: 10 })
    expect(reply.ok && reply.value.messages.map(({ body }) => body)).toEqual(range(1, 5))
  })
})

describe('what is said while nobody knows where we are', () => {
  test.each(['up', 'down'] as const)(
    'arrives exactly once, though the way %s is cut and the session is lost',
    async (which) => {
      const stage = begin({ management: 'resumes' })
      const tab = await stage.inRoom('t1')
      talk(stage, 1, 2)
      await stage.settle()
      stage.upstream.stream.stall(which === 'up' ? 'both' : 'down')
      const sending = tab.attached.api.call('send', { room: ROOM, id: 'x1', body: 'mine', waitMs: 20_000 })
      await stage.settle()
      cut(stage)
      await back(stage)

      expect(await sending).toMatchObject({ ok: true, value: { state: 'delivered' } })
      expect(said(stage)).toEqual(['m1', 'm2', 'mine'])
      expect(bodies(tab)).toEqual(['m1', 'm2', 'mine'])
    },
  )

  test.each(['up', 'down'] as const)(
    'arrives exactly once, though the way %s is cut, where the session goes on',
    async (which) => {
      const stage = begin({ management: 'resumes' })
      const tab = await stage.inRoom('t1')
      const before = joins(stage)
      stage.upstream.stream.stall(which === 'up' ? 'both' : 'down')
      const sending = tab.attached.api.call('send', { room: ROOM, id: 'x1', body: 'mine', waitMs: 20_000 })
      await stage.settle()
      stage.room.say('romeo', 'theirs')
      stage.upstream.stream.end('closed')
      await back(stage)

      expect(await sending).toMatchObject({ ok: true, value: { state: 'delivered' } })
      expect(said(stage).sort()).toEqual(['mine', 'theirs'])
      expect(bodies(tab)).toEqual(said(stage).length === 2 ? stage.room.archive.map(({ body }) => body) : [])
      expect(joins(stage)).toBe(before)
      expect(tab.told('resumed')).toHaveLength(1)
    },
  )

  test('by many tabs at once keeps its order, in every tab', async () => {
    const stage = begin()
    const [t1, t2] = [await stage.inRoom('t1'), await stage.inRoom('t2')]
    cut(stage)
    await stage.settle()
    for (const n of [1, 2, 3, 4]) {
      const tab = n % 2 ? t1 : t2
      void tab.attached.api.call('send', { room: ROOM, id: `x${n}`, body: `m${n}`, waitMs: 0 })
    }
    await back(stage)

    expect(said(stage)).toEqual(range(1, 4))
    expect([bodies(t1), bodies(t2)]).toEqual([range(1, 4), range(1, 4)])
  })
})

describe('the server is told that something was handled', () => {
  const acks = ({ upstream }: BrokerStage): number => upstream.sent.filter(({ name }) => name === 'a').length

  test('once it is in the store, and not before', async () => {
    const slow = slowStore()
    const stage = begin({ management: 'resumes', store: slow.store })
    await stage.inRoom('t1')
    const before = acks(stage)
    slow.hold()

    stage.room.say('romeo', 'hark')
    stage.upstream.stream.requestAck()
    await stage.settle()
    expect(acks(stage)).toBe(before)
    slow.release()
    await stage.settle()

    expect(acks(stage)).toBe(before + 1)
    expect((await slow.store.newest({ room: ROOM, from: 0, before: 99 }, 9)).map(({ body }) => body)).toEqual(['hark'])
    expect((await slow.store.left()).session?.taken).toBe(
      Number(stage.upstream.sent.filter(({ name }) => name === 'a').at(-1)?.attrs['h']),
    )
  })

  test('with who is in the rooms by then', async () => {
    const stage = begin({ management: 'resumes' })
    await stage.inRoom('t1')
    stage.room.enter('nurse')
    stage.upstream.stream.requestAck()
    await stage.settle()

    const { rooms } = await stage.store.left()

    expect(rooms.map(({ row, occupants }) => [row.room, ...occupants.map(({ nick }) => nick).sort()])).toEqual([
      [ROOM, 'juliet', 'nurse'],
    ])
  })
})
