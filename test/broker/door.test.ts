import { afterEach, describe, expect, test } from 'vitest'
import { exposeApi, wrapApi } from '../../src/adapters/comlink.ts'
import { webLocks } from '../../src/adapters/web-locks.ts'
import { Door } from '../../src/broker/door.ts'
import type { EventPort } from '../../src/broker/ports.ts'
import { CONTRACT_VERSION } from '../../src/contract/api.ts'
import type { Greeting } from '../../src/contract/handshake.ts'
import { lockTable } from '../support/fakes/fake-locks.ts'
import { deferred, turns } from '../support/fakes/turn.ts'

const open: MessagePort[] = []
afterEach(() => {
  for (const port of open.splice(0)) port.close()
})

function channel(): MessageChannel {
  const made = new MessageChannel()
  open.push(made.port1, made.port2)
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

  /** A page: its end of the port, and what it heard there. */
  const page = () => {
    const agent = locks.agent()
    const { port1, port2 } = channel()
    const heard: Greeting[] = []
    port1.onmessage = ({ data }) => heard.push(data)
    door.open(port2, ({ ports }) => ports)
    const hello = async (words: object = {}) => {
      await webLocks(agent.manager).hold('minimix:tab:t1')
      const [calls, events] = [channel(), channel()]
      const batches: unknown[] = []
      events.port1.onmessage = ({ data }) => batches.push(data)
      const message = {
        minimix: 'hello',
        contract: CONTRACT_VERSION,
        tab: 't1',
        lock: 'minimix:tab:t1',
        account: 'juliet@capulet.example',
        ...words,
      }
      port1.postMessage(message, [calls.port2, events.port2])
      await turns(4)
      return { api: wrapApi(calls.port1), events: events.port1, batches }
    }
    return { agent, port: port1, heard, hello }
  }
  return { attached, happened, page }
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
    const { attached, page } = stage()
    const { hello, heard } = page()

    await hello({ account: 'romeo@montague.example' })

    expect(attached).toEqual([])
    expect(heard.at(-1)).toMatchObject({ minimix: 'refused', error: { code: 'worker-unavailable' } })
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

    port.postMessage({
      minimix: 'hello',
      contract: CONTRACT_VERSION,
      tab: 't1',
      lock: 'l',
      account: 'juliet@capulet.example',
    })
    await turns(2)

    expect(attached).toEqual([])
  })
})

test('a tab that says hello twice is let in twice, and let go of twice: the second does no harm', async () => {
  const { attached, happened, page } = stage()
  const { agent, hello } = page()
  await hello()
  const { port, heard } = page()
  const [calls, events] = [channel(), channel()]
  port.postMessage(
    {
      minimix: 'hello',
      contract: CONTRACT_VERSION,
      tab: 't1',
      lock: 'minimix:tab:t1',
      account: 'juliet@capulet.example',
    },
    [calls.port2, events.port2],
  )
  await turns(4)
  agent.die()
  await turns(3)

  expect(attached).toHaveLength(2)
  expect(heard.at(-1)?.minimix).toBe('welcome')
  expect(happened).toEqual(['detach t1', 'detach t1'])
})
