import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MinimixError } from '../../src/contract/errors.ts'
import { ROOM } from '../support/fakes/room-xml.ts'
import { type TabStage, tabStage } from '../support/fakes/tab-pair.ts'

let stage: TabStage
beforeEach(() => {
  stage = tabStage()
})
afterEach(() => stage.end())

describe('the status', () => {
  test('is told with each change, and once', async () => {
    const { account } = await stage.tab()
    const told: string[] = []
    account.on('status', ({ status }) => told.push(status))

    stage.upstream.stream.end('closed')
    await stage.settle()
    await stage.pass(1_000)

    expect(told).toEqual(['interrupted', 'online'])
  })

  test('carries the error where there is one', async () => {
    const { account } = await stage.tab()
    const told: unknown[] = []
    account.on('status', (event) => told.push(event))

    stage.upstream.stream.end('conflict', 'conflict: replaced')
    await stage.settle()

    expect(told).toEqual([{ status: 'offline', error: expect.any(MinimixError) }])
    expect(account.status).toBe('offline')
  })

  test('is the same in every tab', async () => {
    const [t1, t2] = [await stage.tab(), await stage.tab()]

    stage.upstream.stream.end('closed')
    await stage.settle()

    expect([t1.account.status, t2.account.status]).toEqual(['interrupted', 'interrupted'])
  })

  test('is not heard by a listener that was taken off', async () => {
    const { account } = await stage.tab()
    const told: unknown[] = []
    const ending = new AbortController()
    account.on('status', (event) => told.push(event), { signal: ending.signal })

    ending.abort()
    stage.upstream.stream.end('closed')
    await stage.settle()

    expect(told).toEqual([])
  })
})

describe('room()', () => {
  test.each([[undefined], [null], [7], [{}]])('throws a TypeError for %j', async (value) => {
    const { account } = await stage.tab()

    expect(() => account.room(value as never)).toThrow(TypeError)
  })

  test.each(['', `${ROOM}/nick`, 'a b@c', '@c'])('throws jid-malformed for %j', async (jid) => {
    const { account } = await stage.tab()

    expect(() => account.room(jid)).toThrow(expect.objectContaining({ code: 'jid-malformed' }))
  })
})

describe('inspect()', () => {
  test('says what the worker is doing', async () => {
    const tab = await stage.tabInRoom()

    const inspection = await stage.until(tab.account.inspect())

    expect(inspection).toMatchObject({
      instance: 'life-1',
      status: 'online',
      wire: { connections: 1, joins: 1, leaves: 0 },
      tabs: [{ rooms: [ROOM] }],
      rooms: [{ jid: ROOM, phase: 'in', tabs: 1 }],
    })
    expect(inspection.log.length).toBeGreaterThan(0)
  })

  test('shows that everything was acknowledged', async () => {
    const tab = await stage.tabInRoom()
    await stage.settle()

    const [mine] = (await stage.until(tab.account.inspect())).tabs

    expect(mine).toMatchObject({ queued: 0 })
    expect(mine?.ackedSeq).toBe((mine?.nextSeq ?? 0) - 1)
  })
})

describe('detach()', () => {
  test('takes this tab out, and the others go on', async () => {
    const [t1, t2] = [await stage.tabInRoom(), await stage.tabInRoom()]

    await stage.until(t1.account.detach())
    stage.room.say('romeo', 'hark')
    await stage.settle()

    expect([t1.bodies(), t2.bodies()]).toEqual([[], ['hark']])
    expect((await stage.until(t2.account.inspect())).tabs).toHaveLength(1)
    expect(t1.account.status).toBe('offline')
  })

  test('lets go of the lock of the tab', async () => {
    const { account } = await stage.tab()
    const { tabs } = await stage.until(account.inspect())
    const lock = `minimix:tab:${tabs[0]?.id}`
    expect(stage.locks.isHeld(lock)).toBe(true)

    await stage.until(account.detach())
    await stage.settle()

    expect(stage.locks.isHeld(lock)).toBe(false)
  })

  test('ends within a second where the worker does not answer', async () => {
    const { account } = await stage.tab()
    stage.worker.die()

    const detaching = account.detach()
    await stage.pass(1_000)

    await stage.until(detaching)
    expect(account.status).toBe('offline')
  })

  test('makes every later call fail', async () => {
    const tab = await stage.tabInRoom()
    await stage.until(tab.account.detach())

    expect(await stage.failure(tab.room.send('hello'))).toMatchObject({ code: 'worker-gone' })
    expect(await stage.failure(tab.account.inspect())).toMatchObject({ code: 'worker-gone' })
  })

  test('can be called twice', async () => {
    const { account } = await stage.tab()
    await stage.until(account.detach())

    await stage.until(account.detach())
  })

  test('does not bring the tab back when the worker dies', async () => {
    const { account } = await stage.tab()
    await stage.until(account.detach())

    stage.worker.die()
    await stage.settle()

    expect(stage.counts.started).toBe(1)
  })

  test('is what the end of a block does', async () => {
    const { account } = await stage.tab()

    await stage.until(account[Symbol.asyncDispose]())

    expect(account.status).toBe('offline')
  })
})

describe('logout()', () => {
  test('ends the session for every tab', async () => {
    const [t1, t2] = [await stage.tabInRoom(), await stage.tabInRoom()]

    await stage.until(t1.account.logout())
    await stage.settle()

    expect(stage.upstream.stream.closed).toBe(true)
    for (const tab of [t1, t2]) {
      expect([tab.account.status, tab.room.state]).toEqual(['offline', 'out'])
      expect(tab.all('left')).toEqual([{ everywhere: true }])
    }
  })

  test.each([{ wipe: 'yes' }, { wipe: 1 }, { wipe: null }])('throws a TypeError at once for %j', async (options) => {
    const { account } = await stage.tab()

    expect(() => void account.logout(options as never).catch(() => undefined)).toThrow(TypeError)
  })

  test('makes a join fail with offline, instead of waiting for a connection that nobody wants', async () => {
    const tab = await stage.tab()
    await stage.until(tab.account.logout())
    await stage.settle()

    const outcomes: unknown[] = []
    tab.room.join({ nick: 'juliet' }).catch((error: unknown) => outcomes.push(error))
    await stage.settle()

    expect(outcomes).toMatchObject([{ code: 'offline' }])
  })
})

describe('the events of the account', () => {
  test('a listener that throws silences no other', async () => {
    const { account, room } = await stage.tab()
    const heard: unknown[] = []
    account.on('membership', () => {
      throw new Error('broken listener')
    })
    account.on('membership', (event) => heard.push(event))

    await stage.until(room.join({ nick: 'juliet' }))
    await stage.settle()

    expect(heard).toEqual([{ room: ROOM, change: 'joined', by: 'this-tab' }])
    expect(stage.reported).toHaveLength(1)
  })

  test('no further worker is told as an error once, and the account is offline', async () => {
    let broken = false
    stage.end()
    stage = tabStage({
      worker(spawn) {
        if (!broken) return spawn()
        const { port1 } = new MessageChannel()
        return { port: port1, onerror: null } as unknown as SharedWorker // one that never answers
      },
    })
    const tab = await stage.tabInRoom()
    const errors: unknown[] = []
    tab.account.on('error', (error) => errors.push(error))

    broken = true
    stage.worker.die()
    await stage.settle()
    for (let i = 0; i < 3; i++) await stage.pass(3_000)

    expect(errors).toMatchObject([{ code: 'worker-unavailable' }])
    expect(tab.account.status).toBe('offline')
    expect(await stage.failure(tab.room.send('hello'))).toMatchObject({ code: 'worker-gone' })
  })
})
