import { afterEach, describe, expect, test } from 'vitest'
import { MinimixError } from '../../src/contract/errors.ts'
import { NS_MUC, NS_OCCUPANT_ID } from '../support/fakes/room-xml.ts'
import { type Tab, type TabStage, type TabStageOptions, tabStage } from '../support/fakes/tab-pair.ts'

const FEATURES = [NS_MUC, NS_OCCUPANT_ID, 'urn:xmpp:mam:2', 'http://jabber.org/protocol/muc#stable_id']

let stage: TabStage
const begin = (options: TabStageOptions = {}): TabStage => {
  stage = tabStage({ features: FEATURES, ...options })
  return stage
}
afterEach(() => stage.end())

const said = (): string[] => stage.room.archive.map(({ body }) => body)
const range = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, i) => `m${from + i}`)
function talk(from: number, to: number): void {
  for (const body of range(from, to)) {
    stage.clock.advance(1_000)
    stage.room.say('romeo', body)
  }
}
const cut = async (): Promise<void> => {
  stage.upstream.stream.end('closed')
  await stage.settle()
}
const bodiesOf = ({ room }: Tab): string[] => room.outbox.map(({ body }) => body)

describe('the outbox', () => {
  test('is what waits, in every tab, whichever said it, and the same object until it changes', async () => {
    begin()
    const [t1, t2] = [await stage.tabInRoom(), await stage.tabInRoom()]
    await cut()

    void t1.room.send('one', { wait: false })
    void t2.room.send('two', { wait: false })
    await stage.settle()

    expect([bodiesOf(t1), bodiesOf(t2)]).toEqual([
      ['one', 'two'],
      ['one', 'two'],
    ])
    expect(t1.room.outbox.map(({ fromThisTab, state, own }) => [fromThisTab, state, own])).toEqual([
      [true, 'queued', true],
      [false, 'queued', true],
    ])
    expect(t1.room.snapshot().outbox).toBe(t1.room.outbox)
    await stage.pass(1_000)
    expect([bodiesOf(t1), bodiesOf(t2), said()]).toEqual([[], [], ['one', 'two']])
    expect([t1.bodies(), t2.bodies()]).toEqual([
      ['one', 'two'],
      ['one', 'two'],
    ])
  })

  test('tells subscribers when it empties, though a message alone changes nothing', async () => {
    begin()
    const { room } = await stage.tabInRoom()
    await cut()
    void room.send('one', { wait: false })
    await stage.settle()
    const sizes: number[] = []
    room.subscribe(() => sizes.push(room.snapshot().outbox.length))

    await stage.pass(1_000)

    expect(sizes.at(-1)).toBe(0)
  })

  test('is given to a tab that comes later', async () => {
    begin({ management: 'resumes', signIn: 'at-once' })
    const t1 = await stage.tabInRoom()
    stage.room.deaf = true
    void t1.room.send('one', { wait: false })
    await stage.settle()
    await cut()
    void t1.room.send('two', { wait: false })
    stage.room.deaf = false
    await stage.settle()

    expect(bodiesOf(t1)).toEqual(['two'])
  })
})

describe('cancelSend()', () => {
  test('takes back what has not gone out: its sender and every tab are told', async () => {
    begin()
    const [t1, t2] = [await stage.tabInRoom(), await stage.tabInRoom()]
    await cut()
    const sending = t1.room.send('never mind')
    sending.catch(() => undefined) // looked at below
    await stage.settle()
    const [waiting] = t2.room.outbox

    expect(await stage.until(t2.room.cancelSend(waiting?.id ?? ''))).toBe(true)

    expect(await stage.failure(sending)).toMatchObject({ code: 'aborted' })
    expect([bodiesOf(t1), bodiesOf(t2)]).toEqual([[], []])
    expect(t1.all('message-updated').at(-1)?.message).toMatchObject({ state: 'failed', error: { code: 'aborted' } })
    await stage.pass(1_000)
    expect(said()).toEqual([])
  })

  test('is too late for what was delivered', async () => {
    begin()
    const { room } = await stage.tabInRoom()
    const message = await stage.until(room.send('hello'))

    expect(await stage.until(room.cancelSend(message.originId ?? ''))).toBe(false)
    expect(said()).toEqual(['hello'])
  })

  test.each([undefined, '', 7])('of %j throws at once', async (id) => {
    begin()
    const { room } = await stage.tabInRoom()

    expect(() => room.cancelSend(id as string)).toThrow(TypeError)
  })
})

describe('history()', () => {
  test('gives messages as history, from the archive of the room where the browser has none', async () => {
    begin()
    talk(1, 40)
    const { room } = await stage.tabInRoom()

    const newest = await stage.until(room.history({ limit: 5 }))
    const older = await stage.until(room.history({ limit: 5, before: newest.messages[0]?.id ?? '' }))
    const [first] = older.messages
    const oldest = await stage.until(room.history({ before: first?.id ?? '', limit: 100 }))

    expect(newest.messages.map(({ body }) => body)).toEqual(range(36, 40))
    expect(older.messages.map(({ body }) => body)).toEqual(range(31, 35))
    expect(oldest.messages.map(({ body }) => body)).toEqual(range(1, 30))
    expect([newest.atEnd, older.atEnd, oldest.atStart]).toEqual([true, false, true])
    expect(first).toMatchObject({ history: true, fromThisTab: false, nick: 'romeo', state: 'delivered' })
    expect(first).not.toHaveProperty('order')
  })

  test('of a message that nobody has rejects', async () => {
    begin()
    const { room } = await stage.tabInRoom()

    const error = await stage.failure(room.history({ around: 'nowhere' }))

    expect(error).toBeInstanceOf(MinimixError)
    expect(error).toMatchObject({ code: 'stanza-error', condition: 'item-not-found' })
  })

  test.each([
    [null],
    [{ limit: 0 }],
    [{ limit: 501 }],
    [{ limit: 1.5 }],
    [{ limit: '5' }],
    [{ before: '' }],
    [{ before: 7 }],
    [{ before: 'a', after: 'b' }],
  ])('with %j throws at once', async (options) => {
    begin()
    const { room } = await stage.tabInRoom()

    expect(() => room.history(options as object)).toThrow(TypeError)
  })
})

describe('a session that is lost', () => {
  test('tells what was missed as ordinary messages, and how far it has come', async () => {
    begin()
    const tab = await stage.tabInRoom()
    talk(1, 2)
    await stage.settle()
    await cut()
    talk(3, 5)
    stage.room.mostResults = 2
    await stage.pass(2_000)

    expect(tab.bodies()).toEqual(range(1, 5))
    expect(tab.all('message').every(({ history }) => !history)).toBe(true)
    expect(tab.all('catching-up')[0]).toEqual({ active: true, done: 2 })
    expect(tab.all('catching-up').at(-1)).toMatchObject({ active: false })
  })
})

describe('the worker dies, and its session goes on in the next one', () => {
  const joins = (): number =>
    stage.upstream.sent.filter(
      ({ name, children }) => name === 'presence' && JSON.stringify(children).includes(`"${NS_MUC}"`),
    ).length

  test('the room hears nothing of it, and the tabs miss nothing', async () => {
    begin({ management: 'resumes' })
    const tab = await stage.tabInRoom()
    stage.room.say('romeo', 'm1')
    await stage.settle()
    stage.upstream.stream.requestAck()
    await stage.settle()
    const before = joins()

    stage.worker.die()
    stage.room.say('romeo', 'm2')
    stage.room.enter('nurse')
    await stage.settle()
    await stage.settle()
    stage.room.say('romeo', 'm3')
    await stage.settle()

    expect(joins()).toBe(before)
    expect(tab.bodies()).toEqual(['m1', 'm2', 'm3'])
    expect([...tab.room.occupants.keys()].sort()).toEqual([...stage.room.nicks].sort())
    expect(tab.room.state).toBe('in')
  })

  test('also in a tab that came when a gap had been closed, with nothing said behind it', async () => {
    begin({ management: 'resumes' })
    await stage.tabInRoom()
    stage.room.say('romeo', 'm1')
    await stage.settle()
    stage.upstream.server.resumes = false
    stage.upstream.stream.end('closed')
    await stage.settle()
    stage.room.say('romeo', 'm2')
    await stage.pass(2_000)
    stage.upstream.server.resumes = true
    const late = await stage.tabInRoom()
    expect(late.bodies()).toEqual(['m1', 'm2'])
    stage.upstream.stream.requestAck()
    await stage.settle()

    stage.worker.die()
    stage.room.say('romeo', 'm3')
    await stage.settle()
    await stage.settle()

    expect(late.bodies()).toEqual(['m1', 'm2', 'm3'])
  })

  test('also where the store is behind: what comes twice is told once', async () => {
    begin({ management: 'resumes' })
    const tab = await stage.tabInRoom()
    stage.upstream.stream.requestAck()
    await stage.settle()
    stage.room.say('romeo', 'm1')
    await stage.settle()
    expect(tab.bodies()).toEqual(['m1'])

    stage.worker.die()
    await stage.settle()
    await stage.settle()
    stage.room.say('romeo', 'm2')
    await stage.settle()

    expect(tab.bodies()).toEqual(['m1', 'm2'])
  })

  test.each(['up', 'down'] as const)(
    'what was said just before (the way %s is cut) is said exactly once',
    async (which) => {
      begin({ management: 'resumes' })
      const tab = await stage.tabInRoom()
      stage.upstream.stream.requestAck()
      await stage.settle()
      stage.upstream.stream.stall(which === 'up' ? 'both' : 'down')
      tab.room.send('mine').catch(() => undefined)
      await stage.settle()

      stage.worker.die()
      for (let i = 0; i < 4; i++) await stage.settle()

      expect(said()).toEqual(['mine'])
      expect(tab.bodies()).toEqual(['mine'])
      expect(tab.room.outbox).toEqual([])
    },
  )

  test('and where the server has forgotten the session, the room is entered once, and nothing is missed or said twice', async () => {
    begin({ management: 'resumes' })
    const tab = await stage.tabInRoom()
    talk(1, 2)
    await stage.settle()
    const before = joins()
    stage.upstream.stream.stall('down')
    tab.room.send('mine').catch(() => undefined)
    await stage.settle()

    stage.worker.die()
    stage.upstream.server.resumes = false
    talk(3, 4)
    for (let i = 0; i < 6; i++) await stage.settle()

    expect(joins()).toBe(before + 1)
    expect(said()).toEqual(['m1', 'm2', 'mine', 'm3', 'm4'])
    expect(tab.bodies()).toEqual(said())
  })
})
