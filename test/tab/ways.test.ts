import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { hearPages } from '../../src/adapters/broadcast.ts'
import { webLocks } from '../../src/adapters/web-locks.ts'
import { CONTRACT_VERSION } from '../../src/contract/api.ts'
import { doorOf } from '../../src/contract/broadcasts.ts'
import type { Hello } from '../../src/contract/handshake.ts'
import type { Port } from '../../src/contract/port.ts'
import { type Way, Ways, type WaysOptions } from '../../src/tab/ways.ts'
import { helloOf } from '../support/fakes/door-page.ts'
import { type LockTable, lockTable } from '../support/fakes/fake-locks.ts'
import { type OwnWorker, ownWorker } from '../support/fakes/own-worker.ts'
import { browserGlobals } from '../support/fakes/tab-pair.ts'
import { deferred, turns } from '../support/fakes/turn.ts'

const SILENT_MS = 2_000
const SUCCEEDED_MS = 2_000
const HIDDEN_MS = 500
const ASK_MS = 100
const RELEASE_MS = 1_000

let globals: ReturnType<typeof browserGlobals>
let locks: LockTable
/** Broadcasts reach every test that runs at the moment: each has an account of its own. */
let account: string
let channels: BroadcastChannel[]
let ports: MessagePort[]
const { BroadcastChannel: RealBroadcastChannel } = globalThis

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
  globals = browserGlobals([])
  locks = lockTable()
  account = `${crypto.randomUUID()}@capulet.example`
  channels = []
  ports = []
  globalThis.BroadcastChannel = class extends RealBroadcastChannel {
    constructor(name: string) {
      super(name)
      channels.push(this)
    }
  }
})
afterEach(() => {
  for (const each of [...channels, ...ports]) each.close()
  globalThis.BroadcastChannel = RealBroadcastChannel
  globals.restore()
  vi.useRealTimers()
})

const leaderLock = (): string => `minimix:leader:${account}`
const engineLock = (): string => `minimix:engine:${account}`
const born = (instance = 'life-1') => ({
  minimix: 'born',
  contract: CONTRACT_VERSION,
  instance,
  lock: `minimix:broker:${instance}`,
})

/** A page: its workers as they are started, and its ways. */
function page(words: Partial<Pick<WaysOptions, 'shared' | 'own' | 'url'>> = {}) {
  const agent = locks.agent()
  globals.setLocks(agent.manager)
  const started: OwnWorker[] = []
  const own = (): Worker => {
    const next = ownWorker()
    started.push(next)
    return next.worker
  }
  const ways = new Ways({ account, shared: undefined, own, ...words })
  return { agent, ways, started }
}

/** What became of a way that is being looked for. */
function search(next: Promise<Way>) {
  const found: { way?: Way; heard: unknown[]; failed: unknown[] } = { heard: [], failed: [] }
  next.then(
    (way) => {
      found.way = way
      way.begin(
        (message) => found.heard.push(message),
        (text) => found.failed.push(text),
      )
    },
    (error: unknown) => found.failed.push(error),
  )
  return found
}

/** The worker that has the account: it hears pages. */
function engine({ instance = 'life-1' } = {}) {
  const opened: { port: Port; hellos: { hello: Hello; ports: readonly (Port | undefined)[] }[] }[] = []
  const stop = hearPages(account, (port, portsOf) => {
    const way: (typeof opened)[number] = { port, hellos: [] }
    opened.push(way)
    port.onmessage = (event: MessageEvent) => way.hellos.push({ hello: event.data, ports: portsOf(event) })
    port.postMessage(born(instance))
  })
  return { opened, stop }
}

/** Lets run what is on its way; broadcasts take some turns. */
const settle = (): Promise<void> => turns(8)
const pass = async (ms: number): Promise<void> => {
  await vi.advanceTimersByTimeAsync(ms)
  await settle()
}

describe('where all tabs share a worker', () => {
  function shared() {
    const { port1, port2 } = new MessageChannel()
    ports.push(port1, port2)
    const worker = { port: port1, onerror: null } as unknown as SharedWorker // the two things that are touched
    return { worker, port: port2 }
  }

  test('the way goes by its port', async () => {
    const { worker, port } = shared()
    const { ways, started } = page({ shared: () => worker })
    const found = search(ways.next(undefined, false))
    await settle()

    port.postMessage(born())
    await settle()

    expect(found.heard).toEqual([born()])
    expect([started.length, ways.hosts, channels.length]).toEqual([0, false, 0])
  })

  test.each([
    ['at once where it is forgotten at once', true, 0],
    ['after a moment where the dead one is given out for as long', false, 200],
  ])('another one is looked for behind one that died, %s', async (_what, outlives, waitMs) => {
    if (!outlives) Object.assign(globalThis, { SharedWorker: class {} }) // one that does not know the option
    const { worker } = shared()
    const shareds = vi.fn(() => worker)
    const { ways } = page({ shared: shareds })
    search(ways.next('died', false))
    await pass(Math.max(0, waitMs - 1))
    expect(shareds).toHaveBeenCalledTimes(waitMs === 0 ? 1 : 0)

    await pass(1)

    expect(shareds).toHaveBeenCalledTimes(1)
  })

  test('a hello hands over a port for calls and one for events', async () => {
    const { worker, port } = shared()
    const found = search(page({ shared: () => worker }).ways.next(undefined, false))
    await settle()
    const heard: unknown[] = []
    port.onmessage = ({ data, ports: handed }) => {
      heard.push(data)
      ports.push(...handed)
      for (const [at, each] of handed.entries()) each.postMessage(['calls', 'events'][at])
    }

    const here = found.way?.hello(helloOf('t1')) ?? []
    for (const each of here) each.onmessage = ({ data }: MessageEvent) => heard.push(data)
    await settle()

    expect(heard).toEqual([helloOf('t1'), 'calls', 'events'])
    for (const each of here) each.close()
  })

  test('a worker that cannot be loaded is told, with where it was looked for; an exception in one is not', async () => {
    const { worker } = shared()
    const found = search(page({ shared: () => worker, url: '/lost.js' }).ways.next(undefined, false))
    await settle()

    worker.onerror?.(new ErrorEvent('error'))
    expect(found.failed).toEqual([])
    worker.onerror?.(new Event('error') as ErrorEvent)
    await settle()

    expect(found.failed).toEqual([expect.stringContaining('/lost.js')])
  })

  test('a way that is closed tells nothing any more', async () => {
    const { worker, port } = shared()
    const found = search(page({ shared: () => worker }).ways.next(undefined, false))
    await settle()

    found.way?.close()
    port.postMessage(born())
    await settle()

    expect([found.heard, worker.onerror]).toEqual([[], null])
  })

  test('a worker that may not be started is the error that the browser gave', async () => {
    const refused = new TypeError('this document requires a TrustedScriptURL')
    const { ways } = page({
      shared() {
        throw refused
      },
    })

    await expect(ways.next(undefined, false)).rejects.toBe(refused)
  })

  test('they are done without once they have not answered, where there is something else', async () => {
    let asked = 0
    const { ways, started } = page({
      shared() {
        asked += 1
        return shared().worker
      },
    })
    await ways.next(undefined, false)

    expect([ways.fallBack(), ways.fallBack()]).toEqual([true, false])
    search(ways.next(undefined, false))
    await pass(0)

    expect([asked, started.length, ways.hosts]).toEqual([1, 1, true])
  })

  test.each([
    ['no other worker', { own: undefined }],
    ['none that is shared', { shared: undefined }],
  ])('there is nothing to do without where there is %s', (_what, words) => {
    expect(page({ shared: () => shared().worker, ...words }).ways.fallBack()).toBe(false)
  })
})

describe('where the account is elsewhere', () => {
  test('the way goes by a broadcast to the worker that has it', async () => {
    const { opened } = engine()
    const { ways, started } = page({ shared: () => expect.fail('it was asked again') })

    const found = search(ways.next(undefined, true))
    await settle()

    expect(found.heard).toEqual([born()])
    expect([opened.length, started.length, ways.hosts]).toEqual([1, 0, false])
  })

  test('a hello names broadcasts for calls and for events', async () => {
    const { opened } = engine()
    const found = search(page().ways.next(undefined, true))
    await settle()
    const heard: Record<string, unknown> = {}

    const [calls, events] = found.way?.hello(helloOf('t1')) ?? []
    if (!calls || !events) throw new Error('nothing was handed over')
    calls.onmessage = ({ data }: MessageEvent) => {
      heard['by calls'] = data
    }
    events.onmessage = ({ data }: MessageEvent) => {
      heard['by events'] = data
    }
    await settle()
    const [said] = opened[0]?.hellos ?? []
    said?.ports.forEach((each, at) => {
      each?.postMessage(['calls', 'events'][at])
    })
    await settle()

    expect(said?.hello).toEqual(helloOf('t1'))
    expect(heard).toEqual({ 'by calls': 'calls', 'by events': 'events' })
  })

  test('a page that asks twice before it is answered has one way', async () => {
    const { opened } = engine()
    const door = new BroadcastChannel(doorOf(account))

    for (const way of ['way-1', 'way-1', 7, 'way-2']) door.postMessage({ minimix: 'open', way })
    door.postMessage('open')
    await settle()

    expect(opened).toHaveLength(2)
  })

  test('it is asked for until it is heard: a broadcast keeps nothing for who is not there yet', async () => {
    const found = search(page().ways.next(undefined, true))
    await pass(10 * ASK_MS)
    expect(found.heard).toEqual([])

    const { opened } = engine()
    await pass(ASK_MS)
    await pass(10 * ASK_MS)

    expect(found.heard).toEqual([born()])
    expect([opened.length, vi.getTimerCount()]).toEqual([1, 0])
  })

  test('a worker that gave the account away hears no further pages', async () => {
    engine().stop()

    const found = search(page().ways.next(undefined, true))
    await pass(ASK_MS)

    expect(found.heard).toEqual([])
  })

  test('nobody is asked any more by a way that is closed', async () => {
    const found = search(page().ways.next(undefined, true))
    await settle()

    found.way?.close()

    expect(vi.getTimerCount()).toBe(0)
    const { opened } = engine()
    await pass(10 * ASK_MS)
    expect(opened).toEqual([])
  })

  test('one that comes to itself, and has not the account any more, is not believed', async () => {
    const { opened } = engine()
    const found = search(page().ways.next(undefined, true))
    await settle()
    const [way] = opened

    way?.port.postMessage(born('life-0'))
    way?.port.postMessage(born('life-1'))
    await settle()

    expect(found.heard).toEqual([born(), born()])
  })

  test('one that comes to itself while nobody has begun to listen is not believed either', async () => {
    const { opened } = engine()
    const way = await page().ways.next(undefined, true)
    await settle()
    opened[0]?.port.postMessage(born('life-0'))
    await settle()

    const heard: unknown[] = []
    way.begin(
      (message) => heard.push(message),
      () => undefined,
    )

    expect(heard).toEqual([born()])
  })
})

describe('where no tab has a worker', () => {
  test('this one starts one, to which the others come', async () => {
    const { ways, started } = page()
    const found = search(ways.next(undefined, false))
    await pass(0)

    started[0]?.ports[0]?.postMessage(born())
    await settle()

    expect(found.heard).toEqual([born()])
    expect([started.length, started[0]?.said]).toEqual([1, ['connect']])
    expect([ways.hosts, locks.isHeld(leaderLock())]).toEqual([true, true])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('a tab that nobody looks at leaves it to others for a while', async () => {
    const { ways, started } = page()
    globals.look(false)
    search(ways.next(undefined, false))

    await pass(HIDDEN_MS - 1)
    expect(started).toHaveLength(0)
    await pass(1)

    expect(started).toHaveLength(1)
  })

  test('of two one starts it, and the other finds it', async () => {
    const [first, second] = [page(), page()]
    const leading = search(first.ways.next(undefined, false))
    const following = search(second.ways.next(undefined, false))
    await pass(0)
    expect([first.started.length, second.started.length]).toEqual([1, 0])
    expect([leading.way !== undefined, following.way]).toEqual([true, undefined])

    engine()
    await pass(ASK_MS)

    expect(following.heard).toEqual([born()])
    expect([second.ways.hosts, vi.getTimerCount()]).toEqual([false, 0])
  })

  test('the next starts one when the first dies before it has the account', async () => {
    const [first, second] = [page(), page()]
    search(first.ways.next(undefined, false))
    search(second.ways.next(undefined, false))
    await pass(0)

    first.agent.die()
    await settle()

    expect([second.started.length, second.ways.hosts]).toEqual([1, true])
  })

  test('a tab that finds another before it knows the locks waits for nothing any more', async () => {
    const { ways, agent } = page()
    const known = deferred<LockManagerSnapshot>()
    vi.spyOn(agent.manager, 'query').mockReturnValue(known.promise)
    const found = search(ways.next(undefined, false))
    engine()
    await pass(ASK_MS)
    expect(found.heard).toEqual([born()])

    known.resolve({ held: [], pending: [] })
    await settle()

    expect(vi.getTimerCount()).toBe(0)
  })

  test('a tab that found another is not in the way of those who lead', async () => {
    const holder = locks.agent()
    const letGo = await webLocks(holder.manager).hold(leaderLock())
    const { ways, started } = page()
    const found = search(ways.next(undefined, false))
    engine()
    await pass(ASK_MS)
    expect(found.heard).toEqual([born()])

    letGo()
    await pass(0)

    expect([locks.isHeld(leaderLock()), started.length]).toEqual([false, 0])
  })

  test('one that may not be started is the error that the browser gave, and leaves nothing behind', async () => {
    const refused = new TypeError('this document requires a TrustedScriptURL')
    const { ways } = page({
      own() {
        throw refused
      },
    })
    const found = search(ways.next(undefined, false))
    await pass(0)

    expect(found.failed).toEqual([refused])
    expect([ways.hosts, locks.isHeld(leaderLock()), vi.getTimerCount()]).toEqual([false, false, 0])
  })

  test('and none can be started, that is an error', async () => {
    const found = search(page({ own: undefined }).ways.next(undefined, false))
    await pass(0)

    expect(found.failed).toEqual([new Error('no worker can be started here')])
    expect(locks.isHeld(leaderLock())).toBe(false)
  })

  test('and locks cannot be asked for, that is an error, and nobody is asked any more', async () => {
    const { ways, agent } = page()
    const refused = new DOMException('the document is not fully active', 'InvalidStateError')
    vi.spyOn(agent.manager, 'query').mockRejectedValue(refused)
    const found = search(ways.next(undefined, false))
    await settle()

    expect(found.failed).toEqual([refused])
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('where some worker has the account', () => {
  /** Its page, which has the locks, and a worker that says nothing. */
  const silentLeader = async () => {
    const agent = locks.agent()
    const own = webLocks(agent.manager)
    await own.hold(leaderLock())
    await own.hold(engineLock())
    return agent
  }

  test('and answers, it is found, and nothing is taken from anybody', async () => {
    await silentLeader()
    engine()
    const { ways, started } = page()
    const found = search(ways.next(undefined, false))
    await settle()
    expect(found.heard).toEqual([born()])

    await pass(10 * SILENT_MS)

    expect([started.length, ways.hosts, vi.getTimerCount()]).toEqual([0, false, 0])
    expect(locks.isHeld(`minimix:succession:${account}`)).toBe(false)
  })

  test('and does not answer within two seconds, this tab starts another one', async () => {
    await silentLeader()
    const { ways, started } = page()
    search(ways.next(undefined, false))

    await pass(SILENT_MS - 1)
    expect(started).toHaveLength(0)
    await pass(1)

    expect([started.length, ways.hosts]).toEqual([1, true])
  })

  test('and hangs, it is given two seconds, even where nothing shows that it has the account', async () => {
    const { ways, started } = page()
    search(ways.next('hangs', false))

    await pass(SILENT_MS - 1)
    expect(started).toHaveLength(0)
    await pass(1)

    expect(started).toHaveLength(1)
  })

  test('one tab at a time finds out that it does not answer, and is found by the next', async () => {
    await silentLeader()
    const [first, second] = [page(), page()]
    search(first.ways.next(undefined, false))
    const following = search(second.ways.next(undefined, false))
    await pass(SILENT_MS)
    expect([first.started.length, second.started.length]).toEqual([1, 0])

    await pass(SUCCEEDED_MS)
    engine({ instance: 'life-2' })
    await pass(ASK_MS)
    await pass(SILENT_MS)

    expect(following.heard).toEqual([born('life-2')])
    expect([second.started.length, first.started[0]?.terminated]).toEqual([0, false])
  })

  test('and the one that took its place does not answer either, the next tab starts one, and the first ends its own', async () => {
    await silentLeader()
    const [first, second] = [page(), page()]
    search(first.ways.next(undefined, false))
    search(second.ways.next(undefined, false))
    await pass(SILENT_MS)

    await pass(SUCCEEDED_MS + SILENT_MS - 1)
    expect(second.started).toHaveLength(0)
    await pass(1)

    expect([first.started[0]?.terminated, first.ways.hosts]).toEqual([true, false])
    expect([second.started[0]?.terminated, second.ways.hosts]).toEqual([false, true])
  })
})

describe('a tab that hosts the worker', () => {
  const host = async () => {
    const made = page()
    search(made.ways.next(undefined, false))
    await pass(0)
    const [worker] = made.started
    if (!worker) throw new Error('no worker was started')
    return { ...made, worker }
  }

  test('and cannot any more has it write down what it has, and lets go of it then', async () => {
    const { ways, worker } = await host()

    const released = ways.release()
    expect([ways.hosts, worker.said, worker.terminated]).toEqual([false, ['connect', 'release'], false])
    await settle()
    expect(locks.isHeld(leaderLock())).toBe(true)
    worker.release()
    await released
    await settle()

    expect([worker.terminated, locks.isHeld(leaderLock()), vi.getTimerCount()]).toEqual([true, false, 0])
  })

  test('waits a second for it, and no longer', async () => {
    const { ways, worker } = await host()
    void ways.release()

    await pass(RELEASE_MS - 1)
    expect(worker.terminated).toBe(false)
    await pass(1)

    expect([worker.terminated, locks.isHeld(leaderLock())]).toEqual([true, false])
  })

  test('ends it before it looks for another way', async () => {
    const { ways, worker, started } = await host()

    search(ways.next(undefined, false))
    expect(worker.terminated).toBe(true)
    await pass(0)

    expect([started.length, ways.hosts]).toEqual([2, true])
  })

  test('ends it where the account is elsewhere', async () => {
    const { ways, worker } = await host()

    search(ways.next(undefined, true))
    await settle()

    expect([worker.terminated, ways.hosts, locks.isHeld(leaderLock())]).toEqual([true, false, false])
  })

  test('is told when its file cannot be loaded', async () => {
    const made = page()
    const found = search(made.ways.next(undefined, false))
    await pass(0)

    made.started[0]?.fail(new Event('error'))
    await settle()

    expect(found.failed).toHaveLength(1)
  })
})

test('a tab without a worker of its own has nothing to release', async () => {
  const { ways } = page()

  await ways.release()

  expect([ways.hosts, vi.getTimerCount()]).toEqual([false, 0])
})

describe('a dedicated worker that the app gave', () => {
  test('is the one that this tab hosts', async () => {
    const given = ownWorker()
    const { ways } = page({ shared: () => given.worker, own: undefined })
    const found = search(ways.next(undefined, false))
    await pass(0)

    given.ports[0]?.postMessage(born())
    await settle()

    expect([found.heard, ways.hosts, given.terminated]).toEqual([[born()], true, false])
  })

  test('is ended where another tab hosts one', async () => {
    const given = ownWorker()
    await webLocks(locks.agent().manager).hold(leaderLock())
    engine()
    const { ways } = page({ shared: () => given.worker, own: undefined })
    const found = search(ways.next(undefined, false))
    await pass(ASK_MS)

    expect([found.heard, ways.hosts, given.terminated]).toEqual([[born()], false, true])
  })

  test('is ended where its tab may not lead', async () => {
    const given = ownWorker()
    const { ways, agent } = page({ shared: () => given.worker, own: undefined })
    vi.spyOn(agent.manager, 'query').mockRejectedValue(new Error('no locks here'))
    search(ways.next(undefined, false))
    await settle()

    expect(given.terminated).toBe(true)
  })
})
