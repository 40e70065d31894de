import { afterEach, describe, expect, test, vi } from 'vitest'
import { exposeApi } from '../../src/adapters/comlink.ts'
import { webLocks } from '../../src/adapters/web-locks.ts'
import { Broker } from '../../src/broker/broker.ts'
import { Host } from '../../src/broker/host.ts'
import type { PortsOf } from '../../src/broker/ports.ts'
import { CONTRACT_VERSION } from '../../src/contract/api.ts'
import type { Port } from '../../src/contract/port.ts'
import { memoryStore } from '../../src/storage/memory-store.ts'
import { bareLater } from '../support/fakes/bare-later.ts'
import { doorPage } from '../support/fakes/door-page.ts'
import { broadcastHub } from '../support/fakes/fake-broadcast.ts'
import { fakeClock } from '../support/fakes/fake-clock.ts'
import { lockTable } from '../support/fakes/fake-locks.ts'
import { fakeUpstream } from '../support/fakes/fake-upstream.ts'
import { plainPrints } from '../support/fakes/plain-prints.ts'
import { ACCOUNT } from '../support/fakes/room-xml.ts'
import { deferred, turns } from '../support/fakes/turn.ts'

const ENGINE = `minimix:engine:${ACCOUNT}`
const NEWER = CONTRACT_VERSION + 1

const ports: MessagePort[] = []
afterEach(() => {
  for (const port of ports.splice(0)) port.close()
})

function stage() {
  const locks = lockTable()
  const hub = broadcastHub()
  const clock = fakeClock()
  /** What became of brokers, in the order of time. */
  const happened: string[] = []
  const doors = new Map<string, (port: Port, portsOf: PortsOf) => void>()
  let pages = 0
  let gate = Promise.resolve()
  let handedOver = Promise.resolve()

  const worker = () => {
    const agent = locks.agent()
    const host = new Host({
      locks: webLocks(agent.manager),
      clock,
      control: hub.member(),
      expose: exposeApi,
      hearPages(account, open) {
        happened.push(`hears pages of ${account}`)
        doors.set(account, open)
        return () => {
          happened.push('hears no pages')
          doors.delete(account)
        }
      },
      async newBroker(account, instance) {
        happened.push(`begins ${instance}`)
        await gate
        const broker = new Broker({
          later: bareLater,
          account,
          instance,
          engine: 'shared-worker',
          upstream: fakeUpstream(),
          store: memoryStore(),
          clock,
          passwords: plainPrints,
        })
        const handOver = broker.handOver.bind(broker)
        vi.spyOn(broker, 'handOver').mockImplementation(async () => {
          happened.push(`hands over ${instance}`)
          await handedOver
          await handOver()
          happened.push(`has handed over ${instance}`)
        })
        const abandon = broker.abandon.bind(broker)
        vi.spyOn(broker, 'abandon').mockImplementation(() => {
          happened.push(`abandons ${instance}`)
          abandon()
        })
        return broker
      },
    })
    /** A page that has connected to this worker. */
    const page = () => doorPage({ locks, ports, tab: `t${++pages}`, open: (port, portsOf) => host.open(port, portsOf) })
    /** A page that was let in. */
    const guest = async () => {
      const opened = page()
      const said = await opened.hello()
      const last = opened.heard.at(-1)
      if (last?.minimix !== 'welcome') throw new Error(`it was not let in: ${JSON.stringify(last)}`)
      return { ...opened, ...said, instance: last.instance }
    }
    return { host, agent, page, guest }
  }

  /** Another worker of that contract, as far as it speaks: it wants the account. */
  const wants = async (contract: number): Promise<unknown> => {
    const member = hub.member()
    const heard: unknown[] = []
    member.listen((word) => heard.push(word))
    member.post({ minimix: 'engine-wanted', account: ACCOUNT, contract, by: 'other' })
    await turns(2)
    return heard.at(-1)
  }

  /** Another worker of that contract that has the account, by force or once it is free, and keeps it. */
  const keeper = async (contract: number, how: 'steal' | 'hold' = 'steal'): Promise<() => void> => {
    const member = hub.member()
    member.listen((word) => {
      const { by } = word as { readonly by?: string }
      if (by) member.post({ minimix: 'engine-kept', account: ACCOUNT, contract, to: by })
    })
    const { hold, steal } = webLocks(locks.agent().manager)
    return how === 'hold' ? hold(ENGINE) : steal(ENGINE, () => undefined)
  }

  return {
    locks,
    hub,
    clock,
    happened,
    doors,
    worker,
    wants,
    keeper,
    lifeIsHeld: (instance: string) => locks.isHeld(`minimix:broker:${instance}`),
    /** Brokers take until then to begin. */
    beginLate() {
      const late = deferred()
      gate = late.promise
      return late.resolve
    },
    /** Brokers take until then to hand over. */
    handOverLate() {
      const late = deferred()
      handedOver = late.promise
      return late.resolve
    },
  }
}

const kinds = (heard: readonly { readonly minimix: string }[]): string[] => heard.map(({ minimix }) => minimix)

describe('a worker that has the account', () => {
  test('has another broker for whoever comes after all was wiped, and the same where it was not', async () => {
    const { worker, happened, clock } = stage()
    const { guest } = worker()
    const begun = (): number => happened.filter((each) => each.startsWith('begins ')).length
    const logout = async (wipe: boolean): Promise<unknown> => {
      const reply = (await guest()).api.call('logout', { wipe })
      for (let i = 0; i < 5; i++) {
        await turns(2)
        clock.advance(8)
      }
      return reply
    }

    expect(await logout(false)).toMatchObject({ ok: true })
    await guest()
    expect(begun()).toBe(1)
    expect(await logout(true)).toMatchObject({ ok: true })
    await guest()
    expect(begun()).toBe(2)
  })

  test('lets tabs in, all by one broker of one life', async () => {
    const { worker, happened, locks, lifeIsHeld } = stage()
    const { guest, host } = worker()
    expect(host.broker).toBeUndefined()

    const [first, second] = [await guest(), await guest()]

    expect(first.instance).toBe(second.instance)
    expect(happened).toEqual([`begins ${first.instance}`, `hears pages of ${ACCOUNT}`])
    expect([locks.isHeld(ENGINE), lifeIsHeld(first.instance)]).toEqual([true, true])
    expect(await host.broker).toBeInstanceOf(Broker)
  })

  test('answers their calls in the name of that life', async () => {
    const { worker, clock } = stage()
    const { api, instance } = await worker().guest()

    const inspecting = api.call('inspect', null)
    await turns(2)
    clock.advance(8) // what is told waits for a batch

    expect(await inspecting).toMatchObject({ ok: true, value: { instance } })
  })

  test('begins nothing before a tab has named an account', async () => {
    const { worker, happened, locks } = stage()
    const { heard } = worker().page()
    await turns(3)

    expect(kinds(heard)).toEqual(['born'])
    expect([happened, locks.isHeld(ENGINE)]).toEqual([[], false])
  })

  test('refuses a tab of another account, and serves the first one as before', async () => {
    const { guest, page } = stage().worker()
    const { instance } = await guest()
    const other = page()

    await other.hello({ account: 'romeo@montague.example' })

    expect(other.heard.at(-1)).toMatchObject({
      minimix: 'refused',
      error: { code: 'worker-unavailable', message: `this worker serves ${ACCOUNT}` },
    })
    expect((await guest()).instance).toBe(instance)
  })

  test('keeps it from one of the same contract as long as a tab needs it', async () => {
    const { worker, wants, happened } = stage()
    const { guest } = worker()
    const { instance } = await guest()

    expect(await wants(CONTRACT_VERSION)).toMatchObject({ minimix: 'engine-kept', contract: CONTRACT_VERSION })
    expect(happened).not.toContain(`hands over ${instance}`)
  })

  test('keeps it from one of the same contract while a tab is on its way in', async () => {
    const { worker, wants, beginLate, happened } = stage()
    const begin = beginLate()
    const { page } = worker()
    const { hello, heard } = page()
    await hello()

    expect(await wants(CONTRACT_VERSION)).toMatchObject({ minimix: 'engine-kept' })
    begin()
    await turns(3)

    expect(kinds(heard)).toEqual(['born', 'welcome'])
    expect(happened.filter((what) => what.startsWith('hands over'))).toEqual([])
  })

  test('keeps it from an older one, whoever needs it', async () => {
    const { worker, wants } = stage()
    const { guest } = worker()
    const { agent } = await guest()
    agent.die()
    await turns(2)

    expect(await wants(CONTRACT_VERSION - 1)).toMatchObject({ minimix: 'engine-kept' })
  })

  test.each([
    ['died', 'die' as const],
    ['said that it goes', 'say' as const],
  ])('gives it to one of the same contract once its last tab has %s', async (_what, how) => {
    const { worker, wants, happened } = stage()
    const { guest } = worker()
    const { agent, events, instance } = await guest()
    if (how === 'die') agent.die()
    else events.postMessage({ going: 'for-good' })
    await turns(3)

    expect(await wants(CONTRACT_VERSION)).toMatchObject({ minimix: 'engine-free', to: 'other' })
    expect(happened.slice(2)).toEqual(['hears no pages', `hands over ${instance}`, `has handed over ${instance}`])
  })

  test('gives it to one of the same contract where it only turned tabs away', async () => {
    const { worker, wants } = stage()
    const { guest, page } = worker()
    const { agent } = await guest()
    for (const words of [{ account: 'romeo@montague.example' }, { contract: NEWER }]) await page().hello(words)
    agent.die()
    await turns(2)

    expect(await wants(CONTRACT_VERSION)).toMatchObject({ minimix: 'engine-free' })
  })
})

describe('a worker that has not the account', () => {
  test('because another of the same contract has it sends its tabs there, and begins no broker', async () => {
    const { worker, happened } = stage()
    await worker().guest()
    const begun = [...happened]
    const { hello, heard } = worker().page()

    await hello()

    expect(heard.slice(1)).toEqual([{ minimix: 'elsewhere', contract: CONTRACT_VERSION }])
    expect(happened).toEqual(begun)
  })

  test('asks anew for each tab, and lets it in once the account is free', async () => {
    const { worker, keeper, happened } = stage()
    const letGo = await keeper(CONTRACT_VERSION)
    const { page, guest } = worker()
    const first = page()
    await first.hello()
    expect(kinds(first.heard)).toEqual(['born', 'elsewhere'])

    letGo()
    const { instance } = await guest()

    expect(happened).toEqual([`begins ${instance}`, `hears pages of ${ACCOUNT}`])
  })

  test('because a newer one has it tells its tabs to reload', async () => {
    const { worker, keeper, happened } = stage()
    await keeper(NEWER)
    const { hello, heard } = worker().page()

    await hello()

    expect(heard.at(-1)).toMatchObject({ minimix: 'refused', error: { code: 'outdated' } })
    expect(happened).toEqual([])
  })

  test('asks once for tabs that come at once', async () => {
    const { worker, hub, locks, clock } = stage()
    await webLocks(locks.agent().manager).hold(ENGINE)
    const { page } = worker()
    const [first, second] = [page(), page()]
    await Promise.all([first.hello(), second.hello()])

    clock.advance(1_000)
    await turns(3)

    expect([first, second].map(({ heard }) => kinds(heard))).toEqual([
      ['born', 'welcome'],
      ['born', 'welcome'],
    ])
    expect(hub.said.filter((word) => (word as { readonly minimix: string }).minimix === 'engine-wanted')).toHaveLength(
      1,
    )
  })

  test('has it after a second where whoever has it does not answer', async () => {
    const { worker, locks, clock } = stage()
    await webLocks(locks.agent().manager).hold(ENGINE)
    const { hello, heard } = worker().page()
    await hello()
    expect(kinds(heard)).toEqual(['born'])

    clock.advance(1_000)
    await turns(3)

    expect(kinds(heard)).toEqual(['born', 'welcome'])
  })
})

describe('a worker that gives the account to a newer one', () => {
  test('tells its tabs that they are outdated, and then its life ends', async () => {
    const { worker, wants, handOverLate, lifeIsHeld } = stage()
    const write = handOverLate()
    const { guest } = worker()
    const { heard, instance } = await guest()

    expect(await wants(NEWER)).toBeUndefined()
    await turns()
    expect(heard.at(-1)).toMatchObject({ minimix: 'refused', error: { code: 'outdated' } })
    expect(lifeIsHeld(instance)).toBe(true)
    write()
    await turns(2)

    expect(lifeIsHeld(instance)).toBe(false)
  })

  test('hands over in order before it says that the account is free', async () => {
    const { worker, wants, handOverLate, hub, happened, locks } = stage()
    const write = handOverLate()
    const { guest } = worker()
    const { instance } = await guest()
    await wants(NEWER)
    expect([happened.at(-1), locks.isHeld(ENGINE)]).toEqual([`hands over ${instance}`, true])

    write()
    await turns(2)

    expect([happened.at(-1), locks.isHeld(ENGINE)]).toEqual([`has handed over ${instance}`, false])
    expect(hub.said.at(-1)).toMatchObject({ minimix: 'engine-free', to: 'other' })
  })

  test('tells tabs that come later the same', async () => {
    const { worker, wants, keeper } = stage()
    const { guest, page } = worker()
    await guest()
    await wants(NEWER)
    await keeper(NEWER)
    const { hello, heard } = page()

    await hello()

    expect(heard.at(-1)).toMatchObject({ minimix: 'refused', error: { code: 'outdated' } })
  })

  test('has a tab that comes in the meantime wait until it has handed over', async () => {
    const { worker, wants, keeper, handOverLate, happened } = stage()
    const write = handOverLate()
    const { guest, page } = worker()
    await guest()
    await wants(NEWER)
    const { hello, heard } = page()
    await hello()
    expect(kinds(heard)).toEqual(['born'])

    const taking = keeper(NEWER, 'hold')
    write()
    await taking
    await turns(3)

    expect(kinds(heard)).toEqual(['born', 'refused'])
    expect(happened.filter((what) => what.startsWith('begins'))).toHaveLength(1)
  })

  test('and is robbed of it meanwhile, asks for it for nobody who came in between', async () => {
    const { worker, wants, keeper, handOverLate, hub } = stage()
    const write = handOverLate()
    const { guest, page } = worker()
    await guest()
    await wants(NEWER)
    const { hello, heard } = page()
    await hello()
    await keeper(NEWER)
    await turns(2)

    const before = hub.said.length
    write()
    await turns(3)

    expect(kinds(heard)).toEqual(['born'])
    expect(hub.said.slice(before)).toMatchObject([{ minimix: 'engine-free' }])
  })

  test('and is robbed of it meanwhile, writes nothing more of that life', async () => {
    const { worker, wants, keeper, handOverLate, happened } = stage()
    handOverLate()
    const { guest } = worker()
    const { instance } = await guest()
    await wants(NEWER)
    await keeper(NEWER)
    await turns(2)

    expect(happened).toContain(`abandons ${instance}`)
  })

  test('lets nobody in any more by what was the door of that life', async () => {
    const { worker, wants } = stage()
    const early = worker()
    await early.guest()
    const { heard, hello } = early.page()
    await wants(NEWER)

    await hello()

    expect(kinds(heard)).toEqual(['born'])
  })
})

describe('a worker that is robbed of the account', () => {
  test('sends and writes nothing more, and its life ends without a word to its tabs', async () => {
    const { worker, keeper, happened, lifeIsHeld } = stage()
    const { guest } = worker()
    const { heard, instance } = await guest()

    await keeper(CONTRACT_VERSION)
    await turns(2)

    expect(happened.slice(2)).toEqual(['hears no pages', `abandons ${instance}`])
    expect(kinds(heard)).toEqual(['born', 'welcome'])
    expect(lifeIsHeld(instance)).toBe(false)
  })

  test('sends the tabs of its next life to the thief', async () => {
    const { worker, keeper } = stage()
    const { guest, page } = worker()
    await guest()
    await keeper(CONTRACT_VERSION)
    await turns(2)
    const { hello, heard } = page()

    await hello()

    expect(kinds(heard)).toEqual(['born', 'elsewhere'])
  })

  test('lets tabs in again in another life, by another broker, once the thief is gone', async () => {
    const { worker, keeper, lifeIsHeld } = stage()
    const { guest } = worker()
    const first = await guest()
    const letGo = await keeper(CONTRACT_VERSION)
    await turns(2)
    letGo()

    const second = await guest()

    expect(second.instance).not.toBe(first.instance)
    expect([lifeIsHeld(first.instance), lifeIsHeld(second.instance)]).toEqual([false, true])
  })
})

describe('a worker whose page cannot host it any more', () => {
  test('hands over, and lets go of the account and of its life', async () => {
    const { worker, happened, locks, lifeIsHeld } = stage()
    const { guest, host } = worker()
    const { heard, instance } = await guest()

    const releasing = host.release()
    await turns(2)
    await releasing

    expect(happened.slice(2)).toEqual(['hears no pages', `hands over ${instance}`, `has handed over ${instance}`])
    expect([locks.isHeld(ENGINE), lifeIsHeld(instance)]).toEqual([false, false])
    expect(kinds(heard)).toEqual(['born', 'welcome'])
  })

  test('keeps the account until it has handed over', async () => {
    const { worker, handOverLate, locks } = stage()
    const write = handOverLate()
    const { guest, host } = worker()
    await guest()

    const releasing = host.release()
    await turns(2)
    expect(locks.isHeld(ENGINE)).toBe(true)
    write()
    await releasing

    await turns()
    expect(locks.isHeld(ENGINE)).toBe(false)
  })

  test('and that never had it has nothing to hand over', async () => {
    const { worker, happened } = stage()

    await worker().host.release()

    expect(happened).toEqual([])
  })
})

describe('a page without a port to the worker', () => {
  test('is let in as any other as long as the account is that worker’s', async () => {
    const { worker, doors, locks, wants, happened } = stage()
    const knock = (tab: string) =>
      doorPage({ locks, ports, tab, open: (port, portsOf) => doors.get(ACCOUNT)?.(port, portsOf) })
    const before = knock('early')
    await before.hello()
    expect(before.heard).toEqual([])
    const { guest } = worker()
    const { instance } = await guest()

    const during = knock('far')
    await during.hello()
    expect(during.heard.at(-1)).toMatchObject({ minimix: 'welcome', instance })
    await wants(NEWER)
    await turns(2)

    expect(during.heard.at(-1)).toMatchObject({ minimix: 'refused', error: { code: 'outdated' } })
    expect(doors.size).toBe(0)
    expect(happened.filter((what) => what === 'hears no pages')).toHaveLength(1)
  })
})

describe('a tab on its way in when the life ends', () => {
  test('by a theft is not let in, and what had begun is abandoned', async () => {
    const { worker, beginLate, keeper, happened, doors } = stage()
    const begin = beginLate()
    const { page, host } = worker()
    const { hello, heard } = page()
    await hello()

    await keeper(CONTRACT_VERSION)
    await turns()
    begin()
    await turns(3)

    expect(kinds(heard)).toEqual(['born'])
    expect(happened.filter((what) => what.startsWith('abandons'))).toHaveLength(1)
    expect([doors.size, host.broker]).toEqual([0, undefined])
  })

  test('by a newer one is told that it is outdated, and what had begun is handed over', async () => {
    const { worker, beginLate, wants, happened } = stage()
    const begin = beginLate()
    const { hello, heard } = worker().page()
    await hello()

    await wants(NEWER)
    begin()
    await turns(3)

    expect(heard.slice(1)).toMatchObject([{ minimix: 'refused', error: { code: 'outdated' } }])
    expect(happened.filter((what) => what.startsWith('has handed over'))).toHaveLength(1)
  })

  test('is followed by tabs of the next life, which have nothing of the one before', async () => {
    const { worker, beginLate, keeper } = stage()
    const begin = beginLate()
    const { page } = worker()
    await page().hello()
    await keeper(CONTRACT_VERSION)
    await turns()
    const { hello, heard } = page()
    await hello()

    begin()
    await turns(4)

    expect(kinds(heard)).toEqual(['born', 'elsewhere'])
  })

  test('by its page while the account is still asked for, leaves nobody with the account', async () => {
    const { worker, locks, clock, doors, lifeIsHeld } = stage()
    const letGo = await webLocks(locks.agent().manager).hold(ENGINE)
    const { page, host } = worker()
    const { hello, heard } = page()
    await hello()
    const [born] = heard
    const releasing = host.release()
    await turns()

    letGo()
    clock.advance(1_000)
    await turns(3)
    await releasing

    expect(kinds(heard)).toEqual(['born'])
    expect(born?.minimix === 'born' && lifeIsHeld(born.instance)).toBe(false)
    expect([locks.isHeld(ENGINE), doors.size]).toEqual([false, 0])
  })
})
