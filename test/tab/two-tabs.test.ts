import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { JoinResult } from '../../src/contract/model.ts'
import { memoryStore } from '../../src/storage/memory-store.ts'
import { gone, ROOM } from '../support/fakes/room-xml.ts'
import { type Tab, type TabStage, tabStage } from '../support/fakes/tab-pair.ts'

let stage: TabStage
beforeEach(() => {
  stage = tabStage()
})
afterEach(() => stage.end())

const names = (tab: Tab): string[] => tab.heard.map(({ name }) => name)
const joins = (): number =>
  stage.upstream.sent.filter(
    ({ name, attrs, children }) => name === 'presence' && !attrs['type'] && children.length > 0,
  ).length
const leaves = (): number => stage.upstream.sent.filter(({ attrs }) => attrs['type'] === 'unavailable').length

describe('two tabs', () => {
  test('are one occupant: one connection, one join, and both see the same', async () => {
    stage.room.enter('romeo')

    const [t1, t2] = [await stage.tabInRoom(), await stage.tabInRoom()]

    expect(stage.upstream.streams).toHaveLength(1)
    expect(stage.counts.started).toBe(1)
    expect(joins()).toBe(1)
    expect(stage.room.nicks).toEqual(['romeo', 'juliet'])
    expect([...t2.room.occupants]).toEqual([...t1.room.occupants])
    expect(t2.room.self).toMatchObject({ nick: 'juliet', own: true })
  })

  test('hear the order of XEP-0045, the second as the first', async () => {
    stage.room.enter('romeo')
    stage.room.say('romeo', 'yesterday')
    stage.room.setSubject('romeo', 'Verona')

    const [t1, t2] = [await stage.tabInRoom(), await stage.tabInRoom()]

    for (const tab of [t1, t2]) {
      expect(names(tab)).toEqual(['occupant-joined', 'joined', 'message', 'subject'])
      expect(tab.all('occupant-joined')).toMatchObject([{ initial: true, synthetic: false }])
      expect(tab.all('message')).toMatchObject([{ body: 'yesterday', history: true, fromThisTab: false }])
      expect(tab.room.subject.text).toBe('Verona')
    }
  })

  test('have joined when all of it has been told', async () => {
    stage.room.say('romeo', 'yesterday')
    const tab = await stage.tab()
    const seen: string[][] = []

    await stage.until(tab.room.join({ nick: 'juliet' }).then(() => seen.push(names(tab))))

    expect(seen).toEqual([['joined', 'message', 'subject']])
  })

  test('get a message of one of them once each, and only its writer knows it as its own', async () => {
    const [t1, t2] = [await stage.tabInRoom(), await stage.tabInRoom()]

    const sent = await stage.until(t1.room.send('hello'))

    expect(sent).toMatchObject({ id: 'a-1', state: 'delivered', own: true, fromThisTab: true, history: false })
    await stage.settle()
    expect(t1.all('message')).toMatchObject([{ id: 'a-1', body: 'hello', own: true, fromThisTab: true }])
    expect(t2.all('message')).toMatchObject([{ id: 'a-1', body: 'hello', own: true, fromThisTab: false }])
  })

  test('see one order of what both send at once', async () => {
    const [t1, t2] = [await stage.tabInRoom(), await stage.tabInRoom()]

    const sending = Array.from({ length: 50 }, (_, i) => [t1.room.send(`one ${i}`), t2.room.send(`two ${i}`)]).flat()
    await stage.until(Promise.all(sending))
    await stage.settle()

    expect(t1.bodies()).toHaveLength(100)
    expect(t2.bodies()).toEqual(t1.bodies())
    expect(t1.all('message').filter(({ fromThisTab }) => fromThisTab)).toHaveLength(50)
  })

  test('are told the nick in use where they ask for another', async () => {
    await stage.tabInRoom()
    const t2 = await stage.tab()

    const result = await stage.until(t2.room.join({ nick: 'capulet' }))

    expect(result).toEqual({ nick: 'juliet', codes: [110, 210], created: false, nickAssigned: true })
    expect(t2.room.nick).toBe('juliet')
  })

  test('are parted by a leave of one: the room hears nothing, the other goes on', async () => {
    const [t1, t2] = [await stage.tabInRoom(), await stage.tabInRoom()]

    await stage.until(t1.room.leave())
    stage.room.say('romeo', 'hark')
    await stage.settle()

    expect(leaves()).toBe(0)
    expect([t1.room.state, t1.room.nick, t1.room.occupants.size]).toEqual(['out', undefined, 0])
    expect([t1.bodies(), t2.bodies()]).toEqual([[], ['hark']])
    expect(t1.all('left')).toEqual([{ everywhere: false }])
  })

  test('are both out when one leaves everywhere', async () => {
    const [t1, t2] = [await stage.tabInRoom(), await stage.tabInRoom()]

    await stage.until(t1.room.leave({ everywhere: true }))
    await stage.settle()

    expect(leaves()).toBe(1)
    for (const tab of [t1, t2]) {
      expect(tab.all('left')).toEqual([{ everywhere: true }])
      expect(tab.room.state).toBe('out')
    }
  })

  test('know of each other’s rooms by the account', async () => {
    const t1 = await stage.tab()
    const t2 = await stage.tab()
    const heard: unknown[] = []
    t2.account.on('membership', (event) => heard.push(event))
    t1.account.on('membership', (event) => heard.push(event))

    await stage.until(t1.room.join({ nick: 'juliet' }))
    await stage.settle()
    await stage.until(t1.room.leave())
    await stage.settle()

    expect(heard).toEqual(
      expect.arrayContaining([
        { room: ROOM, change: 'joined', by: 'this-tab' },
        { room: ROOM, change: 'joined', by: 'other-tab' },
        { room: ROOM, change: 'left', by: 'this-tab' },
        { room: ROOM, change: 'left', by: 'other-tab' },
      ]),
    )
    expect([t1.account.memberships.size, t2.account.memberships.size]).toEqual([0, 0])
  })

  test('that attach later know what the account is in', async () => {
    await stage.tabInRoom()

    const t2 = await stage.tab()

    expect([...t2.account.memberships]).toEqual([[ROOM, { nick: 'juliet' }]])
  })

  test('are both told that the account was kicked, and nothing brings it back', async () => {
    const [t1, t2] = [await stage.tabInRoom(), await stage.tabInRoom()]

    stage.room.exit('juliet', { codes: [307], actor: 'tybalt', reason: 'go away' })
    await stage.settle()
    await stage.pass(60_000)

    for (const tab of [t1, t2]) {
      expect(tab.all('removed')).toEqual([{ kind: 'kicked', actor: 'tybalt', reason: 'go away' }])
      expect(tab.room.state).toBe('removed')
    }
    expect(joins()).toBe(1)
  })

  test('are both told of a nick change of ours', async () => {
    const [t1, t2] = [await stage.tabInRoom(), await stage.tabInRoom()]

    stage.room.rename('juliet', 'capulet')
    await stage.settle()

    for (const tab of [t1, t2]) {
      expect(tab.all('nick-changed')).toMatchObject([
        { own: true, before: { nick: 'juliet' }, occupant: { nick: 'capulet' } },
      ])
      expect([tab.room.nick, tab.room.self?.nick]).toEqual(['capulet', 'capulet'])
    }
  })
})

test('ten tabs at once are one occupant', async () => {
  const tabs = await Promise.all(
    Array.from({ length: 10 }, () => stage.connect()).map(({ connecting }) => stage.until(connecting)),
  )

  const results = await stage.until(Promise.all(tabs.map((account) => account.room(ROOM).join({ nick: 'juliet' }))))

  expect(stage.upstream.streams).toHaveLength(1)
  expect(joins()).toBe(1)
  expect(results.map(({ created }) => created).filter(Boolean)).toHaveLength(1)
  for (const account of tabs) expect(account.room(ROOM).state).toBe('in')
})

describe('a tab that dies', () => {
  test('lets go: its lock falls free, and the room stays for the other', async () => {
    const [t1, t2] = [await stage.tabInRoom(), await stage.tabInRoom()]

    t1.die()
    await stage.settle()

    const { tabs, rooms } = await stage.until(t2.account.inspect())
    expect(tabs).toHaveLength(1)
    expect(rooms).toMatchObject([{ tabs: 1 }])
    expect(leaves()).toBe(0)
  })

  test('hears nothing more', async () => {
    const [t1, t2] = [await stage.tabInRoom(), await stage.tabInRoom()]
    t1.die()
    await stage.settle()

    stage.room.say('romeo', 'hark')
    await stage.settle()

    expect([t1.bodies(), t2.bodies()]).toEqual([[], ['hark']])
  })

  test('as the last one, and comes back within the time: the room sees nothing', async () => {
    const t1 = await stage.tabInRoom()
    t1.die()
    await stage.pass(5_000)
    stage.room.say('romeo', 'meanwhile')
    await stage.settle()

    const t2 = await stage.tabInRoom()

    expect([joins(), leaves()]).toEqual([1, 0])
    expect(t2.all('message')).toMatchObject([{ body: 'meanwhile', history: true }])
  })
})

describe('the worker dies', () => {
  test('and what is called fails with worker-gone', async () => {
    const tab = await stage.tabInRoom()
    stage.room.deaf = true
    const sending = tab.room.send('hello')
    const inspecting = stage.failure(sending)

    stage.worker.die()

    expect(await inspecting).toMatchObject({ name: 'MinimixError', code: 'worker-gone', retry: true })
  })

  test('and the tabs find another, and are in again: the room sees one join, the listeners an interruption', async () => {
    stage.room.enter('romeo')
    const [t1, t2] = [await stage.tabInRoom(), await stage.tabInRoom()]

    stage.worker.die()
    await stage.settle()
    await stage.settle()

    expect(stage.counts.started).toBe(2)
    expect(joins()).toBe(2)
    for (const tab of [t1, t2]) {
      expect(names(tab).slice(3)).toEqual(['interrupted', 'resumed'])
      expect(tab.all('interrupted')).toEqual([{ cause: 'worker' }])
      expect([tab.room.state, tab.account.status]).toEqual(['in', 'online'])
    }
  })

  test('and nothing is missed, and nothing comes twice', async () => {
    const [t1, t2] = [await stage.tabInRoom(), await stage.tabInRoom()]
    stage.room.say('romeo', 'before')
    await stage.settle()

    stage.worker.die()
    stage.room.say('romeo', 'while there was no worker')
    await stage.settle()
    await stage.settle()
    stage.room.say('romeo', 'after')
    await stage.settle()

    for (const tab of [t1, t2]) {
      expect(tab.bodies()).toEqual(['before', 'while there was no worker', 'after'])
      expect(tab.all('message').map(({ history }) => history)).toEqual([false, false, false])
    }
  })

  test('and the tabs hear who has come and gone meanwhile, worked out', async () => {
    for (const nick of ['romeo', 'carol', 'erin']) stage.room.enter(nick)
    const tab = await stage.tabInRoom()

    stage.worker.die()
    stage.room.exit('carol')
    stage.room.enter('dave')
    stage.room.rename('erin', 'erin2')
    await stage.settle()
    await stage.settle()

    const after = tab.heard.slice(tab.heard.findIndex(({ name }) => name === 'interrupted') + 1)
    expect(after.map(({ name }) => name)).toEqual(['occupant-left', 'nick-changed', 'occupant-joined', 'resumed'])
    expect(tab.all('nick-changed')).toMatchObject([{ synthetic: true, before: { nick: 'erin' }, own: false }])
    expect([...tab.room.occupants.keys()].sort()).toEqual(['dave', 'erin2', 'juliet', 'romeo'])
  })

  test('and a tab that joined without history misses nothing that was said meanwhile, and gets nothing older', async () => {
    stage.room.say('romeo', 'yesterday')
    const tab = await stage.tabInRoom({ history: { maxstanzas: 0 } })

    stage.worker.die()
    stage.room.say('romeo', 'while there was no worker')
    await stage.settle()
    await stage.settle()

    expect(tab.bodies()).toEqual(['while there was no worker'])
  })

  test('and a tab misses nothing though it wants little history', async () => {
    const tab = await stage.tabInRoom({ history: { maxstanzas: 1 } })
    stage.room.say('romeo', 'one')
    await stage.settle()

    stage.worker.die()
    for (const body of ['two', 'three', 'four']) stage.room.say('romeo', body)
    await stage.settle()
    await stage.settle()

    expect(tab.bodies()).toEqual(['one', 'two', 'three', 'four'])
  })

  test('twice in a row, and nothing is missed', async () => {
    const tab = await stage.tabInRoom()

    for (const body of ['one', 'two', 'three']) {
      stage.worker.die()
      stage.room.say('romeo', body)
      await stage.settle()
      await stage.settle()
    }

    expect(tab.bodies()).toEqual(['one', 'two', 'three'])
    expect(stage.counts.started).toBe(4)
  })

  test('twice, the second time before the room was entered again: the tab has not left', async () => {
    const tab = await stage.tabInRoom()
    stage.room.deaf = true
    stage.worker.die()
    await stage.settle()
    stage.room.deaf = false

    stage.worker.die()
    stage.room.say('romeo', 'meanwhile')
    await stage.settle()
    await stage.settle()

    expect([names(tab).includes('left'), tab.room.state, tab.bodies()]).toEqual([false, 'in', ['meanwhile']])
  })

  test('and the app joins again by itself: its tab is told all that it missed all the same', async () => {
    const tab = await stage.tabInRoom()
    stage.room.say('romeo', 'heard')
    await stage.settle()
    const missed = Array.from({ length: 30 }, (_, n) => `missed ${n}`)

    const again = new Promise<JoinResult>((resolve) =>
      tab.account.on('status', ({ status }) => status === 'online' && resolve(tab.room.join({ nick: 'juliet' }))),
    )
    stage.worker.die()
    for (const body of missed) stage.room.say('romeo', body)
    expect(await stage.until(again)).toMatchObject({ nick: 'juliet' })
    await stage.settle()

    expect(tab.bodies()).toEqual(['heard', ...missed])
  })

  test('and the app asks to join in the same moment as its tab does by itself: its call is not taken back', async () => {
    const tab = await stage.tabInRoom()
    stage.room.deaf = true
    const again = new Promise<JoinResult>((resolve) =>
      tab.account.on('status', ({ status }) => status === 'online' && resolve(tab.room.join({ nick: 'juliet' }))),
    )
    stage.worker.die()
    await stage.settle()
    stage.room.deaf = false
    stage.upstream.stream.end('closed')

    expect(await stage.until(again)).toMatchObject({ nick: 'juliet' })
  })

  test('while a tab joins: its join fails, and it can join again', async () => {
    const tab = await stage.tab()
    stage.room.deaf = true
    const joining = stage.failure(tab.room.join({ nick: 'juliet' }))
    await stage.settle()

    stage.worker.die()
    stage.room.deaf = false

    expect(await joining).toMatchObject({ code: 'worker-gone' })
    await stage.settle()
    expect(tab.room.state).toBe('out')
    await stage.until(tab.room.join({ nick: 'juliet' }))
    expect(tab.room.state).toBe('in')
  })

  test('and a tab that had left stays out', async () => {
    const [t1, t2] = [await stage.tabInRoom(), await stage.tabInRoom()]
    await stage.until(t1.room.leave())

    stage.worker.die()
    await stage.settle()
    await stage.settle()

    expect([t1.room.state, t2.room.state]).toEqual(['out', 'in'])
  })

  test('and a message whose reflection it still stored comes once', async () => {
    const tab = await stage.tabInRoom()
    await stage.until(tab.room.send('hello'))

    stage.worker.die()
    await stage.settle()
    await stage.settle()

    expect(tab.bodies()).toEqual(['hello'])
  })

  test('and the room does not let the account in again: the tab is told, and is out', async () => {
    const tab = await stage.tabInRoom()
    const errors: unknown[] = []
    tab.account.on('error', (error) => errors.push(error))
    stage.room.refuse = () => 'forbidden'

    stage.worker.die()
    await stage.settle()
    await stage.settle()

    expect(tab.room.state).not.toBe('interrupted')
    expect(errors).toMatchObject([{ code: 'room-banned' }])
  })
})

describe('the worker dies while the server is away', () => {
  test('and the next one signs in when it is back, for tabs that were online before', async () => {
    const services = ['wss://capulet.example/']
    stage.end()
    stage = tabStage({ services })
    const tab = await stage.tabInRoom()

    services.length = 0
    stage.worker.die()
    await stage.settle()
    await stage.settle()
    services.push('wss://capulet.example/')
    await stage.pass(61_000)
    await stage.settle()

    expect([tab.account.status, tab.room.state]).toEqual(['online', 'in'])
  })
})

describe('where the archive dies with the worker', () => {
  test('nothing is missed that the room still has, and nothing comes twice', async () => {
    stage.end()
    stage = tabStage({ store: memoryStore })
    const tab = await stage.tabInRoom()
    const before = Array.from({ length: 30 }, (_, i) => `message ${i}`)
    for (const body of before) stage.room.say('romeo', body)
    await stage.settle()

    stage.worker.die()
    stage.room.say('romeo', 'while there was no worker')
    await stage.settle()
    await stage.settle()
    stage.room.say('romeo', 'after')
    await stage.settle()

    expect(tab.bodies()).toEqual([...before, 'while there was no worker', 'after'])
  })
})

describe('the stream is lost', () => {
  test('and back: both tabs are in again, and hear what was said', async () => {
    stage.room.say('romeo', 'before')
    const [t1, t2] = [await stage.tabInRoom(), await stage.tabInRoom()]

    stage.upstream.stream.end('closed')
    stage.room.say('romeo', 'meanwhile')
    await stage.settle()
    for (const tab of [t1, t2]) expect([tab.room.state, tab.account.status]).toEqual(['interrupted', 'interrupted'])
    await stage.pass(1_000)

    for (const tab of [t1, t2]) {
      expect([tab.room.state, tab.account.status]).toEqual(['in', 'online'])
      expect(tab.bodies()).toEqual(['before', 'meanwhile'])
      expect(names(tab).slice(3)).toEqual(['interrupted', 'message', 'resumed'])
    }
  })

  test('and a technical removal heals by itself', async () => {
    stage.room.enter('romeo')
    const tab = await stage.tabInRoom()

    stage.upstream.stream.deliver(gone('juliet', { codes: [110, 333] }))
    await stage.settle()
    expect(tab.room.state).toBe('interrupted')
    await stage.pass(3_000)

    expect(tab.room.state).toBe('in')
    expect(names(tab).slice(3)).toEqual(['interrupted', 'resumed'])
  })
})

describe('a listener that throws', () => {
  test('silences nobody, and is reported', async () => {
    const [t1, t2] = [await stage.tabInRoom(), await stage.tabInRoom()]
    const broken = new Error('broken listener')
    const heard: string[] = []
    t1.room.on('message', () => {
      throw broken
    })
    t1.room.on('message', ({ body }) => heard.push(body))

    stage.room.say('romeo', 'one')
    await stage.settle()
    stage.room.say('romeo', 'two')
    await stage.settle()

    expect(heard).toEqual(['one', 'two'])
    expect(t2.bodies()).toEqual(['one', 'two'])
    expect(stage.reported).toEqual([broken, broken])
  })

  test('does not keep a call waiting', async () => {
    const tab = await stage.tabInRoom()
    tab.room.on('message', () => {
      throw new Error('broken listener')
    })

    expect(await stage.until(tab.room.send('hello'))).toMatchObject({ body: 'hello' })
  })
})
