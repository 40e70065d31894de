import { describe, expect, test } from 'vitest'
import { TabLink } from '../../src/broker/tab-link.ts'
import { Tabs } from '../../src/broker/tabs.ts'
import type { TabEvent } from '../../src/contract/api.ts'
import { failure, type Reply } from '../../src/contract/errors.ts'
import type { Batch } from '../../src/contract/handshake.ts'
import { fakeClock } from '../support/fakes/fake-clock.ts'
import { turns } from '../support/fakes/turn.ts'

const EVENT: TabEvent = { kind: 'config', room: 'r@m', codes: [104] }

function stage(...ids: readonly string[]) {
  const clock = fakeClock()
  const posted: Record<string, Batch[]> = {}
  const tabs = new Tabs()
  for (const id of ids) {
    const batches: Batch[] = []
    posted[id] = batches
    tabs.add(new TabLink(id, 'life-1', { post: (batch) => void batches.push(batch) }, clock, () => undefined))
  }
  const events = (id: string): number => posted[id]?.reduce((sum, batch) => sum + batch.events.length, 0) ?? 0
  const replies: Reply<unknown>[] = []
  return { tabs, events, replies, settle: (reply: Reply<unknown>) => void replies.push(reply) }
}

test('those who are told hear, and nobody else', async () => {
  const { tabs, events } = stage('t1', 't2', 't3')

  tabs.tell(['t1', 't3', 'gone'], EVENT)
  await turns()

  expect([events('t1'), events('t2'), events('t3')]).toEqual([1, 0, 1])
})

test('what is announced every tab hears', async () => {
  const { tabs, events } = stage('t1', 't2')

  tabs.announce(EVENT)
  await turns()

  expect([events('t1'), events('t2')]).toEqual([1, 1])
})

test('a port that throws for one tab silences no other', async () => {
  const { tabs, events } = stage('t2')
  const post = (): void => {
    throw new DOMException('cannot be cloned', 'DataCloneError')
  }
  const all = new Tabs()
  all.add(new TabLink('bad', 'life-1', { post }, fakeClock(), () => undefined))
  for (const link of tabs.all) all.add(link)

  for (let i = 0; i < 128; i++) {
    try {
      all.announce(EVENT)
    } catch {
      // Seen below: the other tab must have heard all the same.
    }
  }
  await turns()

  expect(events('t2')).toBe(128)
})

describe('a call', () => {
  test('is answered behind the events that led to it', async () => {
    const { tabs, replies, settle } = stage('t1')
    const call = tabs.openCall('t1', settle)
    tabs.tell(['t1'], EVENT)

    tabs.answer(call, 'value')
    await turns()

    expect(replies).toEqual([{ ok: true, value: 'value', afterSeq: 1 }])
  })

  test('fails with data', async () => {
    const { tabs, replies, settle } = stage('t1')
    const error = failure('not-joined', 'send: not in')

    tabs.fail(tabs.openCall('t1', settle), error)
    await turns()

    expect(replies).toEqual([{ ok: false, error, afterSeq: 0 }])
  })

  test('is answered once', async () => {
    const { tabs, replies, settle } = stage('t1')
    const call = tabs.openCall('t1', settle)

    tabs.answer(call, 1)
    tabs.answer(call, 2)
    tabs.fail(call, failure('timeout', ''))
    await turns()

    expect(replies).toHaveLength(1)
  })

  test('has a number of its own', () => {
    const { tabs, settle } = stage('t1', 't2')

    expect(new Set([tabs.openCall('t1', settle), tabs.openCall('t1', settle), tabs.openCall('t2', settle)]).size).toBe(
      3,
    )
  })

  test('of a tab that is removed ends', async () => {
    const { tabs, replies, settle } = stage('t1', 't2')
    tabs.openCall('t1', settle)
    tabs.openCall('t2', settle)

    tabs.remove('t1')
    await turns()

    expect(replies).toMatchObject([{ ok: false, error: { code: 'aborted' } }])
  })

  test('that was answered to a tab that is gone still settles', () => {
    const { tabs, replies, settle } = stage()

    tabs.answer(tabs.openCall('t9', settle), null)

    expect(replies).toEqual([{ ok: true, value: null, afterSeq: 0 }])
  })
})

test('a tab that is removed is there no more', () => {
  const { tabs } = stage('t1', 't2')
  expect([tabs.has('t1'), tabs.size]).toEqual([true, 2])

  tabs.remove('t1')
  tabs.remove('t1')

  expect([tabs.has('t1'), tabs.size, tabs.link('t1')]).toEqual([false, 1, undefined])
})

describe('the tab that the person was at last', () => {
  test('hears alone, and where it is gone the one before it', async () => {
    const { tabs, events } = stage('t1', 't2', 't3')
    tabs.use('t3')
    tabs.use('t2')

    tabs.tellLast(EVENT)
    await turns()
    expect([events('t1'), events('t2'), events('t3')]).toEqual([0, 1, 0])
    tabs.remove('t2')
    tabs.tellLast(EVENT)
    await turns()

    expect([events('t1'), events('t3')]).toEqual([0, 1])
  })

  test('is any, where nothing is known of the person, and none where there is none', async () => {
    const { tabs, events } = stage('t1', 't2')

    tabs.tellLast(EVENT)
    await turns()
    expect(events('t1') + events('t2')).toBe(1)
    for (const tab of ['t1', 't2']) tabs.remove(tab)

    expect(() => tabs.tellLast(EVENT)).not.toThrow()
  })
})

test('a tab is hidden until it is shown, or gone', () => {
  const { tabs } = stage('t1', 't2')
  for (const tab of ['t1', 't2']) tabs.hide(tab, true)
  expect([...tabs.hidden]).toEqual(['t1', 't2'])

  tabs.hide('t1', false)
  tabs.remove('t2')

  expect([...tabs.hidden]).toEqual([])
})
