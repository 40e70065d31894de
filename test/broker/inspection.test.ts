import { describe, expect, test } from 'vitest'
import { failure } from '../../src/contract/errors.ts'
import { memoryStore } from '../../src/storage/memory-store.ts'
import { brokerStage } from '../support/fakes/broker-stage.ts'
import { joinError, ROOM, said } from '../support/fakes/room-xml.ts'

describe('the stream', () => {
  test('is offline before anybody signs in, and nothing was ever heard of it', async () => {
    const stage = brokerStage()

    const { stream } = await stage.attach('t1').inspect()

    const counts = { taken: 0, handled: 0, unacknowledged: 0 }
    expect(stream).toEqual({ at: 'offline', managed: false, resumable: false, ...counts })
  })

  test('shows its counts, and what the server has not acknowledged', async () => {
    const stage = brokerStage({ management: 'resumes' })
    const tab = await stage.inRoom('t1')
    stage.clock.advance(2_000)
    await stage.settle()
    stage.upstream.server.answers = false
    await tab.send('hello')
    const heardAtMs = stage.clock.nowMs()
    stage.upstream.stream.deliver(said('romeo', 'hark'))

    const { stream } = await tab.inspect()

    expect(stream).toMatchObject({
      at: 'online',
      fullJid: `${stage.upstream.stream.credentials.account}/web-1`,
      managed: true,
      resumable: true,
      unacknowledged: 1,
      heardAtMs,
    })
    expect(stream.handled).toBe(stage.upstream.sent.filter(({ name }) => !['r', 'a'].includes(name)).length - 1)
    expect(stream.taken).toBeGreaterThan(0)
    expect(stream).not.toHaveProperty('nextTryAtMs')
  })

  test('of a server that cannot count has its address, and no counts', async () => {
    const stage = brokerStage()
    const tab = await stage.inRoom('t1')

    const { stream } = await tab.inspect()

    expect(stream).toMatchObject({ at: 'online', fullJid: expect.stringContaining('/web-1'), managed: false, taken: 0 })
    expect(stream.heardAtMs).toBeGreaterThan(0)
  })

  test('that is away says when it is tried again, and keeps its session and its rooms', async () => {
    const stage = brokerStage({ management: 'resumes' })
    const tab = await stage.inRoom('t1')
    expect((await tab.inspect()).rooms).toMatchObject([{ phase: 'in', suspended: false }])
    const endedAtMs = stage.clock.nowMs()
    stage.upstream.stream.end('closed')

    const { stream, rooms } = await tab.inspect()
    expect(rooms).toMatchObject([{ phase: 'in', suspended: true }])
    expect(stream).toMatchObject({
      at: 'waiting',
      fullJid: expect.stringContaining('/web-1'),
      resumable: true,
      nextTryAtMs: endedAtMs + 1_000,
    })
  })

  test('that was lost has no address any more', async () => {
    const stage = brokerStage()
    const tab = await stage.inRoom('t1')
    stage.upstream.stream.end('closed')

    expect((await tab.inspect()).stream).not.toHaveProperty('fullJid')
  })
})

describe('a tab', () => {
  test('shows whether anybody can look at it', async () => {
    const stage = brokerStage()
    const [t1, t2] = [await stage.inRoom('t1'), await stage.inRoom('t2')]
    await t2.call('visible', { hidden: true })

    const { tabs } = await t1.inspect()

    expect(tabs.map(({ id, hidden }) => [id, hidden])).toEqual([
      ['t1', false],
      ['t2', true],
    ])
  })

  test('shows whether the browser keeps its page', async () => {
    const stage = brokerStage()
    const [t1, t2] = [await stage.inRoom('t1'), await stage.inRoom('t2')]
    t2.attached.suspend()

    const { tabs } = await t1.inspect()

    expect(tabs.map(({ id, suspended }) => [id, suspended])).toEqual([
      ['t1', false],
      ['t2', true],
    ])
  })

  test('shows what is on its way to it, what waits, and that it has fallen behind', async () => {
    const stage = brokerStage()
    const t1 = await stage.inRoom('t1')
    const t2 = stage.attach('t2', { acknowledges: false })
    const announce = (times: number): void => {
      for (let i = 0; i < times; i++) stage.broker.tellError(failure('worker-error', 'no'))
    }
    await stage.settle()
    announce(2_000)
    await stage.settle()
    const [, waiting] = (await t1.inspect()).tabs
    announce(4_000)
    await stage.settle()
    const [first, second] = (await t1.inspect()).tabs

    expect(waiting).toMatchObject({ fallenBehind: false, nextSeq: 1_025, ackedSeq: 0 })
    expect(waiting?.queued).toBeGreaterThan(900)
    expect(second).toMatchObject({ fallenBehind: true, nextSeq: 1_025, queued: 4_096 })
    expect(first).toMatchObject({ fallenBehind: false, queued: 0 })
    expect(t2.told('error')).not.toEqual([])
  })
})

test('what goes wrong in the worker every tab is told', async () => {
  const stage = brokerStage()
  const tabs = [stage.attach('t1'), stage.attach('t2')]
  const error = failure('worker-error', 'worker: no')

  stage.broker.tellError(error)
  await stage.settle()

  for (const tab of tabs) expect(tab.told('error')).toEqual([{ kind: 'error', error }])
})

describe('the log', () => {
  test('warns of a call that waits, by its name and its room', async () => {
    const stage = brokerStage({ onSent: () => undefined })
    const tab = stage.attach('t1')
    await tab.signIn()
    void tab.join({ password: 'open sesame' })
    await stage.settle()

    stage.clock.advance(5_000)
    await stage.settle()

    const warnings = (await tab.inspect()).log.filter(({ level }) => level === 'warn')
    expect(warnings.map(({ text }) => text)).toEqual([`join ${ROOM}: no answer within 5000 ms`])
  })

  test('warns of a step that takes long, by what it was and nothing else', async () => {
    const stage = brokerStage({
      onSent(node) {
        if (node.name === 'iq') stage.clock.advance(150)
      },
    })
    const tab = stage.attach('t1')
    await tab.signIn()
    const payload = { name: 'query', ns: 'urn:example:eyes-only', attrs: {}, children: [] }
    void tab.call('request', { type: 'get', payload })
    await stage.settle()

    const warnings = (await tab.inspect()).log.filter(({ text }) => text.includes('request'))
    expect(warnings.map(({ level, text }) => [level, text])).toEqual([['warn', 'call request: took 150 ms']])
  })
})

test('no password, no message and no name of a session is anywhere in it, whatever was logged', async () => {
  const inner = memoryStore()
  const disk = { fails: false }
  const store: typeof inner = {
    ...inner,
    async write(ops) {
      if (disk.fails) throw new DOMException('connection lost', 'UnknownError')
      await inner.write(ops)
    },
  }
  const stage = brokerStage({ management: 'resumes', store, accounts: {} })
  stage.room.refuse = (_nick, password) => (password === 'open sesame' ? undefined : 'not-authorized')
  const tab = stage.attach('t1')
  await tab.signIn({ password: 'wrong-hush' })
  expect((await tab.inspect()).status).toBe('refused')

  const open = brokerStage({ management: 'resumes', store })
  open.room.refuse = stage.room.refuse
  const inside = open.attach('t1')
  await inside.signIn({ password: 'hush-hush' })
  await inside.join({ password: 'wrong sesame' })
  await inside.join({ password: 'open sesame' })
  await inside.send('for your eyes only')
  open.upstream.stream.deliver(said('romeo', 'my eyes only', { archiveId: 'a1' }))
  await inside.call('setSubject', { room: ROOM, text: 'in your eyes only' })
  await inside.call('sendPrivate', { room: ROOM, id: 'p1', nick: 'romeo', body: 'psst, eyes only' })
  open.upstream.stream.deliver(joinError(ROOM, 'conflict'))
  disk.fails = true
  open.upstream.stream.deliver(said('romeo', 'still my eyes only', { archiveId: 'a2' }))
  await open.settle()
  disk.fails = false
  open.upstream.stream.end('closed')
  void inside.send('eyes only, later')
  open.clock.advance(6_000)
  await open.settle()

  const looks = [await tab.inspect(), await inside.inspect()]
  const text = JSON.stringify(looks)
  const session = open.upstream.streams.at(-1)?.credentials.resume?.id
  expect(session).toBe('sm-1')
  for (const secret of ['hush', 'sesame', 'eyes only', 'sm-1']) expect(text).not.toContain(secret)
  for (const line of ['online as', 'resumed as', 'stream ended', 'archive: a write', `join ${ROOM}`])
    expect(text).toContain(line)
})
