import { afterEach, describe, expect, test } from 'vitest'
import { exposeApi } from '../../src/adapters/comlink.ts'
import { webLocks } from '../../src/adapters/web-locks.ts'
import { Door } from '../../src/broker/door.ts'
import type { EventPort } from '../../src/broker/ports.ts'
import { CONTRACT_VERSION } from '../../src/contract/api.ts'
import { failure } from '../../src/contract/errors.ts'
import { doorPage, helloOf } from '../support/fakes/door-page.ts'
import { lockTable } from '../support/fakes/fake-locks.ts'
import { deferred, turns } from '../support/fakes/turn.ts'

const ports: MessagePort[] = []
afterEach(() => {
  for (const port of ports.splice(0)) port.close()
})

function channel(): MessageChannel {
  const made = new MessageChannel()
  ports.push(made.port1, made.port2)
  return made
}

function stage({ held = Promise.resolve() as Promise<unknown> } = {}) {
  const locks = lockTable()
  const worker = locks.agent()
  const attached: { tab: string; port: EventPort }[] = []
  const happened: string[] = []
  const door = new Door({
    instance: 'life-1',
    lock: { name: 'minimix:broker:life-1', held },
    locks: webLocks(worker.manager),
    entranceOf: (account) =>
      account === 'juliet@capulet.example'
        ? Promise.resolve({
            attach(tab: string, port: EventPort) {
              attached.push({ tab, port })
              return {
                api: { call: async (name: string) => ({ ok: true, value: name, afterSeq: 0 }) as never },
                acknowledge: (seq: number) => void happened.push(`ack ${seq}`),
                suspend: () => void happened.push(`suspend ${tab}`),
                detach: () => void happened.push(`detach ${tab}`),
              }
            },
          })
        : Promise.reject(new Error('this worker serves juliet@capulet.example')),
    expose: exposeApi,
  })

  const page = () => doorPage({ locks, open: (port, portsOf) => door.open(port, portsOf), ports })
  return { attached, happened, page, door }
}

test('whoever connects is told first that the worker is there, in which life, and the lock that it holds', async () => {
  const { heard } = stage().page()
  await turns(2)

  expect(heard).toEqual([
    { minimix: 'born', contract: CONTRACT_VERSION, instance: 'life-1', lock: 'minimix:broker:life-1' },
  ])
})

test('whoever connects hears nothing until the worker holds its own lock: without it the worker would look dead', async () => {
  const { promise, resolve } = deferred()
  const { heard } = stage({ held: promise }).page()
  await turns(2)
  expect(heard).toEqual([])

  resolve()
  await turns(2)

  expect(heard.map(({ minimix }) => minimix)).toEqual(['born'])
})

test('whoever connects to a worker that gets no lock is refused, and knows why', async () => {
  const { heard } = stage({ held: Promise.reject(new Error('no locks here')) }).page()
  await turns(2)

  expect(heard).toMatchObject([
    { minimix: 'refused', error: { code: 'worker-unavailable', message: expect.stringContaining('no locks here') } },
  ])
})

describe('a tab that says hello', () => {
  test('is let in', async () => {
    const { attached, page } = stage()
    const { hello, heard } = page()

    await hello()

    expect(attached.map(({ tab }) => tab)).toEqual(['t1'])
    expect(heard.at(-1)).toEqual({ minimix: 'welcome', contract: CONTRACT_VERSION, instance: 'life-1' })
  })

  test('can call, and is answered', async () => {
    const { api } = await stage().page().hello()

    const reply = api.call('inspect', null)
    await turns(3)

    expect(await reply).toEqual({ ok: true, value: 'inspect', afterSeq: 0 })
  })

  test('gets events, and acknowledges them', async () => {
    const { attached, happened, page } = stage()
    const { events, batches } = await page().hello()

    attached[0]?.port.post({ instance: 'life-1', seq: 1, events: [] })
    await turns(2)
    events.postMessage({ ack: 1 })
    await turns(2)

    expect(batches).toEqual([{ instance: 'life-1', seq: 1, events: [] }])
    expect(happened).toEqual(['ack 1'])
  })

  test.each([[{ ack: 'x' }], [{}], [null], ['ack'], [7]])('and then %j acknowledges nothing', async (nonsense) => {
    const { happened, page } = stage()
    const { events } = await page().hello()

    events.postMessage(nonsense)
    await turns(2)

    expect(happened).toEqual([])
  })

  test('is answered when it asks whether anybody is there', async () => {
    const { events, batches } = await stage().page().hello()

    events.postMessage({ ping: 7 })
    await turns(2)

    expect(batches).toEqual([{ pong: 7 }])
  })

  test('is told nothing from when the browser keeps its page', async () => {
    const { happened, page } = stage()
    const { events } = await page().hello()

    events.postMessage({ going: 'kept' })
    await turns(2)

    expect(happened).toEqual(['suspend t1'])
  })

  test('is let go of when it says that it goes, before its lock falls free, and once', async () => {
    const { happened, page, door } = stage()
    const { agent, hello } = page()
    const { events } = await hello()
    expect(door.isEmpty).toBe(false)

    events.postMessage({ going: 'for-good' })
    await turns(2)
    expect([happened, door.isEmpty]).toEqual([['detach t1'], true])
    agent.die()
    await turns(2)

    expect(happened.slice(1).filter((what) => what !== 'detach t1')).toEqual([])
  })

  test('is let go of when its lock falls free, however it ended', async () => {
    const { happened, page } = stage()
    const { agent, hello } = page()
    await hello()
    expect(happened).toEqual([])

    agent.die()
    await turns(2)

    expect(happened).toEqual(['detach t1'])
  })

  test('without holding its lock is taken for one that has died', async () => {
    const { happened, page } = stage()
    await page().hello({ lock: 'minimix:tab:never-held' })

    expect(happened).toEqual(['detach t1'])
  })
})

describe('a tab that is not let in', () => {
  test.each([0, CONTRACT_VERSION + 1, -1, 1.5])('because it speaks version %d is told to reload', async (contract) => {
    const { attached, page } = stage()
    const { hello, heard } = page()

    await hello({ contract })

    expect(attached).toEqual([])
    expect(heard.at(-1)).toMatchObject({ minimix: 'refused', contract: CONTRACT_VERSION, error: { code: 'outdated' } })
  })

  test('because it wants another account is told so', async () => {
    const { attached, page, door } = stage()
    const { hello, heard } = page()

    await hello({ account: 'romeo@montague.example' })

    expect(attached).toEqual([])
    expect(heard.at(-1)).toMatchObject({ minimix: 'refused', error: { code: 'worker-unavailable' } })
    expect(door.isEmpty).toBe(true)
  })

  test.each([
    ['no hello', { minimix: 'hi' }],
    ['a contract that is no number', { contract: '1' }],
    ['no tab', { tab: undefined }],
    ['a lock that is no name', { lock: 7 }],
    ['an account that is no name', { account: null }],
  ])('because it sends %s hears nothing', async (_what, words) => {
    const { attached, page } = stage()
    const { hello, heard } = page()

    await hello(words)

    expect(attached).toEqual([])
    expect(heard.map(({ minimix }) => minimix)).toEqual(['born'])
  })

  test.each([['hello'], [null], [7], [[]]])('because it sends %j hears nothing', async (nonsense) => {
    const { attached, page } = stage()
    const { port, heard } = page()

    port.postMessage(nonsense)
    await turns(2)

    expect(attached).toEqual([])
    expect(heard).toHaveLength(1)
  })

  test('because it hands over no ports hears nothing', async () => {
    const { attached, page } = stage()
    const { port } = page()

    port.postMessage(helloOf('t1'))
    await turns(2)

    expect(attached).toEqual([])
  })
})

describe('a door that is closed', () => {
  test('lets nobody in, and tells nobody anything', async () => {
    const { attached, page, door } = stage()
    const { hello, heard } = page()
    await turns(2)

    door.close()
    await hello()

    expect(attached).toEqual([])
    expect(heard.map(({ minimix }) => minimix)).toEqual(['born'])
    expect(door.isEmpty).toBe(true)
  })

  test('with a failure tells it to whoever is in', async () => {
    const { page, door } = stage()
    const [guest, other] = [page(), page()]
    await guest.hello()

    door.close(failure('outdated', 'reload'))
    await turns(2)

    expect(guest.heard.at(-1)).toMatchObject({ minimix: 'refused', error: { code: 'outdated' } })
    expect(other.heard.map(({ minimix }) => minimix)).toEqual(['born'])
  })

  test('says no birth afterwards', async () => {
    const { promise, resolve } = deferred()
    const { page, door } = stage({ held: promise })
    const { heard } = page()

    door.close()
    resolve()
    await turns(2)

    expect(heard).toEqual([])
  })
})

test('a tab that says hello twice is let in twice, and let go of twice: the second does no harm', async () => {
  const { attached, happened, page } = stage()
  const { agent, hello } = page()
  await hello()
  const { port, heard } = page()
  const [calls, events] = [channel(), channel()]
  port.postMessage(helloOf('t1'), [calls.port2, events.port2])
  await turns(4)
  agent.die()
  await turns(3)

  expect(attached).toHaveLength(2)
  expect(heard.at(-1)?.minimix).toBe('welcome')
  expect(happened).toEqual(['detach t1', 'detach t1'])
})
