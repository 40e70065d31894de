import { describe, expect, test } from 'vitest'
import type { TabEvent } from '../../src/contract/api.ts'
import { memoryStore } from '../../src/storage/memory-store.ts'
import type { Store } from '../../src/storage/store.ts'
import { type BrokerStage, brokerStage, type StageTab } from '../support/fakes/broker-stage.ts'
import { ACCOUNT, joinError, NS_MUC, present, ROOM, said } from '../support/fakes/room-xml.ts'
import { deferred, turns } from '../support/fakes/turn.ts'
import { stanza } from '../support/fakes/xml.ts'

const joins = ({ upstream }: BrokerStage): number =>
  upstream.sent.filter((node) => node.name === 'presence' && node.children.length > 0 && !node.attrs['type']).length
const leaves = ({ upstream }: BrokerStage): number =>
  upstream.sent.filter((node) => node.name === 'presence' && node.attrs['type'] === 'unavailable').length
const bodies = (tab: StageTab): string[] => tab.told('message').map(({ message }) => message.body)
const kindsOf = (tab: StageTab): TabEvent['kind'][] => tab.events.map(({ kind }) => kind)

/** A store whose writes and reads can be made to fail or to wait. */
function unreliable(inner: Store = memoryStore()) {
  const state = { fail: false, failReads: false, gate: undefined as Promise<void> | undefined, writes: 0 }
  const store: Store = {
    ...inner,
    async write(ops) {
      state.writes += 1
      await state.gate
      if (state.fail) throw new DOMException('the disk is full', 'QuotaExceededError')
      await inner.write(ops)
    },
    async room(jid) {
      if (state.failReads) throw new DOMException('connection lost', 'UnknownError')
      return inner.room(jid)
    },
    async newest(stretch, limit) {
      if (state.failReads) throw new DOMException('connection lost', 'UnknownError')
      return inner.newest(stretch, limit)
    },
  }
  return { store, state }
}

test('every tab hears of a new nick of the account, also one that is not in the room', async () => {
  const stage = brokerStage()
  const inside = await stage.inRoom('t1')
  const outside = stage.attach('t2')

  await inside.call('setNick', { room: ROOM, nick: 'capulet' })

  for (const tab of [inside, outside])
    expect(tab.told('membership').at(-1)).toMatchObject({ room: ROOM, change: 'renamed', nick: 'capulet' })
})

test('what a moderator took away loses its words in tabs that are there, is not shown to later ones, and keeps its place', async () => {
  const stage = brokerStage()
  stage.room.enter('romeo')
  const t1 = await stage.inRoom('t1')
  stage.upstream.stream.deliver(said('romeo', 'better not', { archiveId: 'a1' }))
  stage.upstream.stream.deliver(said('romeo', 'better', { archiveId: 'a2' }))
  const moderated = "<moderated xmlns='urn:xmpp:message-moderate:1'/>"
  const retract = `<retract xmlns='urn:xmpp:message-retract:1' id='a1'>${moderated}</retract>`
  const takesAway = `<message from='${ROOM}' type='groupchat'>${retract}</message>`

  stage.upstream.stream.deliver(takesAway)
  await stage.settle()
  stage.upstream.stream.deliver(takesAway)
  await stage.settle()
  const t2 = await stage.inRoom('t2')

  expect(t1.told('message-updated')).toMatchObject([{ change: 'moderation', message: { id: 'a1', moderated: true } }])
  const [picture] = t2.told('room-joined')
  expect(picture?.history.map(({ id, body }) => [id, body])).toEqual([['a2', 'better']])
  const reply = await t2.call('history', { room: ROOM, limit: 10 })
  expect(reply.ok && reply.value.messages).toMatchObject([
    { id: 'a1', body: '', moderated: true },
    { id: 'a2', body: 'better' },
  ])
  expect(JSON.stringify([t1.told('message-updated'), picture])).not.toContain('better not')
})

describe('a tab that attaches', () => {
  test('is told where the account stands, and what it is in', async () => {
    const stage = brokerStage()
    await stage.inRoom('t1')

    const tab = stage.attach('t2')
    await stage.settle()

    expect(tab.events).toEqual([
      { kind: 'status', status: 'online' },
      { kind: 'memberships', rooms: [{ room: ROOM, nick: 'juliet' }] },
      { kind: 'presence', presence: { show: 'online' } },
    ])
  })

  test('a second time begins anew: what it held is let go of, and nothing more goes its old way', async () => {
    const stage = brokerStage()
    const first = await stage.inRoom('t1')
    const seen = first.events.length

    const again = stage.attach('t1')
    await stage.settle()
    stage.room.enter('romeo')
    await stage.settle()

    expect(first.events.length).toBe(seen)
    expect((await again.inspect()).rooms).toMatchObject([{ jid: ROOM, tabs: 0 }])
    expect(leaves(stage)).toBe(0)
  })

  test('a second time, and a call by its old way fails', async () => {
    const stage = brokerStage()
    const first = await stage.inRoom('t1')
    stage.attach('t1')

    const reply = await first.call('inspect', null)

    expect(reply).toMatchObject({ ok: false, error: { code: 'worker-gone' } })
  })

  test('a second time is not let go of by the end of its first way', async () => {
    const stage = brokerStage()
    const first = await stage.inRoom('t1')
    const again = stage.attach('t1')
    await again.join()

    first.attached.detach()
    await stage.settle()

    expect((await again.inspect()).tabs.map(({ id }) => id)).toEqual(['t1'])
  })
})

describe('one room, many tabs', () => {
  test('two tabs are one occupant: one join goes out', async () => {
    const stage = brokerStage()
    stage.room.enter('romeo')

    const [t1, t2] = [await stage.inRoom('t1'), await stage.inRoom('t2')]

    expect(joins(stage)).toBe(1)
    expect(stage.room.nicks).toEqual(['romeo', 'juliet'])
    for (const tab of [t1, t2]) {
      expect(tab.told('room-joined')).toMatchObject([
        { room: ROOM, occupants: [{ nick: 'romeo' }], self: { nick: 'juliet', own: true }, history: [] },
      ])
    }
  })

  test('ten tabs at once are one occupant, and each is shown the room once', async () => {
    const stage = brokerStage()
    const tabs = Array.from({ length: 10 }, (_, i) => stage.attach(`t${i}`))
    await tabs[0]?.signIn()

    const replies = await Promise.all(tabs.map((tab) => tab.join()))

    expect(joins(stage)).toBe(1)
    expect(replies.every(({ ok }) => ok)).toBe(true)
    expect(tabs.map((tab) => tab.told('room-joined').length)).toEqual(Array.from({ length: 10 }, () => 1))
  })

  test('a join is answered behind the picture of the room', async () => {
    const stage = brokerStage()
    const tab = stage.attach('t1')
    await tab.signIn()

    const reply = await tab.join()

    const picture = tab.batches.find(({ events }) => events.some(({ kind }) => kind === 'room-joined'))
    expect(reply).toMatchObject({ ok: true, value: { nick: 'juliet', codes: [201, 110], created: true } })
    expect(reply.afterSeq).toBeGreaterThanOrEqual(picture?.seq ?? Number.POSITIVE_INFINITY)
  })

  test('a server that answers within the call is understood: the join is recorded before it leaves', async () => {
    const stage = brokerStage({ answers: 'within-the-call' })
    stage.room.enter('romeo')

    const tab = await stage.inRoom('t1')

    expect(tab.told('room-joined')).toMatchObject([{ occupants: [{ nick: 'romeo' }] }])
    expect((await tab.send('hello')).ok).toBe(true)
    expect((await tab.leave()).ok).toBe(true)
  })

  test('each tab gets the history that it asked for', async () => {
    const stage = brokerStage()
    for (let i = 0; i < 5; i++) stage.room.say('romeo', `message ${i}`)
    const t1 = await stage.inRoom('t1', { history: { maxstanzas: 0 } })
    const t2 = await stage.inRoom('t2', { history: { maxstanzas: 2 } })
    const t3 = await stage.inRoom('t3')

    const given = [t1, t2, t3].map((tab) => tab.told('room-joined')[0]?.history.map(({ body }) => body))

    expect(given).toEqual([
      [],
      ['message 3', 'message 4'],
      ['message 0', 'message 1', 'message 2', 'message 3', 'message 4'],
    ])
    expect(joins(stage)).toBe(1)
  })

  test('the first leaves and the second stays: the room hears nothing', async () => {
    const stage = brokerStage()
    const [t1, t2] = [await stage.inRoom('t1'), await stage.inRoom('t2')]

    await t1.leave()
    stage.room.say('romeo', 'hark')
    await stage.settle()

    expect(leaves(stage)).toBe(0)
    expect([bodies(t1), bodies(t2)]).toEqual([[], ['hark']])
    expect([t1.told('left').length, t2.told('left').length]).toEqual([1, 0])
  })

  test('the last leaves, and the room hears it once, with the status', async () => {
    const stage = brokerStage()
    const [t1, t2] = [await stage.inRoom('t1'), await stage.inRoom('t2')]
    await t1.leave()

    const reply = await t2.leave({ status: 'good night' })

    expect(reply.ok).toBe(true)
    expect(leaves(stage)).toBe(1)
    expect(stage.room.nicks).toEqual([])
    expect(t2.told('membership').at(-1)).toMatchObject({ change: 'left', by: { tab: 't2' } })
  })

  test('a leave goes out once it is stored that the account is out', async () => {
    const gate = deferred()
    const { store, state } = unreliable()
    const stage = brokerStage({ store })
    const tab = await stage.inRoom('t1')
    state.gate = gate.promise
    const leaving = tab.attached.api.call('leave', { room: ROOM })
    await stage.settle()
    expect(leaves(stage)).toBe(0)

    gate.resolve()
    await stage.settle()

    expect(leaves(stage)).toBe(1)
    expect(await leaving).toMatchObject({ ok: true })
    expect(await store.room(ROOM)).toMatchObject({ member: undefined })
  })

  test('one leaves everywhere, and all are out', async () => {
    const stage = brokerStage()
    const [t1, t2] = [await stage.inRoom('t1'), await stage.inRoom('t2')]

    await t1.leave({ everywhere: true })

    expect(leaves(stage)).toBe(1)
    for (const tab of [t1, t2]) expect(tab.told('left')).toEqual([{ kind: 'left', room: ROOM, everywhere: true }])
  })
})

describe('a refused join', () => {
  test('is told to the tab with its code', async () => {
    const stage = brokerStage()
    stage.room.refuse = () => 'forbidden'
    const tab = stage.attach('t1')
    await tab.signIn()

    expect(await tab.join()).toMatchObject({ ok: false, error: { code: 'room-banned', condition: 'forbidden' } })
    expect((await tab.inspect()).rooms).toEqual([])
  })

  test('because of its password leaves a parallel one with the right password in', async () => {
    const stage = brokerStage()
    stage.room.refuse = (_nick, password) => (password === 'right' ? undefined : 'not-authorized')
    const [t1, t2] = [stage.attach('t1'), stage.attach('t2')]
    await t1.signIn()

    const [first, second] = await Promise.all([t1.join({ password: 'wrong' }), t2.join({ password: 'right' })])

    expect(first).toMatchObject({ ok: false, error: { code: 'room-password-required' } })
    expect(second).toMatchObject({ ok: true })
  })

  test('because of its nick leaves a parallel one with a free nick in', async () => {
    const stage = brokerStage()
    stage.room.enter('romeo')
    const [t1, t2, t3] = [stage.attach('t1'), stage.attach('t2'), stage.attach('t3')]
    await t1.signIn()

    const [first, second] = await Promise.all([t1.join({ nick: 'romeo' }), t2.join({ nick: 'juliet' })])

    expect(first).toMatchObject({ ok: false, error: { code: 'room-nick-conflict', nick: 'romeo' } })
    expect(second).toMatchObject({ ok: true, value: { nick: 'juliet', nickAssigned: false } })
    expect(t3.told('room-joined')).toEqual([])
  })

  test('by silence fails after thirty seconds, and a later one works', async () => {
    const stage = brokerStage()
    stage.room.deaf = true
    const tab = stage.attach('t1')
    await tab.signIn()
    const waiting = tab.attached.api.call('join', { room: ROOM, nick: 'juliet' })
    await stage.settle()

    stage.clock.advance(30_000)
    await stage.settle()
    stage.room.deaf = false

    expect(await waiting).toMatchObject({ ok: false, error: { code: 'timeout' } })
    expect(await tab.join()).toMatchObject({ ok: true })
  })

  test('for nobody: an error with another id, or from another room, is not the answer', async () => {
    const stage = brokerStage()
    stage.room.deaf = true
    const tab = stage.attach('t1')
    await tab.signIn()
    const waiting = tab.attached.api.call('join', { room: ROOM, nick: 'juliet' })
    await stage.settle()

    stage.upstream.stream.deliver(joinError('juliet', 'forbidden', { id: 'other' }))
    stage.upstream.stream.deliver(joinError('juliet', 'forbidden', { room: 'other@rooms.example' }))
    await stage.settle()

    expect((await tab.inspect()).rooms).toMatchObject([{ phase: 'joining' }])
    tab.attached.detach()
    await waiting
  })
})

describe('a message', () => {
  test('of one tab is reflected to all, once, under one id, and its sender is answered behind it', async () => {
    const stage = brokerStage()
    const [t1, t2, t3] = [await stage.inRoom('t1'), await stage.inRoom('t2'), await stage.inRoom('t3')]

    const reply = await t1.send('hello')

    for (const tab of [t1, t2, t3]) {
      expect(tab.told('message').map(({ message }) => [message.body, message.id, message.own, message.tab])).toEqual([
        ['hello', 'a-1', true, 't1'],
      ])
    }
    expect(reply).toMatchObject({ ok: true, value: { id: 'a-1', state: 'delivered' } })
  })

  test('is stored before any tab sees it', async () => {
    const gate = deferred()
    const { store, state } = unreliable()
    const stage = brokerStage({ store })
    const tab = await stage.inRoom('t1')
    state.gate = gate.promise

    stage.room.say('romeo', 'hark')
    await stage.settle()
    expect(bodies(tab)).toEqual([])
    gate.resolve()
    await stage.settle()

    expect(bodies(tab)).toEqual(['hark'])
    const stored = await stage.store.newest({ room: ROOM, from: 0, before: 99 }, 9)
    expect(stored.map(({ body }) => body)).toEqual(['hark'])
  })

  test('that cannot be stored is told all the same, and logged', async () => {
    const { store, state } = unreliable()
    const stage = brokerStage({ store })
    const tab = await stage.inRoom('t1')
    state.fail = true

    stage.room.say('romeo', 'hark')
    await stage.settle()
    const reply = await tab.send('lark')

    expect(bodies(tab)).toEqual(['hark', 'lark'])
    expect(reply.ok).toBe(true)
    const { log } = await tab.inspect()
    expect(log.filter(({ level }) => level === 'error').map(({ text }) => text)).toEqual([
      'archive: a write of 1 failed (QuotaExceededError: the disk is full)',
      'archive: a write of 1 failed (QuotaExceededError: the disk is full)',
      'archive: a write of 2 failed (QuotaExceededError: the disk is full)',
    ])
  })

  test('after a failed write is stored again once the store works', async () => {
    const { store, state } = unreliable()
    const stage = brokerStage({ store })
    await stage.inRoom('t1')
    state.fail = true
    stage.room.say('romeo', 'lost')
    await stage.settle()
    state.fail = false

    stage.room.say('romeo', 'kept')
    await stage.settle()

    const stored = await stage.store.newest({ room: ROOM, from: 0, before: 99 }, 9)
    expect(stored.map(({ body }) => body)).toEqual(['kept'])
  })

  test('many of them at once are few transactions', async () => {
    const { store, state } = unreliable()
    const stage = brokerStage({ store })
    const tab = await stage.inRoom('t1')
    const before = state.writes

    for (let i = 0; i < 500; i++) stage.room.say('romeo', `message ${i}`)
    await stage.settle()

    expect(bodies(tab)).toHaveLength(500)
    expect(state.writes - before).toBeLessThan(5)
  })

  test('two tabs send a hundred each, and all see one order', async () => {
    const stage = brokerStage()
    const [t1, t2] = [await stage.inRoom('t1'), await stage.inRoom('t2')]
    const send = (tab: StageTab, i: number) =>
      tab.attached.api.call('send', { room: ROOM, id: `${tab.id}-${i}`, body: `${tab.id} ${i}`, waitMs: 20_000 })

    const sent = Array.from({ length: 100 }, (_, i) => [send(t1, i), send(t2, i)]).flat()
    for (let i = 0; i < 5; i++) await stage.settle()
    const replies = await Promise.all(sent)

    expect(replies.every(({ ok }) => ok)).toBe(true)
    expect(bodies(t1)).toEqual(bodies(t2))
    expect(new Set(bodies(t1)).size).toBe(200)
    expect(new Set(t1.told('message').map(({ message }) => message.id)).size).toBe(200)
  })

  test('that the room refuses is told to its sender alone', async () => {
    const stage = brokerStage()
    const [t1, t2] = [await stage.inRoom('t1'), await stage.inRoom('t2')]
    stage.room.deaf = true
    const waiting = t1.attached.api.call('send', { room: ROOM, id: 'x1', body: 'may I?', waitMs: 20_000 })
    await stage.settle()

    stage.upstream.stream.deliver(
      `<message type='error' from='${ROOM}' id='x1'><error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`,
    )
    await stage.settle()

    expect(await waiting).toMatchObject({ ok: false, error: { code: 'forbidden' } })
    expect([...bodies(t1), ...bodies(t2)]).toEqual([])
  })

  test('is answered with its state where the room takes its time', async () => {
    const stage = brokerStage()
    const tab = await stage.inRoom('t1')
    stage.room.deaf = true
    const waiting = tab.attached.api.call('send', { room: ROOM, id: 'x1', body: 'hello', waitMs: 5_000 })
    await stage.settle()

    stage.clock.advance(5_000)
    await stage.settle()

    expect(await waiting).toMatchObject({ ok: true, value: { state: 'sent', originId: 'x1' } })
  })
})

describe('a tab that dies', () => {
  test('lets go of its room, while others stay', async () => {
    const stage = brokerStage()
    const [t1, t2] = [await stage.inRoom('t1'), await stage.inRoom('t2')]

    t1.attached.detach()
    await stage.settle()
    stage.clock.advance(60_000)
    await stage.settle()

    expect(leaves(stage)).toBe(0)
    expect((await t2.inspect()).rooms).toMatchObject([{ tabs: 1 }])
  })

  test('with an account that lingers: the room sees nothing, and the next tab is shown the room', async () => {
    const stage = brokerStage()
    const t1 = await stage.inRoom('t1')

    t1.attached.detach()
    await stage.settle()
    stage.clock.advance(300_000)
    await stage.settle()
    stage.room.say('romeo', 'meanwhile')
    await stage.settle()
    const t2 = await stage.inRoom('t2')

    expect([joins(stage), leaves(stage)]).toEqual([1, 0])
    expect(t2.told('room-joined')[0]?.history.map(({ body }) => body)).toEqual(['meanwhile'])
  })

  test('with an account that leaves: the end of the session, when it has had the time to come back', async () => {
    const stage = brokerStage()
    const tab = stage.attach('t1')
    await tab.signIn({ onLastTab: 'leave' })
    await tab.join()

    tab.attached.detach()
    await stage.settle()
    stage.clock.advance(1_000)
    await stage.settle()
    expect(stage.upstream.stream.closed).toBe(false)
    stage.clock.advance(1_000)
    await stage.settle()

    expect(stage.upstream.stream.closed).toBe(true)
  })

  test('with an account that leaves, in a worker that ends with it: the end of the session, at once', async () => {
    const stage = brokerStage()
    const tab = stage.attach('t1')
    await tab.signIn({ onLastTab: 'leave-at-once' })

    tab.attached.detach()
    await stage.settle()

    expect(stage.upstream.stream.closed).toBe(true)
  })

  test('with an account that leaves, kept by its browser: the end of the session', async () => {
    const stage = brokerStage()
    const tab = stage.attach('t1')
    await tab.signIn({ onLastTab: 'leave' })

    tab.attached.suspend()
    stage.clock.advance(2_000)
    await stage.settle()

    expect(stage.upstream.stream.closed).toBe(true)
  })

  test('with an account that leaves, and a reload within the time: nothing happens', async () => {
    const stage = brokerStage()
    const tab = stage.attach('t1')
    await tab.signIn({ onLastTab: 'leave' })
    await tab.join()
    tab.attached.detach()
    await stage.settle()

    stage.clock.advance(1_000)
    const again = stage.attach('t1b')
    await again.signIn({ onLastTab: 'leave' })
    await again.join()
    stage.clock.advance(60_000)
    await stage.settle()

    expect([joins(stage), leaves(stage)]).toEqual([1, 0])
    expect(stage.upstream.stream.live).toBe(true)
  })

  test('while another tab of the account is there without the room: it is left after the grace', async () => {
    const stage = brokerStage()
    const t1 = await stage.inRoom('t1')
    const t2 = stage.attach('t2')

    t1.attached.detach()
    await stage.settle()
    stage.clock.advance(12_000)
    await stage.settle()

    expect(leaves(stage)).toBe(1)
    expect(t2.told('membership')).toMatchObject([{ change: 'left', by: 'room' }])
  })

  test('ends its calls, and nobody is answered for it', async () => {
    const stage = brokerStage()
    const tab = await stage.inRoom('t1')
    stage.room.deaf = true
    const waiting = tab.attached.api.call('send', { room: ROOM, id: 'x1', body: 'hello', waitMs: 20_000 })
    await stage.settle()

    tab.attached.detach()
    await stage.settle()

    expect(await waiting).toMatchObject({ ok: false, error: { code: 'aborted' } })
  })

  test('by its own word is answered first', async () => {
    const stage = brokerStage()
    const tab = await stage.inRoom('t1')

    const reply = await tab.call('detach', null)

    expect(reply).toMatchObject({ ok: true, value: null })
  })
})

describe('a stream that is lost', () => {
  async function interrupted(): Promise<{ stage: BrokerStage; t1: StageTab; t2: StageTab }> {
    const stage = brokerStage()
    for (const nick of ['romeo', 'carol', 'erin']) stage.room.enter(nick)
    const [t1, t2] = [await stage.inRoom('t1'), await stage.inRoom('t2')]
    stage.upstream.stream.end('closed')
    await stage.settle()
    return { stage, t1, t2 }
  }

  test('is told to every tab, and so is its end; the room hears one join', async () => {
    const { stage, t1, t2 } = await interrupted()

    stage.clock.advance(1_000)
    await stage.settle()

    for (const tab of [t1, t2]) {
      expect(tab.told('status').map(({ status }) => status)).toEqual(
        expect.arrayContaining(['online', 'interrupted', 'online']),
      )
      expect(kindsOf(tab).slice(-4)).toEqual(expect.arrayContaining(['interrupted', 'resumed']))
    }
    expect(joins(stage)).toBe(2)
    expect(stage.upstream.streams).toHaveLength(2)
  })

  test('and back: the tabs hear what really changed, and what was said, once', async () => {
    const { stage, t1, t2 } = await interrupted()
    stage.room.exit('carol')
    stage.room.enter('dave')
    stage.room.rename('erin', 'erin2')
    stage.room.say('romeo', 'while you were away')

    stage.clock.advance(1_000)
    await stage.settle()

    for (const tab of [t1, t2]) {
      const after = tab.events.slice(tab.events.findLastIndex(({ kind }) => kind === 'interrupted') + 1)
      expect(after.map(({ kind }) => kind).filter((kind) => kind !== 'status')).toEqual([
        'occupant-left',
        'nick-changed',
        'occupant-joined',
        'message',
        'resumed',
      ])
    }
  })

  test.each([
    ['did not arrive goes out again, once', true],
    ['arrived is not sent a second time', false],
  ])('and what a tab was sending and %s', async (_what, deaf) => {
    const stage = brokerStage()
    const tab = await stage.inRoom('t1')
    await tab.send('before')
    stage.room.deaf = deaf
    stage.upstream.stream.stall(deaf ? 'both' : 'down')
    const waiting = tab.attached.api.call('send', { room: ROOM, id: 'x1', body: 'hello', waitMs: 20_000 })
    await stage.settle()

    stage.upstream.stream.end('closed')
    stage.room.deaf = false
    stage.clock.advance(1_000)
    for (let i = 0; i < 3; i++) await stage.settle()

    expect(await waiting).toMatchObject({ ok: true, value: { body: 'hello', state: 'delivered' } })
    expect(stage.room.archive.map(({ body }) => body)).toEqual(['before', 'hello'])
    expect(bodies(tab)).toEqual(['before', 'hello'])
  })

  test('while the last tab leaves and another wants in: it gets in when the stream is back', async () => {
    const stage = brokerStage()
    const [t1, t2] = [await stage.inRoom('t1'), stage.attach('t2')]
    stage.room.deaf = true
    const leaving = t1.attached.api.call('leave', { room: ROOM })
    const waiting = t2.attached.api.call('join', { room: ROOM, nick: 'juliet' })
    await stage.settle()

    stage.upstream.stream.end('closed')
    stage.room.deaf = false
    await stage.settle()
    stage.clock.advance(1_000)
    for (let i = 0; i < 3; i++) await stage.settle()

    expect(await leaving).toMatchObject({ ok: true })
    expect(t2.told('room-joined')).toHaveLength(1)
    t2.attached.detach()
    expect(await waiting).toMatchObject({ ok: true })
  })

  test('is not heard any more, whatever it still brings when the next one is there', async () => {
    const { stage, t1 } = await interrupted()
    stage.clock.advance(1_000)
    await stage.settle()
    const seen = t1.events.length

    stage.upstream.streams[0]?.listener.onStanza(stanza(said('romeo', 'late', { archiveId: 'late' })))
    await stage.settle()

    expect(t1.events.length).toBe(seen)
  })

  test('takes its unanswered requests with it: their time cannot run out on the next one', async () => {
    const stage = brokerStage()
    const tab = stage.attach('t1')
    await tab.signIn()
    stage.room.deaf = true
    const waiting = tab.attached.api.call('join', { room: ROOM, nick: 'juliet' })
    await stage.settle()
    stage.upstream.stream.end('closed')
    stage.room.deaf = false
    stage.clock.advance(1_000)
    await stage.settle()

    stage.clock.advance(10_000)
    stage.upstream.stream.deliver(said('romeo', 'hark', { occupantId: 'o-romeo' }))
    await stage.settle()

    expect(await waiting).toMatchObject({ ok: true })
    expect(tab.told('message')).toMatchObject([{ message: { occupantId: 'o-romeo' } }])
  })

  test('is looked for until it is found, however long that takes', async () => {
    const services = ['wss://capulet.example/']
    const stage = brokerStage({ services })
    const tab = await stage.inRoom('t1')
    services.length = 0
    stage.upstream.stream.end('closed')
    for (let i = 0; i < 10; i++) {
      stage.clock.advance(60_000)
      await stage.settle()
    }

    services.push('wss://capulet.example/')
    stage.clock.advance(60_000)
    await stage.settle()

    expect(tab.told('status').map(({ status }) => status)).toEqual([
      'offline',
      'connecting',
      'online',
      'interrupted',
      'online',
    ])
    expect(tab.told('resumed')).toHaveLength(1)
  })
})

describe('a logout', () => {
  test('leaves every room, ends the session, and every tab hears it', async () => {
    const stage = brokerStage()
    const [t1, t2] = [await stage.inRoom('t1'), await stage.inRoom('t2')]

    const reply = await t1.call('logout', { wipe: false })

    expect(reply.ok).toBe(true)
    expect(leaves(stage)).toBe(1)
    expect(stage.upstream.stream.closed).toBe(true)
    for (const tab of [t1, t2]) {
      expect(tab.told('left')).toMatchObject([{ everywhere: true }])
      expect(tab.told('status').at(-1)).toMatchObject({ status: 'offline' })
    }
  })

  test('ends the session when the room has said that we are out, or has had its time', async () => {
    const stage = brokerStage()
    const tab = await stage.inRoom('t1')
    stage.room.deaf = true

    const reply = tab.call('logout', { wipe: false })
    await stage.settle()
    expect([leaves(stage), stage.upstream.stream.closed]).toEqual([1, false])
    stage.clock.advance(5_000)
    await stage.settle()

    expect(await reply).toMatchObject({ ok: true })
    expect(stage.upstream.stream.closed).toBe(true)
  })

  test('can be followed by a sign-in', async () => {
    const stage = brokerStage()
    const tab = await stage.inRoom('t1')
    await tab.call('logout', { wipe: false })

    expect(await tab.signIn()).toMatchObject({ ok: true, value: { status: 'online' } })
    expect(await tab.join()).toMatchObject({ ok: true })
  })

  test('keeps the archive, unless the person wants it wiped', async () => {
    for (const wipe of [false, true]) {
      const stage = brokerStage()
      const tab = await stage.inRoom('t1')
      await tab.send('remember me')

      await tab.call('logout', { wipe })

      const kept = await stage.store.newest({ room: ROOM, from: 0, before: 99 }, 9).catch(() => [])
      expect(kept).toHaveLength(wipe ? 0 : 1)
    }
  })
})

describe('requests of the network', () => {
  const withIq = async () => {
    const stage = brokerStage()
    const tab = await stage.inRoom('t1')
    const answers = (id: string) => stage.upstream.sent.filter(({ name, attrs }) => name === 'iq' && attrs['id'] === id)
    return { stage, tab, answers }
  }

  test('are answered once, however many tabs there are', async () => {
    const { stage, answers } = await withIq()
    await stage.inRoom('t2')

    stage.upstream.stream.deliver(`<iq type='get' from='${ROOM}/romeo' id='p1'><ping xmlns='urn:xmpp:ping'/></iq>`)
    stage.upstream.stream.deliver(`<iq type='get' from='${ROOM}/romeo' id='u1'><query xmlns='jabber:iq:roster'/></iq>`)
    await stage.settle()

    expect(answers('p1').map(({ attrs }) => attrs['type'])).toEqual(['result'])
    expect(answers('u1').map(({ attrs }) => attrs['type'])).toEqual(['error'])
  })

  test('that are answers nobody asked for are not answered', async () => {
    const { stage, answers } = await withIq()

    stage.upstream.stream.deliver(`<iq type='result' from='${ROOM}' id='r1'/>`)
    stage.upstream.stream.deliver(`<iq type='error' from='${ROOM}' id='e1'/>`)
    await stage.settle()

    expect([...answers('r1'), ...answers('e1')]).toEqual([])
  })
})

test('an answer about the room from somebody else is not believed', async () => {
  const stage = brokerStage({ onSent: () => undefined })
  const tab = stage.attach('t1')
  await tab.signIn()
  const waiting = tab.attached.api.call('join', { room: ROOM, nick: 'juliet' })
  await stage.settle()
  const [disco] = stage.upstream.sent.filter(({ name, attrs }) => name === 'iq' && attrs['to'] === ROOM)
  const info = "<query xmlns='http://jabber.org/protocol/disco#info'><feature var='urn:xmpp:occupant-id:0'/></query>"
  const answer = (from: string, inside: string): void =>
    stage.upstream.stream.deliver(`<iq type='result' from='${from}' id='${disco?.attrs['id']}'>${inside}</iq>`)

  answer('romeo@montague.example/x', info)
  answer(ROOM, "<query xmlns='http://jabber.org/protocol/disco#info'/>")
  stage.upstream.stream.deliver(present('romeo', { occupantId: 'forged' }))
  stage.upstream.stream.deliver(present('juliet', { codes: [110] }))
  stage.upstream.stream.deliver(`<message type='groupchat' from='${ROOM}'><subject/></message>`)
  await stage.settle()

  expect(await waiting).toMatchObject({ ok: true })
  expect(tab.told('room-joined')[0]?.occupants[0]).not.toHaveProperty('occupantId')
})

describe('what the network should not send', () => {
  test.each([
    ["<message from='@/x' type='groupchat'><body>poison</body></message>"],
    ["<presence from='@/x'/>"],
    ["<message type='groupchat'><body>from nobody</body></message>"],
    [`<message from='${ROOM}' type='groupchat'/>`],
    [`<presence from='${ROOM}/__proto__'><x xmlns='http://jabber.org/protocol/muc#user'><item/></x></presence>`],
    [
      `<presence from='${ROOM}/constructor' type='unavailable'><x xmlns='http://jabber.org/protocol/muc#user'/></presence>`,
    ],
    [
      `<presence from='${ROOM}/x' type='unavailable'><x xmlns='http://jabber.org/protocol/muc#user'><status code='303'/></x></presence>`,
    ],
    [`<message from='${ROOM}' type='error'/>`],
    ["<iq type='get'/>"],
    ["<iq type='constructor' id='__proto__'/>"],
  ])('as %s stops nothing behind it', async (poison) => {
    const stage = brokerStage()
    const tab = await stage.inRoom('t1')

    stage.upstream.stream.deliver(poison)
    stage.room.say('romeo', 'hark')
    await stage.settle()

    expect(bodies(tab)).toContain('hark')
  })

  test('a room that nobody is in is not listened to', async () => {
    const stage = brokerStage()
    const tab = await stage.inRoom('t1')
    const seen = tab.events.length

    stage.upstream.stream.deliver(present('evil', { room: 'other@rooms.example', codes: [110] }))
    stage.upstream.stream.deliver(said('evil', 'hello', { room: 'other@rooms.example' }))
    await stage.settle()

    expect(tab.events.length).toBe(seen)
    expect((await tab.inspect()).rooms).toHaveLength(1)
  })
})

describe('the store', () => {
  test('that cannot be read does not keep anybody out', async () => {
    const { store, state } = unreliable()
    state.failReads = true
    const stage = brokerStage({ store })

    const tab = await stage.inRoom('t1')

    expect(tab.told('room-joined')).toMatchObject([{ history: [] }])
    const { log } = await tab.inspect()
    expect(log.filter(({ level }) => level === 'error').length).toBeGreaterThan(0)
  })

  test('is asked for nothing that cannot be there: a tab that missed nothing costs no error', async () => {
    const stage = brokerStage()
    const t1 = await stage.inRoom('t1')
    await t1.send('hello')

    const t2 = await stage.inRoom('t2', { after: { order: 0, archive: stage.store.archive } })

    expect(t2.told('room-joined')[0]?.history).toEqual([])
    const { log } = await t2.inspect()
    expect(log.filter(({ level }) => level === 'error')).toEqual([])
  })

  test('of the worker before is known again: what the room sends twice is one', async () => {
    const store = memoryStore()
    const first = brokerStage({ store })
    await first.inRoom('t1')
    first.room.say('romeo', 'one')
    first.room.say('romeo', 'two')
    await first.settle()
    const second = brokerStage({ store })
    for (const body of ['one', 'two', 'three']) second.room.say('romeo', body)

    const tab = await second.inRoom('t1')

    expect(tab.told('room-joined')[0]?.history.map(({ body, id }) => [body, id])).toEqual([
      ['one', 'a-1'],
      ['two', 'a-2'],
      ['three', 'a-3'],
    ])
  })

  test('of the worker before gives a tab what it missed, behind its cursor', async () => {
    const store = memoryStore()
    const first = brokerStage({ store })
    await first.inRoom('t1')
    first.room.say('romeo', 'one')
    await first.settle()
    const second = brokerStage({ store })
    for (const body of ['one', 'two', 'three']) second.room.say('romeo', body)

    const tab = await second.inRoom('t1', { after: { order: 0, archive: store.archive } })

    expect(tab.told('room-joined')[0]?.history.map(({ body }) => body)).toEqual(['two', 'three'])
  })

  test('gives a tab all that it missed, however much, in its order and before anything new', async () => {
    const stage = brokerStage()
    const t1 = await stage.inRoom('t1')
    await t1.send('last heard')
    for (let n = 1; n <= 11_100; n++) stage.room.say('romeo', `missed ${n}`)
    await stage.settle()
    const t2 = stage.attach('t2')
    await t2.signIn()

    const joining = t2.join({ after: { order: 0, archive: stage.store.archive } })
    stage.room.say('romeo', 'new')
    await joining
    await stage.settle()

    const shown = t2.told('room-joined')[0]?.history ?? []
    const heard = [...shown, ...t2.told('message').map(({ message }) => message)].map(({ body }) => body)
    expect(heard).toEqual([...Array.from({ length: 11_100 }, (_, n) => `missed ${n + 1}`), 'new'])
  }, 30_000)

  test('of another name counts anew: a cursor of the one before holds nothing back', async () => {
    const stage = brokerStage()
    const t1 = await stage.inRoom('t1')
    await t1.send('hello')

    const t2 = await stage.inRoom('t2', { after: { order: 0, archive: 'another' } })

    expect(t2.told('room-joined')[0]?.history.map(({ body }) => body)).toEqual(['hello'])
  })
})

describe('inspect', () => {
  test('says what the worker is doing', async () => {
    const stage = brokerStage()
    stage.room.enter('romeo')
    const tab = await stage.inRoom('t1')
    await tab.send('hello')
    await tab.leave()
    await tab.join()

    expect(await tab.inspect()).toMatchObject({
      instance: 'life-1',
      status: 'online',
      engine: 'shared-worker',
      storage: 'memory',
      wire: { connections: 1, joins: 2, leaves: 1 },
      tabs: [{ id: 't1', rooms: [ROOM], queued: 0 }],
      rooms: [{ jid: ROOM, phase: 'in', nick: 'juliet', occupants: 2, tabs: 1 }],
    })
  })

  test('shows no password and no message', async () => {
    const stage = brokerStage()
    stage.room.refuse = (_nick, password) => (password === 'open sesame' ? undefined : 'not-authorized')
    const tab = stage.attach('t1')
    await tab.signIn({ password: 'hush hush' })
    await tab.join({ password: 'wrong sesame' })
    await tab.join({ password: 'open sesame' })
    await tab.send('for your eyes only')
    stage.upstream.stream.end('closed')
    await stage.settle()

    const text = JSON.stringify(await tab.inspect())

    for (const secret of ['hush hush', 'sesame', 'eyes only']) expect(text).not.toContain(secret)
  })
})

test('presence goes out before the first join: a server counts us as there', async () => {
  const stage = brokerStage()

  await stage.inRoom('t1')

  expect(stage.upstream.sent[0]).toEqual(stanza('<presence/>'))
  expect(stage.upstream.sent.filter(({ name }) => name === 'presence').map(({ attrs }) => attrs['to'])).toEqual([
    undefined,
    `${ROOM}/juliet`,
  ])
})

test('no error is ever sent to a room: it would throw us out', async () => {
  const stage = brokerStage()
  const tab = await stage.inRoom('t1')
  stage.upstream.stream.deliver(`<message type='chat' from='${ROOM}/romeo' id='pm'><body>psst</body></message>`)
  stage.upstream.stream.deliver(`<presence from='${ROOM}/romeo' type='subscribe'/>`)
  stage.upstream.stream.deliver(`<message type='error' from='${ROOM}' id='x'/>`)
  await tab.leave()
  await stage.settle()

  expect(stage.upstream.sent.filter(({ name, attrs }) => name !== 'iq' && attrs['type'] === 'error')).toEqual([])
})

test('a call that cannot be dealt with is answered: no promise stays open', async () => {
  const stage = brokerStage()
  const tab = stage.attach('t1')
  const answers: unknown[] = []
  // A page of a newer build might say what this worker does not know.
  void tab.attached.api.call('no-such-call' as 'inspect', null).then((reply) => answers.push(reply))

  await stage.settle()

  expect(answers).toMatchObject([{ ok: false }])
})

test('a join is counted once for each that goes out', async () => {
  const stage = brokerStage()
  const tab = await stage.inRoom('t1')
  await stage.inRoom('t2')

  const { wire } = await tab.inspect()

  expect(wire.joins).toBe(1)
  expect(wire.leaves).toBe(0)
  expect(wire.framesOut).toBe(stage.upstream.sent.length)
})

test('what is announced reaches tabs that are in no room', async () => {
  const stage = brokerStage()
  const idle = stage.attach('idle')
  await stage.inRoom('t1')

  expect(idle.told('membership')).toEqual([
    { kind: 'membership', room: ROOM, change: 'joined', nick: 'juliet', by: { tab: 't1' } },
  ])
  expect(idle.told('room-joined')).toEqual([])
})

test('a call that makes no sense harms nobody but its caller', async () => {
  const stage = brokerStage()
  const tab = await stage.inRoom('t1')
  const careless = await stage.inRoom('t2', { room: 'other@rooms.example' })
  const uncaught: unknown[] = []
  const note = (error: unknown): void => void uncaught.push(error)
  process.on('unhandledRejection', note)

  void careless.attached.api.call('leave', { room: 'other@rooms.example', status: 7 as never })
  await stage.settle()
  stage.room.say('romeo', 'hark')
  await stage.settle()
  process.off('unhandledRejection', note)

  expect(bodies(tab)).toEqual(['hark'])
  expect(uncaught).toEqual([])
})

test('a frozen tab delays no other', async () => {
  const stage = brokerStage()
  const tab = await stage.inRoom('t1')
  const frozen = stage.attach('frozen', { acknowledges: false })
  await frozen.join()

  for (let i = 0; i < 3000; i++) stage.room.say('romeo', `message ${i}`)
  for (let i = 0; i < 3; i++) await stage.settle()

  expect(bodies(tab)).toHaveLength(3000)
  expect(frozen.events.length).toBeLessThanOrEqual(1024)
})

test('a tab that slept through thousands of messages is told each of them once, in order, before anything new', async () => {
  const stage = brokerStage()
  await stage.inRoom('t1')
  const frozen = stage.attach('frozen', { acknowledges: false })
  await frozen.signIn()
  await frozen.join()
  await stage.settle()
  for (let i = 0; i < 7_000; i++) stage.room.say('romeo', `message ${i}`)
  for (let i = 0; i < 3; i++) await stage.settle()
  const posted = frozen.events.length

  for (let i = 0; i < 2; i++) {
    frozen.attached.acknowledge(frozen.events.length)
    await stage.settle()
  }
  stage.room.say('romeo', 'new')
  await stage.settle()

  const later = frozen.events.slice(posted)
  const shown = later.flatMap((event) => (event.kind === 'room-joined' ? event.history.map(({ body }) => body) : []))
  const first = bodies(frozen).filter((body) => body !== 'new')
  expect(first.concat(shown)).toEqual(Array.from({ length: 7_000 }, (_, i) => `message ${i}`))
  expect(later.at(-1)).toMatchObject({ kind: 'message', message: { body: 'new' } })
})

test('an answer of the account’s own server to a join of another session changes nothing', async () => {
  const stage = brokerStage()
  const tab = await stage.inRoom('t1')
  await turns()
  const seen = tab.events.length

  stage.upstream.stream.deliver(`<presence from='${ACCOUNT}/phone'><x xmlns='${NS_MUC}'/></presence>`)
  await stage.settle()

  expect(tab.events.length).toBe(seen)
})
