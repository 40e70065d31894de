import { afterEach, describe, expect, test, vi } from 'vitest'
import type { TabEvent } from '../../src/contract/api.ts'
import { CONTRACT_VERSION } from '../../src/contract/api.ts'
import { type ErrorCode, failure } from '../../src/contract/errors.ts'
import { Link } from '../../src/tab/link.ts'
import { callBroker } from '../../src/tab/remote.ts'
import { lockTable } from '../support/fakes/fake-locks.ts'
import { type LinkStage, type LinkStageOptions, linkStage } from '../support/fakes/link-stage.ts'
import { type OwnWorker, ownWorker } from '../support/fakes/own-worker.ts'
import { batch } from '../support/fakes/scripted-worker.ts'
import { browserGlobals } from '../support/fakes/tab-pair.ts'
import { deferred, turns } from '../support/fakes/turn.ts'

const LOCK = 'minimix:broker:life-1'
const BORN_MS = 3_000
const WELCOME_MS = 15_000
const ANSWER_MS = 1_000
const event: TabEvent = { kind: 'config', room: 'r@m', codes: [1] }

const stages: LinkStage[] = []
afterEach(() => {
  for (const each of stages.splice(0)) each.end()
})

const stage = (options?: LinkStageOptions): LinkStage => {
  const made = linkStage(options)
  stages.push(made)
  return made
}

/** A tab that is attached. */
const attached = async (options?: LinkStageOptions) => {
  const made = stage(options)
  const broker = made.hold(LOCK)
  await made.open()
  return { ...made, broker }
}

/** What starts workers of the tab's own. */
const starter = () => {
  const started: OwnWorker[] = []
  const own = (): Worker => {
    const next = ownWorker()
    started.push(next)
    return next.worker
  }
  return { started, own }
}

/** A tab that has started a worker of its own, to which the others come. */
const hosting = async () => {
  const { started, own } = starter()
  const made = stage({ ways: { shared: undefined, own } })
  void made.link.open()
  await pass(0)
  return { ...made, started }
}

const pass = async (ms: number): Promise<void> => {
  await vi.advanceTimersByTimeAsync(ms)
  await turns(6)
}

const refused = (code: ErrorCode) => ({
  minimix: 'refused' as const,
  contract: CONTRACT_VERSION,
  error: failure(code, 'no'),
})

describe('a page that the browser keeps', () => {
  test('says so, and lets go of the worker: whatever is posted to it would throw it away', async () => {
    const { link, worker, happened, events } = await attached()
    const first = link.attachment

    link.suspend()
    worker.now.post(batch(1, [event]))
    await turns(3)

    expect(worker.now.goings).toEqual(['kept'])
    expect([link.attachment, first?.ended.aborted, happened, events]).toEqual([undefined, true, ['attached'], []])
  })

  test('says so once', async () => {
    const { link, worker } = await attached()

    link.suspend()
    link.suspend()
    await turns(3)

    expect(worker.now.goings).toEqual(['kept'])
  })

  test('looks for no other worker while it is kept', async () => {
    const { link, worker, broker, happened } = await attached()
    link.suspend()

    broker.die()
    await pass(60_000)

    expect([worker.now.counts.spawned, happened]).toEqual([1, ['attached']])
  })

  test('comes back with a lock of its own life, and is attached anew', async () => {
    const { link, worker, happened, locks } = await attached()
    link.suspend()

    const resuming = link.resume()
    await turns(6)
    await resuming

    expect(happened).toEqual(['attached', 'gone', 'attached'])
    expect(worker.now.tabLocks).toEqual(['minimix:tab:t1', 'minimix:tab:t1:2'])
    expect(['minimix:tab:t1', 'minimix:tab:t1:2'].map((name) => locks.isHeld(name))).toEqual([false, true])
  })

  test('comes back as well when somebody looks at it, where the browser does not say that it does', async () => {
    const { link, happened } = await attached()
    link.suspend()

    link.look()
    await turns(6)

    expect(happened).toEqual(['attached', 'gone', 'attached'])
  })

  test('comes back once', async () => {
    const { link, worker, happened } = await attached()
    link.suspend()

    await Promise.all([link.resume(), link.resume(), turns(6)])

    expect([happened, worker.now.counts.spawned]).toEqual([['attached', 'gone', 'attached'], 2])
  })

  test('and was not kept has nothing to come back from', async () => {
    const { link, worker, happened } = await attached()

    await link.resume()

    expect([happened, worker.now.counts.spawned]).toEqual([['attached'], 1])
  })

  test('whose link is closed tells nothing when it comes back', async () => {
    const { link, happened, worker } = await attached()
    link.close()

    link.suspend()
    await link.resume()

    expect([happened, worker.now.counts.spawned]).toEqual([['attached'], 1])
  })

  test('while it was looking for a worker goes on at once when it comes back', async () => {
    const { link, open, hold, replace, happened } = stage({ welcomes: false })
    hold(LOCK)
    void open()
    await turns(6)
    link.suspend()
    replace({})

    void link.resume()
    await turns(8)

    expect(happened).toEqual(['gone', 'attached'])
  })

  test('before it had found a way goes none, and leaves no worker behind', async () => {
    const { link, started, happened, locks } = await hosting()
    link.suspend()
    await pass(ANSWER_MS)

    expect(started.map(({ terminated }) => terminated)).toEqual([true])
    expect([happened, locks.isHeld('minimix:leader:juliet@capulet.example')]).toEqual([[], false])
  })
})

describe('a page that goes', () => {
  test('for good says so, and the worker need not wait for its lock', async () => {
    const { link, worker } = await attached()

    link.gone()
    await turns(3)

    expect(worker.now.goings).toEqual(['for-good'])
  })

  test('without a worker has nobody to tell', () => {
    expect(() => stage().link.gone()).not.toThrow()
  })

  test('is said to go by a link that is closed, too', async () => {
    const { link, worker } = await attached()

    link.close()
    await turns(3)

    expect(worker.now.goings).toEqual(['for-good'])
  })

  test('while it is about to host the worker leaves none behind', async () => {
    const asked = deferred<LockManagerSnapshot>()
    const { started, own } = starter()
    const { link, happened, locks } = stage({ ways: { shared: undefined, own } })
    vi.spyOn(navigator.locks, 'query').mockReturnValue(asked.promise)
    void link.open()
    await turns(4)

    link.close()
    asked.resolve({ held: [], pending: [] })
    await pass(0)
    await pass(ANSWER_MS)

    expect(started.filter(({ terminated }) => !terminated)).toEqual([])
    expect([happened, locks.isHeld('minimix:leader:juliet@capulet.example')]).toEqual([[], false])
  })
})

describe('a page that is about to be stopped where it is', () => {
  test('goes on with the worker where another page hosts it', async () => {
    const { link, worker, happened } = await attached()

    link.freeze()
    await turns(3)

    expect([worker.now.goings, link.attachment?.welcome, happened]).toEqual([[], true, ['attached']])
  })

  test('lets another page host the worker where it is its own', async () => {
    const { link, started } = await hosting()
    const [own] = started

    link.freeze()
    own?.release()
    await turns(3)

    expect([own?.said, own?.terminated]).toEqual([['connect', 'release'], true])
  })
})

describe('somebody who comes to look', () => {
  test('has the worker asked whether it is there', async () => {
    const { link, worker, happened } = await attached()

    link.look()
    await turns(3)

    expect([worker.now.pings, happened]).toEqual([[1], ['attached']])
  })

  test('has another one looked for where there is none', async () => {
    const { link, open, replace, hold, happened } = stage({ welcomes: false })
    const opening = open()
    for (let tries = 0; tries < 3; tries++) await pass(WELCOME_MS)
    await opening
    expect(happened).toEqual(['failed worker-unavailable'])
    replace({})
    hold(LOCK)

    link.look()
    await turns(8)

    expect(happened).toEqual(['failed worker-unavailable', 'attached'])
  })

  test('has another one looked for where the last one lives, and let nobody in', async () => {
    const { link, open, replace, hold, happened } = stage({ welcomes: false })
    hold(LOCK)
    const opening = open()
    for (let tries = 0; tries < 3; tries++) await pass(WELCOME_MS)
    await opening
    expect(happened).toEqual(['failed worker-unavailable'])
    replace({})

    link.look()
    await turns(8)

    expect(happened).toEqual(['failed worker-unavailable', 'attached'])
  })

  test('has nothing looked for by a link that is closed', async () => {
    const { link, worker } = await attached()
    link.close()

    link.look()
    await turns(6)

    expect(worker.now.counts.spawned).toBe(1)
  })

  test('has one looked for once, however often they come', async () => {
    const { link, open, worker, hold } = stage({ welcomes: false })
    hold(LOCK)
    void open()
    await turns(4)

    link.look()
    link.look()
    await turns(6)

    expect(worker.now.counts.spawned).toBe(1)
  })
})

describe('a tab that is refused', () => {
  test('after its welcome, as outdated, tells it, and looks for nothing any more', async () => {
    const { link, worker, happened, broker } = await attached()

    worker.now.greet(refused('outdated'))
    await turns(3)
    expect(happened).toEqual(['attached', 'gone', 'failed outdated'])
    broker.die()
    link.look()
    await turns(6)

    expect([worker.now.counts.spawned, link.error?.code]).toEqual([1, 'outdated'])
  })

  test('as outdated fails in each later call with outdated, and in the one that waits', async () => {
    const { link, worker } = await attached({ onCall: () => new Promise(() => undefined) })
    const waiting = callBroker(link, 'inspect', null).catch((error: unknown) => error)
    await turns(3)

    worker.now.greet(refused('outdated'))
    await turns(3)

    expect(await waiting).toMatchObject({ code: 'outdated', retry: false })
    await expect(callBroker(link, 'inspect', null)).rejects.toMatchObject({ code: 'outdated' })
  })

  test('after its welcome, for another reason, looks for a worker when somebody comes to look', async () => {
    const { link, worker, happened } = await attached()

    worker.now.greet(refused('worker-unavailable'))
    await turns(3)
    await expect(callBroker(link, 'inspect', null)).rejects.toMatchObject({ code: 'worker-gone' })
    link.look()
    await turns(6)

    expect(happened).toEqual(['attached', 'gone', 'failed worker-unavailable', 'attached'])
  })

  test.each(['outdated', 'worker-unavailable'] as const)(
    'before its welcome, as %s, does not ask again',
    async (code) => {
      const { open, worker, happened, hold, link } = stage({ welcomes: false })
      hold(LOCK)
      const opening = open()
      await turns(6)

      worker.now.greet(refused(code))
      await opening
      await turns(3)

      expect([happened, worker.now.counts.spawned]).toEqual([[`failed ${code}`], 1])
      expect(link.error?.code).toBe(code === 'outdated' ? 'outdated' : undefined)
    },
  )
})

describe('a worker that lives and does not answer', () => {
  test('is left after two silences, and the next way is looked for as from one that hangs', async () => {
    const { link, happened, replace, hold, looked } = await attached({ answers: false })
    replace({ instance: 'life-2', lock: 'minimix:broker:life-2' })
    hold('minimix:broker:life-2')

    link.look()
    await pass(2 * ANSWER_MS - 1)
    expect(happened).toEqual(['attached'])
    await pass(1)

    expect(happened).toEqual(['attached', 'gone', 'attached'])
    expect(looked).toEqual([
      { again: undefined, elsewhere: false },
      { again: 'hangs', elsewhere: false },
    ])
  })

  test('is told from one that does', async () => {
    const { link, happened, worker } = await attached()

    for (let n = 0; n < 3; n++) {
      link.look()
      await turns(4)
    }
    await pass(5 * ANSWER_MS)

    expect([happened, worker.now.pings]).toEqual([['attached'], [1, 2, 3]])
  })
})

test('a second birth notice of the same life is waited for by nobody', async () => {
  const { worker, happened } = await attached()

  worker.now.greet({ minimix: 'born', contract: CONTRACT_VERSION, instance: 'life-1', lock: LOCK })
  await pass(WELCOME_MS)

  expect([happened, worker.now.counts.spawned]).toEqual([['attached'], 1])
})

test('a link that is closed while it looks for a worker leaves no timer behind', async () => {
  const { link, open, hold, happened } = stage({ welcomes: false })
  hold(LOCK)
  const opening = open()
  await turns(6)

  link.close()
  await opening

  expect([happened, vi.getTimerCount()]).toEqual([[], 0])
})

describe('a worker that sends its tabs elsewhere', () => {
  const elsewhere = { minimix: 'elsewhere' as const, contract: CONTRACT_VERSION }

  test('is followed by another way, at once', async () => {
    const { open, worker, hold, looked } = stage({ welcomes: false })
    hold(LOCK)
    void open()
    await turns(6)

    worker.now.greet(elsewhere)
    await turns(4)

    expect(looked).toEqual([
      { again: undefined, elsewhere: false },
      { again: undefined, elsewhere: true },
    ])
  })

  test('is asked again where nobody is found there, and it is worker-unavailable after three tries', async () => {
    const { open, worker, hold, looked, happened } = stage({ welcomes: false })
    hold(LOCK)
    void open()
    await turns(6)
    worker.now.greet(elsewhere)
    await turns(4)

    await pass(BORN_MS)
    worker.now.greet(elsewhere)
    await turns(4)

    expect(looked.map((each) => each.elsewhere)).toEqual([false, true, false])
    expect(happened).toEqual(['failed worker-unavailable'])
  })
})

describe('a worker that cannot be started', () => {
  test.each([
    ['a policy refuses its address', new TypeError('This document requires TrustedScriptURL assignment')],
    ['the browser says no more', new TypeError()],
    ['something is thrown that is no error', 'no'],
  ])('because %s is worker-unavailable, at once', async (_what, thrown) => {
    const { open, happened, looked, locks } = stage({
      ways: {
        shared() {
          throw thrown
        },
      },
    })

    await open()

    expect([happened, looked.length]).toEqual([['failed worker-unavailable'], 1])
    expect(locks.isHeld('minimix:tab:t1')).toBe(true)
  })

  test('may be started the next time that somebody comes to look', async () => {
    let refuses = true
    const made: LinkStage = stage({
      ways: {
        shared() {
          if (refuses) throw new TypeError('not yet')
          return made.worker.now.spawn()
        },
      },
    })
    made.hold(LOCK)
    await made.open()
    refuses = false

    made.link.look()
    await turns(6)

    expect(made.happened).toEqual(['failed worker-unavailable', 'attached'])
  })
})

describe('shared workers that do not answer', () => {
  test('because there is no such file are not followed by one of this tab: it is the same file', async () => {
    const { started, own } = starter()
    const { open, happened } = stage({
      ways: {
        shared() {
          const worker = { port: new MessageChannel().port1, onerror: (_event: Event): void => undefined }
          setImmediate(() => worker.onerror(new Event('error')))
          return worker as unknown as SharedWorker // the two things that are touched
        },
        own,
      },
    })

    await open()
    await turns(6)

    expect([happened, started]).toEqual([['failed worker-unavailable'], []])
  })

  test('are tried three times, and then one of this tab is', async () => {
    let asked = 0
    const { started, own } = starter()
    const { link, happened } = stage({
      ways: {
        shared() {
          asked += 1
          const { port1 } = new MessageChannel()
          port1.close()
          return { port: port1, onerror: null } as unknown as SharedWorker // the two things that are touched
        },
        own,
      },
    })
    void link.open()
    await turns(4)

    for (const expected of [1, 2, 3]) {
      expect([asked, started.length]).toEqual([expected, 0])
      await pass(BORN_MS)
    }
    await pass(1)
    expect([asked, started.length, happened]).toEqual([3, 1, []])
    for (let tries = 0; tries < 3; tries++) await pass(BORN_MS + 1)

    expect([asked, started.length, happened]).toEqual([3, 3, ['failed worker-unavailable']])
  })
})

test('a link that is closed asks nobody any more, also where nobody has answered', async () => {
  const globals = browserGlobals([])
  globals.setLocks(lockTable().agent().manager)
  const way = { begin: vi.fn(), hello: vi.fn(), close: vi.fn() }
  const ways = { next: async () => way, fallBack: () => false, release: async () => undefined, hosts: false }
  const hears = { onAttached: vi.fn(), onEvents: vi.fn(), onGone: vi.fn(), onFailed: vi.fn() }
  const link = new Link({ tab: 't1', account: 'juliet@capulet.example', ways, ...hears })
  const opening = link.open()
  await turns(3)
  expect(way.begin).toHaveBeenCalledTimes(1)

  link.close()
  await opening

  expect(way.close).toHaveBeenCalledTimes(1)
  globals.restore()
})
