import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MinimixError } from '../../src/contract/errors.ts'
import type { Room } from '../../src/tab/room.ts'
import type { JoinOptions } from '../../src/tab/room-options.ts'
import { ROOM } from '../support/fakes/room-xml.ts'
import { type Tab, type TabStage, tabStage } from '../support/fakes/tab-pair.ts'

let stage: TabStage
beforeEach(() => {
  stage = tabStage()
})
afterEach(() => stage.end())

const thrown = (what: () => unknown): unknown => {
  try {
    void Promise.resolve(what()).catch(() => undefined)
    return 'nothing was thrown'
  } catch (error) {
    return error instanceof MinimixError ? error.code : error
  }
}

describe('bad input', () => {
  let tab: Tab
  beforeEach(async () => {
    tab = await stage.tabInRoom()
  })

  /** What an app in plain JavaScript may do: the compiler must be told to look away. */
  const calls: Record<string, (room: Room) => unknown> = {
    'join() without options': (room) => room.join(undefined as never),
    'join() without a nick': (room) => room.join({} as never),
    'join() with a nick that is a number': (room) => room.join({ nick: 7 } as never),
    'join() with a password that is a number': (room) => room.join({ nick: 'j', password: 7 } as never),
    'join() with a history that is a number': (room) => room.join({ nick: 'j', history: 7 } as never),
    'join() with a history that is null': (room) => room.join({ nick: 'j', history: null } as never),
    'join() with maxstanzas that is a text': (room) => room.join({ nick: 'j', history: { maxstanzas: '5' } } as never),
    'join() with maxstanzas that is not a number': (room) =>
      room.join({ nick: 'j', history: { maxstanzas: Number.NaN } }),
    'join() with a since that is a text': (room) => room.join({ nick: 'j', history: { since: 'yesterday' } } as never),
    'join() with a since that is no date': (room) => room.join({ nick: 'j', history: { since: new Date('x') } }),
    'join() with a signal that is none': (room) => room.join({ nick: 'j', signal: {} } as never),
    'send() without a text': (room) => room.send(undefined as never),
    'send() with a number': (room) => room.send(7 as never),
    'send() with null': (room) => room.send(null as never),
    'send() with an empty text': (room) => room.send(''),
    'send() with a body that is a number': (room) => room.send({ body: 7 } as never),
    'send() with a time that is a text': (room) => room.send('x', { timeoutMs: '5' } as never),
    'send() with a time that is not a number': (room) => room.send('x', { timeoutMs: Number.NaN }),
    'send() with a time below zero': (room) => room.send('x', { timeoutMs: -1 }),
    'leave() with a status that is a number': (room) => room.leave({ status: 7 } as never),
    'leave() with everywhere that is a text': (room) => room.leave({ everywhere: 'yes' } as never),
    'on() with a listener that is none': (room) => room.on('message', undefined as never),
  }

  test.each(Object.keys(calls))('%s throws a TypeError at once', (name) => {
    expect(thrown(() => calls[name]?.(tab.room))).toBeInstanceOf(TypeError)
  })

  test.each(['', '  ', 'a\nb', '\u0000', '\ud800', 'x'.repeat(1024)])(
    'the nick %j throws jid-malformed at once, and nothing goes out: some rooms never answer to it',
    async (nick) => {
      const before = stage.upstream.sent.length

      expect(thrown(() => tab.account.room('other@rooms.example').join({ nick }))).toBe('jid-malformed')
      await stage.settle()

      expect(stage.upstream.sent.length).toBe(before)
    },
  )

  test('leaves the room as it was', async () => {
    for (const call of Object.values(calls)) thrown(() => call(tab.room))
    await stage.settle()

    expect(tab.room.state).toBe('in')
  })
})

describe('a room', () => {
  test('is out at first, and empty', async () => {
    const { room } = await stage.tab()

    expect(room.jid).toBe(ROOM)
    expect([room.state, room.nick, room.self, room.occupants.size, room.subject]).toEqual([
      'out',
      undefined,
      undefined,
      0,
      { text: '' },
    ])
  })

  test('is joining while it waits, and in when it is', async () => {
    stage.room.enter('romeo')
    const { room } = await stage.tab()
    const states: string[] = []
    room.subscribe(() => states.push(room.state))

    const joining = room.join({ nick: 'juliet' })
    expect(room.state).toBe('joining')
    await stage.until(joining)
    await stage.settle()

    expect(states).toEqual(['joining', 'in'])
  })

  test('is always the same object for an address, however it is written', async () => {
    const { account } = await stage.tab()

    expect(account.room('Garden@Rooms.Example')).toBe(account.room(ROOM))
    expect(account.room('other@rooms.example')).not.toBe(account.room(ROOM))
    expect([...account.rooms.keys()]).toEqual([ROOM, 'other@rooms.example'])
  })
})

describe('a join that fails', () => {
  test('gives the code of the room, and leaves the room out', async () => {
    const { room } = await stage.tab()
    stage.room.enter('romeo')

    const error = await stage.failure(room.join({ nick: 'romeo' }))

    expect(error).toBeInstanceOf(MinimixError)
    expect(error).toMatchObject({ code: 'room-nick-conflict', nick: 'romeo', condition: 'conflict', retry: false })
    expect(room.state).toBe('out')
  })

  test('can be followed by one that does not', async () => {
    const { room } = await stage.tab()
    stage.room.refuse = (_nick, password) => (password === 'right' ? undefined : 'not-authorized')
    await stage.failure(room.join({ nick: 'juliet', password: 'wrong' }))

    await stage.until(room.join({ nick: 'juliet', password: 'right' }))

    expect(room.state).toBe('in')
  })

  test('by silence is timeout, after thirty seconds', async () => {
    const { room } = await stage.tab()
    stage.room.deaf = true
    const failing = stage.failure(room.join({ nick: 'juliet' }))
    await stage.settle()

    await stage.pass(30_000)

    expect(await failing).toMatchObject({ code: 'timeout', retry: true })
    expect(room.state).toBe('out')
  })

  test('because it was aborted lets go of the room', async () => {
    const { account, room } = await stage.tab()
    stage.room.deaf = true
    const ending = new AbortController()
    const failing = stage.failure(room.join({ nick: 'juliet', signal: ending.signal }))
    await stage.settle()

    ending.abort()

    expect(await failing).toMatchObject({ code: 'aborted' })
    await stage.pass(5_000)
    expect((await stage.until(account.inspect())).rooms).toEqual([])
    expect(room.state).toBe('out')
  })

  test('because it was aborted before goes nowhere', async () => {
    const { account, room } = await stage.tab()

    const failing = stage.failure(room.join({ nick: 'juliet', signal: AbortSignal.abort() }))

    expect(await failing).toMatchObject({ code: 'aborted' })
    await stage.pass(5_000)
    expect((await stage.until(account.inspect())).rooms).toEqual([])
  })

  test('because another join took its place leaves that one alone', async () => {
    const { room } = await stage.tab()
    stage.room.deaf = true

    const first = stage.failure(room.join({ nick: 'juliet' }))
    await stage.settle()
    const second = room.join({ nick: 'juliet' })

    expect(await first).toMatchObject({ code: 'aborted' })
    expect(room.state).toBe('joining')
    stage.room.deaf = false
    stage.upstream.stream.end('closed')
    await stage.pass(1_000)
    await stage.until(second)
    expect(room.state).toBe('in')
  })

  test('because the tab left first is aborted, and the room is out', async () => {
    const { room } = await stage.tab()
    stage.room.deaf = true

    const joining = stage.failure(room.join({ nick: 'juliet' }))
    await stage.settle()
    const leaving = room.leave()
    await stage.settle()
    await stage.pass(5_000)

    expect(await joining).toMatchObject({ code: 'aborted' })
    await stage.until(leaving)
    expect(room.state).toBe('out')
  })

  test('while the room is interrupted does not leave it interrupted for ever', async () => {
    const tab = await stage.tabInRoom()
    stage.upstream.stream.end('closed')
    await stage.settle()
    stage.room.refuse = () => 'forbidden'

    const failing = stage.failure(tab.room.join({ nick: 'juliet' }))
    await stage.pass(1_000)

    expect(await failing).toMatchObject({ code: 'room-banned' })
    expect(tab.room.state).not.toBe('interrupted')
  })
})

describe('a join again', () => {
  test('of a room that this tab is in is answered, and nobody hears of it', async () => {
    const tab = await stage.tabInRoom()
    const before = tab.heard.length

    const result = await stage.until(tab.room.join({ nick: 'juliet' }))

    expect(result).toMatchObject({ nick: 'juliet', nickAssigned: false })
    expect(tab.heard.length).toBe(before)
  })

  test('after a kick is a real one', async () => {
    const tab = await stage.tabInRoom()
    stage.room.exit('juliet', { codes: [307] })
    await stage.settle()

    await stage.until(tab.room.join({ nick: 'juliet' }))

    expect(tab.room.state).toBe('in')
    expect(stage.room.nicks).toEqual(['juliet'])
  })
})

describe('a message that is sent', () => {
  test('can be an object', async () => {
    const { room } = await stage.tabInRoom()

    expect(await stage.until(room.send({ body: 'hello' }))).toMatchObject({ body: 'hello', state: 'delivered' })
  })

  test('has been told to this tab’s listeners when the call resolves', async () => {
    const tab = await stage.tabInRoom()
    const seen: string[][] = []

    await stage.until(tab.room.send('hello').then(() => seen.push(tab.bodies())))

    expect(seen).toEqual([['hello']])
  })

  test('without waiting is given back as it stands, and comes like any other', async () => {
    const tab = await stage.tabInRoom()

    const sent = await stage.until(tab.room.send('hello', { wait: false }))
    await stage.settle()

    expect(sent).toMatchObject({ state: 'sent', own: true, fromThisTab: true, history: false })
    expect(tab.all('message')).toMatchObject([{ originId: sent.id, body: 'hello', fromThisTab: true }])
  })

  test('to a room that takes its time is given back as it stands', async () => {
    const { room } = await stage.tabInRoom()
    stage.room.deaf = true
    const sending = room.send('hello', { timeoutMs: 5_000 })
    await stage.settle()

    await stage.pass(5_000)

    expect(await stage.until(sending)).toMatchObject({ state: 'sent', body: 'hello' })
  })

  test('with all the time in the world is waited for', async () => {
    const { room } = await stage.tabInRoom()

    expect(await stage.until(room.send('hello', { timeoutMs: Number.POSITIVE_INFINITY }))).toMatchObject({
      state: 'delivered',
    })
  })

  test('to a room that this tab is not in fails', async () => {
    const { room } = await stage.tab()

    expect(await stage.failure(room.send('hello'))).toMatchObject({ code: 'not-joined', retry: false })
  })

  test('while the stream is away waits for it in the outbox, and is answered when the room has it', async () => {
    const { room } = await stage.tabInRoom()
    await stage.until(room.send('before'))
    stage.upstream.stream.end('closed')
    await stage.settle()
    const sending = room.send('hello')
    await stage.settle()
    expect(room.outbox).toMatchObject([{ body: 'hello', state: 'queued', own: true, fromThisTab: true }])

    await stage.pass(1_000)

    expect(await stage.until(sending)).toMatchObject({ body: 'hello', state: 'delivered' })
    expect(room.outbox).toEqual([])
    expect(stage.room.archive.map(({ body }) => body)).toEqual(['before', 'hello'])
  })
})

describe('a snapshot', () => {
  test('is the same object until something changes', async () => {
    const { room } = await stage.tabInRoom()
    const before = room.snapshot()

    stage.room.say('romeo', 'a message changes nothing in it')
    await stage.settle()
    expect(room.snapshot()).toBe(before)
    stage.room.enter('nurse')
    await stage.settle()

    expect(room.snapshot()).not.toBe(before)
    expect(room.snapshot().occupants.has('nurse')).toBe(true)
  })

  test('does not change afterwards', async () => {
    const { room } = await stage.tabInRoom()
    const { occupants } = room

    stage.room.enter('nurse')
    await stage.settle()

    expect(occupants.has('nurse')).toBe(false)
    expect(room.occupants.has('nurse')).toBe(true)
  })

  test('is told to subscribers once for a batch, and not at all where nothing has changed', async () => {
    const { room } = await stage.tabInRoom()
    const told: unknown[] = []
    room.subscribe(() => told.push(room.snapshot()))

    stage.room.say('romeo', 'hark')
    await stage.settle()
    expect(told).toHaveLength(0)
    for (const nick of ['nurse', 'tybalt', 'mercutio']) stage.room.enter(nick)
    await stage.settle()

    expect(told).toEqual([room.snapshot()])
  })

  test('is told to nobody who has taken themselves off', async () => {
    const { room } = await stage.tabInRoom()
    const told: unknown[] = []
    const off = room.subscribe(() => told.push(1))

    off()
    stage.room.enter('nurse')
    await stage.settle()

    expect(told).toEqual([])
  })

  test('is told to the others where one of them throws', async () => {
    const { room } = await stage.tabInRoom()
    const told: unknown[] = []
    room.subscribe(() => {
      throw new Error('broken subscriber')
    })
    room.subscribe(() => told.push(1))

    stage.room.enter('nurse')
    await stage.settle()

    expect(told).toEqual([1])
    expect(stage.reported).toHaveLength(1)
  })

  test('shows ourselves', async () => {
    const { room } = await stage.tabInRoom()

    expect(room.snapshot()).toMatchObject({ state: 'in', nick: 'juliet', self: { nick: 'juliet', own: true } })
  })
})

test('history is given as it was asked for, each tab its own', async () => {
  for (let i = 0; i < 30; i++) stage.room.say('romeo', `message ${i}`)
  const wishes: NonNullable<JoinOptions['history']>[] = [{ maxstanzas: 0 }, { maxstanzas: 3 }, {}, { maxchars: 0 }]

  const given: number[] = []
  for (const history of wishes) given.push((await stage.tabInRoom({ history })).bodies().length)

  expect(given).toEqual([0, 3, 20, 0])
})
