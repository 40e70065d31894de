import { afterEach, describe, expect, test, vi } from 'vitest'
import type { TabEvent } from '../../src/contract/api.ts'
import { CONTRACT_VERSION } from '../../src/contract/api.ts'
import { failure, MinimixError, type Reply } from '../../src/contract/errors.ts'
import { CALL_MS, callBroker } from '../../src/tab/remote.ts'
import { type LinkStage, type LinkStageOptions, linkStage } from '../support/fakes/link-stage.ts'
import { batch, type ScriptedWorkerOptions } from '../support/fakes/scripted-worker.ts'
import { deferred, turns } from '../support/fakes/turn.ts'

const event = (n: number): TabEvent => ({ kind: 'config', room: 'r@m', codes: [n] })

const stages: LinkStage[] = []
afterEach(() => {
  for (const each of stages.splice(0)) each.end()
})
const stage = (options?: LinkStageOptions): LinkStage => {
  const made = linkStage(options)
  stages.push(made)
  return made
}

describe('an attachment', () => {
  test('begins with the tab’s own lock: a hello without it would look like a tab that has died', async () => {
    const { open, locks, hold, happened } = stage()
    hold('minimix:broker:life-1')

    await open()

    expect(locks.isHeld('minimix:tab:t1')).toBe(true)
    expect(happened).toEqual(['attached'])
  })

  test('gives events in their order, and acknowledges each batch', async () => {
    const { open, hold, worker, events } = stage()
    hold('minimix:broker:life-1')
    await open()

    worker.now.post(batch(1, [event(1), event(2)]))
    worker.now.post(batch(3, [event(3)]))
    await turns(3)

    expect(events).toEqual([event(1), event(2), event(3)])
    expect(worker.now.acks).toEqual([2, 3])
  })

  test.each([
    ['another life', batch(1, [event(1)], 'life-0')],
    ['no number', { instance: 'life-1', seq: '1', events: [] }],
    ['no events', { instance: 'life-1', seq: 1 }],
    ['nothing', null],
    ['a text', 'batch'],
  ])('takes no batch of %s', async (_what, nonsense) => {
    const { open, hold, worker, events } = stage()
    hold('minimix:broker:life-1')
    await open()

    worker.now.post(nonsense)
    await turns(3)

    expect(events).toEqual([])
    expect(worker.now.acks).toEqual([])
  })

  test('is not begun anew by a second birth notice of the same life', async () => {
    const { open, hold, worker } = stage()
    hold('minimix:broker:life-1')
    await open()

    const lock = 'minimix:broker:life-1'
    worker.now.greet({ minimix: 'born', contract: CONTRACT_VERSION, instance: 'life-1', lock })
    await turns(3)

    expect(worker.now.counts.hellos).toBe(1)
  })

  test('is begun anew by a worker that began again on the same port (WebKit)', async () => {
    const { open, hold, worker, events, link } = stage()
    hold('minimix:broker:life-1')
    await open()
    const first = link.attachment

    const lock = 'minimix:broker:life-2'
    hold(lock)
    worker.now.greet({ minimix: 'born', contract: CONTRACT_VERSION, instance: 'life-2', lock })
    await turns(3)
    worker.now.post(batch(1, [event(7)], 'life-2'))
    await turns(3)

    expect(worker.now.counts.hellos).toBe(2)
    expect(first?.ended.aborted).toBe(true)
    expect(link.attachment?.instance).toBe('life-2')
    expect(events).toEqual([event(7)])
  })

  test('is not harmed by a second welcome', async () => {
    const { open, hold, replace, worker, events, happened } = stage()
    const broker = hold('minimix:broker:life-1')
    await open()

    worker.now.greet({ minimix: 'welcome', contract: CONTRACT_VERSION, instance: 'life-1' })
    await turns(3)
    worker.now.post(batch(1, [event(1)]))
    await turns(3)
    expect(events).toEqual([event(1)])
    replace({ instance: 'life-2', lock: 'minimix:broker:life-2' })
    hold('minimix:broker:life-2')
    broker.die()
    await turns(6)

    expect(happened.filter((what) => what === 'gone')).toHaveLength(1)
  })

  test.each([[null], ['born'], [{ minimix: 'hi' }], [7]])('is not harmed by the greeting %j', async (nonsense) => {
    const { open, hold, worker, happened } = stage()
    hold('minimix:broker:life-1')
    await open()

    worker.now.greet(nonsense as never)
    await turns(3)

    expect(happened).toEqual(['attached'])
  })
})

describe('the death of the worker', () => {
  test('is told by its lock, and another worker is looked for', async () => {
    const { open, hold, replace, happened, link } = stage()
    const broker = hold('minimix:broker:life-1')
    await open()
    replace({ instance: 'life-2', lock: 'minimix:broker:life-2' })
    hold('minimix:broker:life-2')

    broker.die()
    await turns(8)

    expect(happened).toEqual(['attached', 'gone', 'attached'])
    expect(link.attachment?.instance).toBe('life-2')
  })

  test('ends what waited for its events', async () => {
    const { open, hold, link } = stage()
    const broker = hold('minimix:broker:life-1')
    await open()
    const attachment = link.attachment
    const reached = attachment?.reached(99)

    broker.die()

    await reached
  })

  test('is nothing to a tab that has closed its link', async () => {
    const { open, hold, happened, link, worker } = stage()
    const broker = hold('minimix:broker:life-1')
    await open()
    link.close()

    broker.die()
    await turns(5)

    expect(happened).toEqual(['attached'])
    expect(worker.now.counts.spawned).toBe(1)
  })

  test('before it has said welcome is noticed at once, and another worker is looked for', async () => {
    const { open, hold, replace, happened, link } = stage({ welcomes: false })
    const broker = hold('minimix:broker:life-1')
    void open()
    await turns(5)
    replace({ instance: 'life-2', lock: 'minimix:broker:life-2' })
    hold('minimix:broker:life-2')

    broker.die()
    await turns(8)

    expect(happened).toEqual(['attached'])
    expect(link.attachment?.instance).toBe('life-2')
  })

  test('that began again on its port, before it has said welcome once more, is noticed as well', async () => {
    const { open, hold, replace, worker, workers, happened, link } = stage()
    hold('minimix:broker:life-1')
    await open()
    replace({ instance: 'life-3', lock: 'minimix:broker:life-3' })
    hold('minimix:broker:life-3')
    const reborn = hold('minimix:broker:life-2')
    workers[0]?.greet({
      minimix: 'born',
      contract: CONTRACT_VERSION,
      instance: 'life-2',
      lock: 'minimix:broker:life-2',
    })
    reborn.die()
    await turns(10)

    expect(link.attachment?.instance).toBe('life-3')
    expect([happened, worker.now.counts.spawned]).toEqual([['attached', 'gone', 'attached'], 1])
  })

  test('that hangs before it has said welcome is noticed by the time', async () => {
    const { open, hold, worker, happened } = stage({ welcomes: false })
    hold('minimix:broker:life-1')
    void open()
    await turns(5)

    await vi.advanceTimersByTimeAsync(14_999)
    expect(worker.now.counts.spawned).toBe(1)

    for (let i = 0; i < 3; i++) {
      await vi.advanceTimersByTimeAsync(15_000)
      await turns(5)
    }

    expect(worker.now.counts.spawned).toBe(3)
    expect(happened).toEqual(['failed worker-unavailable'])
  })
})

describe('a link that is closed', () => {
  test('lets go of the tab’s lock', async () => {
    const { open, hold, link, locks } = stage()
    hold('minimix:broker:life-1')
    await open()

    link.close()
    await turns()

    expect(locks.isHeld('minimix:tab:t1')).toBe(false)
  })

  test('before its lock was held lets go of it then', async () => {
    const { link, locks, worker } = stage()
    const opening = link.open()

    link.close()
    await opening
    await turns(2)

    expect(locks.isHeld('minimix:tab:t1')).toBe(false)
    expect(worker.now.counts.spawned).toBe(0)
  })

  test('gives no events any more', async () => {
    const { open, hold, link, worker, events } = stage()
    hold('minimix:broker:life-1')
    await open()

    link.close()
    worker.now.post(batch(1, [event(1)]))
    await turns(3)

    expect(events).toEqual([])
  })
})

describe('a call', () => {
  const answer = (value: unknown, afterSeq = 0): Reply<unknown> => ({ ok: true, value, afterSeq })
  const attached = async (options: ScriptedWorkerOptions = {}) => {
    const made = stage(options)
    const broker = made.hold('minimix:broker:life-1')
    await made.open()
    return { ...made, broker }
  }
  const outcomeOf = async (promise: Promise<unknown>): Promise<unknown[]> => {
    const outcomes: unknown[] = []
    promise.then(
      (value) => outcomes.push(value),
      (error: unknown) => outcomes.push(error),
    )
    await turns(4)
    return outcomes
  }

  test('is given to the worker, and its answer to the caller', async () => {
    const { link, worker } = await attached({ onCall: async () => answer('inspection') })

    expect(await outcomeOf(callBroker(link, 'inspect', null))).toEqual(['inspection'])
    expect(worker.now.calls).toEqual([{ name: 'inspect', args: null }])
  })

  test('that fails rejects with the error of the worker, as the one class', async () => {
    const error = failure('room-gone', 'join r@m: gone', { condition: 'gone', alternate: 'other@m' })
    const { link } = await attached({ onCall: async () => ({ ok: false, error, afterSeq: 0 }) })

    const [rejected] = await outcomeOf(callBroker(link, 'inspect', null))

    expect(rejected).toBeInstanceOf(MinimixError)
    expect(rejected).toMatchObject({
      name: 'MinimixError',
      code: 'room-gone',
      message: 'join r@m: gone',
      retry: false,
      condition: 'gone',
      alternate: 'other@m',
    })
  })

  test('ends once the events before its answer have been handled', async () => {
    const { link, worker } = await attached({ onCall: async () => answer('joined', 2) })
    const outcomes: unknown[] = []
    void callBroker(link, 'inspect', null).then((value) => outcomes.push(value))
    await turns(4)
    worker.now.post(batch(1, [event(1)]))
    await turns(3)
    expect(outcomes).toEqual([])

    worker.now.post(batch(2, [event(2)]))
    await turns(3)

    expect(outcomes).toEqual(['joined'])
  })

  test('that is not answered ends with timeout, when its time is over', async () => {
    const { link, look } = await attached({ onCall: () => new Promise(() => undefined) })
    look(false) // nobody asks whether the worker is there
    const outcomes: unknown[] = []
    callBroker(link, 'inspect', null).catch((error: unknown) => outcomes.push(error))
    await vi.advanceTimersByTimeAsync(CALL_MS - 1)
    expect(outcomes).toEqual([])

    await vi.advanceTimersByTimeAsync(1)

    expect(outcomes).toMatchObject([{ code: 'timeout', retry: true }])
  })

  test('whose events never come ends with timeout as well', async () => {
    const { link } = await attached({ onCall: async () => answer('joined', 99) })
    const outcomes: unknown[] = []
    callBroker(link, 'inspect', null, { timeoutMs: 1_000 }).catch((error: unknown) => outcomes.push(error))
    await turns(4)

    await vi.advanceTimersByTimeAsync(1_000)

    expect(outcomes).toMatchObject([{ code: 'timeout' }])
  })

  test('ends with worker-gone when the worker dies', async () => {
    const { link, broker } = await attached({ onCall: () => new Promise(() => undefined) })
    const calling = callBroker(link, 'inspect', null)
    const failing = outcomeOf(calling)
    broker.die()

    await failing

    expect(await outcomeOf(calling)).toMatchObject([{ code: 'worker-gone', retry: true }])
  })

  test('without a worker fails with worker-gone at once', async () => {
    const { link } = stage()

    expect(await outcomeOf(callBroker(link, 'inspect', null))).toMatchObject([{ code: 'worker-gone' }])
  })

  test('is given up by its signal', async () => {
    const { link } = await attached({ onCall: () => new Promise(() => undefined) })
    const ending = new AbortController()
    const calling = callBroker(link, 'inspect', null, { signal: ending.signal })

    ending.abort()

    expect(await outcomeOf(calling)).toMatchObject([{ code: 'aborted' }])
  })

  test('that has ended leaves no timer behind', async () => {
    const { link } = await attached({ onCall: async () => answer(null) })
    const before = vi.getTimerCount()

    await outcomeOf(callBroker(link, 'inspect', null))

    expect(vi.getTimerCount()).toBe(before)
  })

  test('that has ended is not ended again by a signal that is aborted later', async () => {
    const { link } = await attached({ onCall: async () => answer('value') })
    const ending = new AbortController()
    const outcomes = await outcomeOf(callBroker(link, 'inspect', null, { signal: ending.signal }))

    ending.abort()
    await turns(2)

    expect(outcomes).toEqual(['value'])
  })

  test('whose worker throws fails, and does not hang', async () => {
    const { link } = await attached({ onCall: () => Promise.reject(new Error('broken worker')) })

    expect(await outcomeOf(callBroker(link, 'inspect', null))).toHaveLength(1)
  })

  test('answers late and nobody minds', async () => {
    const late = deferred<Reply<unknown>>()
    const { link } = await attached({ onCall: () => late.promise })
    const calling = callBroker(link, 'inspect', null, { timeoutMs: 10 })
    const first = outcomeOf(calling)
    await vi.advanceTimersByTimeAsync(10)
    await first

    late.resolve({ ok: false, error: failure('offline', 'late'), afterSeq: 0 })
    await turns(4)

    expect(await outcomeOf(calling)).toMatchObject([{ code: 'timeout' }])
  })
})
