import { describe, expect, test } from 'vitest'
import { type Reading, TabLink } from '../../src/broker/tab-link.ts'
import type { TabEvent } from '../../src/contract/api.ts'
import type { Batch } from '../../src/contract/handshake.ts'
import { fakeClock } from '../support/fakes/fake-clock.ts'
import { sharedMessage } from '../support/fakes/shared-message.ts'
import { deferred, turns } from '../support/fakes/turn.ts'

const event = (n: number): TabEvent => ({ kind: 'config', room: 'r@m', codes: [n] })
/** An event that the store gives in its time. */
const later = (found: Promise<TabEvent>): Reading => ({ read: async () => [await found] })
const number = (each: TabEvent): number => (each.kind === 'config' ? (each.codes[0] ?? -1) : -1)

function stage() {
  const clock = fakeClock()
  const batches: Batch[] = []
  const back = { times: 0 }
  const post = (batch: Batch): void => void batches.push(batch)
  const link = new TabLink('t1', 'life-1', { post }, clock, () => {
    back.times += 1
  })
  return {
    back,
    clock,
    batches,
    link,
    push: (from: number, to: number) => {
      for (let n = from; n <= to; n++) link.push(event(n))
    },
    posted: () => batches.flatMap(({ events }) => events.map(number)),
    /** Lets time pass until nothing more is posted by itself. */
    async settle() {
      for (let i = 0; i < 20; i++) {
        await turns()
        clock.advance(8)
      }
      await turns()
    },
  }
}

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1)

describe('events', () => {
  test('go out in one batch where they come in one turn', async () => {
    const { batches, push } = stage()

    push(1, 3)
    await turns()

    expect(batches).toEqual([{ instance: 'life-1', seq: 1, events: [event(1), event(2), event(3)] }])
  })

  test('that come alone are not held back', async () => {
    const { posted, push } = stage()

    push(1, 1)
    await turns()

    expect(posted()).toEqual([1])
  })

  test('that follow within 8 ms wait for their end, together', async () => {
    const { batches, clock, push } = stage()
    push(1, 1)
    await turns()

    push(2, 2)
    await turns()
    clock.advance(7)
    push(3, 3)
    await turns()
    expect(batches).toHaveLength(1)
    clock.advance(1)

    expect(batches.map(({ seq, events }) => [seq, events.length])).toEqual([
      [1, 1],
      [2, 2],
    ])
  })

  test('do not wait where more than 8 ms have passed', async () => {
    const { clock, posted, push } = stage()
    push(1, 1)
    await turns()
    clock.advance(9)

    push(2, 2)
    await turns()

    expect(posted()).toEqual([1, 2])
  })

  test('wait no longer than 8 ms though the clock is set back an hour', async () => {
    const { clock, posted, push } = stage()
    push(1, 1)
    await turns()
    clock.setNowMs(clock.nowMs() - 3_600_000)

    push(2, 2)
    await turns()
    clock.advance(8)
    await turns()

    expect(posted()).toEqual([1, 2])
  })

  test('go out at once where they fill a batch', () => {
    const { batches, push } = stage()

    push(1, 128)

    expect(batches.map(({ events }) => events.length)).toEqual([128])
  })

  test('are numbered without a hole, at most 128 in a batch', async () => {
    const { batches, push, posted, settle } = stage()

    push(1, 500)
    await settle()

    expect(posted()).toEqual(upTo(500))
    expect(Math.max(...batches.map(({ events }) => events.length))).toBe(128)
    let next = 1
    for (const { seq, events } of batches) {
      expect(seq).toBe(next)
      next += events.length
    }
  })
})

describe('the window', () => {
  test('holds 1,024 events that are not acknowledged, and no more', async () => {
    const { push, posted, settle } = stage()

    push(1, 3000)
    await settle()

    expect(posted()).toEqual(upTo(1024))
  })

  test('opens by as much as is acknowledged', async () => {
    const { link, push, posted, settle } = stage()
    push(1, 3000)
    await settle()

    link.acknowledge(100)
    await settle()

    expect(posted()).toEqual(upTo(1124))
  })

  test('lets everything through, in order and once, to a tab that acknowledges', async () => {
    const { batches, link, push, posted, settle } = stage()
    push(1, 5000)

    let seen = 0
    for (let i = 0; i < 100 && posted().length < 5000; i++) {
      await settle()
      for (; seen < batches.length; seen++) {
        const batch = batches[seen]
        if (batch) link.acknowledge(batch.seq + batch.events.length - 1)
      }
    }

    expect(posted()).toEqual(upTo(5000))
  })

  test.each([
    ['of what was never posted', 1025],
    ['far beyond', Number.MAX_SAFE_INTEGER],
    ['that is no number', Number.NaN],
    ['below zero', -1],
    ['of nothing', 0],
  ])('does not open by an acknowledgement %s', async (_what, seq) => {
    const { link, push, posted, settle } = stage()
    push(1, 3000)
    await settle()

    link.acknowledge(seq)
    await settle()

    expect(posted()).toEqual(upTo(1024))
  })

  test('does not close by an old acknowledgement', async () => {
    const { link, push, posted, settle } = stage()
    push(1, 3000)
    await settle()
    link.acknowledge(200)
    await settle()

    link.acknowledge(100)
    await settle()

    expect(posted()).toEqual(upTo(1224))
    expect(link.figures).toMatchObject({ nextSeq: 1225, ackedSeq: 200 })
  })
})

describe('a marker', () => {
  test('runs once all before it has been posted, with the number of the last event', async () => {
    const { batches, link, push } = stage()
    const ran: unknown[] = []
    push(1, 2)

    link.push((afterSeq) => ran.push([afterSeq, batches.length]))
    push(3, 3)
    await turns()

    expect(ran).toEqual([[2, 1]])
  })

  test('runs without any event', async () => {
    const { link } = stage()
    const ran: number[] = []

    link.push((afterSeq) => ran.push(afterSeq))
    await turns()

    expect(ran).toEqual([0])
  })

  test('waits behind events that the window holds back', async () => {
    const { link, push, settle } = stage()
    const ran: number[] = []
    push(1, 1100)
    link.push((afterSeq) => ran.push(afterSeq))
    await settle()
    expect(ran).toEqual([])

    link.acknowledge(1000)
    await settle()

    expect(ran).toEqual([1100])
  })
})

describe('an event that is still on its way from the store', () => {
  test('holds back what is behind it, and then goes before it', async () => {
    const { link, push, posted, settle } = stage()
    const { promise, resolve } = deferred<TabEvent>()
    push(1, 1)
    link.push(later(promise))
    push(3, 4)
    await settle()
    expect(posted()).toEqual([1])

    resolve(event(2))
    await settle()

    expect(posted()).toEqual([1, 2, 3, 4])
  })

  test('that turns out to be none holds nothing back', async () => {
    const { link, push, posted, settle } = stage()
    link.push({ read: async () => [] })
    push(1, 1)
    await settle()

    expect(posted()).toEqual([1])
  })

  test('that fails holds nothing back', async () => {
    const { link, push, posted, settle } = stage()
    link.push(later(Promise.reject(new Error('the archive cannot be read'))))
    push(1, 1)
    await settle()

    expect(posted()).toEqual([1])
  })

  test('may be followed by another', async () => {
    const { link, posted, settle } = stage()
    const [one, two] = [deferred<TabEvent>(), deferred<TabEvent>()]
    link.push(later(one.promise))
    link.push(later(two.promise))
    two.resolve(event(2))
    await settle()
    expect(posted()).toEqual([])

    one.resolve(event(1))
    await settle()

    expect(posted()).toEqual([1, 2])
  })

  test('may end with more to read, which is read in its turn, before what is behind', async () => {
    const { link, push, posted, settle } = stage()
    let read = 0
    const part = (from: number, more: readonly Reading[]): Reading => ({
      read: async () => {
        read += 1
        return [...Array.from({ length: 1_024 }, (_, n) => event(from + n)), ...more]
      },
    })
    link.push(part(1, [part(1_025, [])]))
    push(2_049, 2_050)
    await settle()
    expect([posted(), read]).toEqual([upTo(1_024), 2])

    link.acknowledge(1_024)
    await settle()
    link.acknowledge(2_048)
    await settle()

    expect(posted()).toEqual(upTo(2_050))
  })

  test('does not let an acknowledgement pass', async () => {
    const { link, push, posted, settle } = stage()
    const { promise, resolve } = deferred<TabEvent>()
    push(1, 1)
    await settle()
    link.push(later(promise))
    push(3, 3)
    await settle()

    link.acknowledge(1)
    await settle()
    expect(posted()).toEqual([1])
    resolve(event(2))
    await settle()

    expect(posted()).toEqual([1, 2, 3])
  })

  test('lets a marker behind it know the number that it got', async () => {
    const { link, settle } = stage()
    const { promise, resolve } = deferred<TabEvent>()
    const ran: number[] = []
    link.push(later(promise))
    link.push((afterSeq) => ran.push(afterSeq))
    resolve(event(1))
    await settle()

    expect(ran).toEqual([1])
  })

  test('holds a great many back, and then they go out in order', async () => {
    const { link, push, posted, settle } = stage()
    const { promise, resolve } = deferred<TabEvent>()
    link.push(later(promise))
    push(2, 600)
    await settle()
    expect(posted()).toEqual([])

    resolve(event(1))
    await settle()

    expect(posted()).toEqual(upTo(600))
  })
})

describe('a link that is closed', () => {
  test('posts nothing more', async () => {
    const { link, push, posted, settle } = stage()
    push(1, 2)
    link.close()
    push(3, 3)
    await settle()

    expect(posted()).toEqual([])
  })

  test('still runs the markers that wait, and those that come: no call stays open', async () => {
    const { link, push, settle } = stage()
    const ran: string[] = []
    push(1, 1)
    link.push(() => ran.push('before'))

    link.close()
    link.push(() => ran.push('after'))
    await settle()

    expect(ran).toEqual(['before', 'after'])
  })

  test('posts nothing of what comes late from the store', async () => {
    const { link, posted, settle } = stage()
    const { promise, resolve } = deferred<TabEvent>()
    link.push(later(promise))
    await settle()
    link.close()
    resolve(event(1))
    await settle()

    expect(posted()).toEqual([])
  })
})

const said = (n: number): TabEvent => ({ kind: 'message', message: sharedMessage(n, { room: 'r@m' }) })

describe('a tab that does not listen', () => {
  /** As many messages as it takes. */
  const asleep = async () => {
    const made = stage()
    for (let n = 0; n < 6_000; n++) made.link.push(said(n))
    await made.settle()
    return made
  }

  test('costs no more the longer it sleeps', async () => {
    const { link, batches } = await asleep()

    expect(batches.flatMap(({ events }) => events)).toHaveLength(1_024)
    expect(link.figures.queued).toBe(0)
    expect(link.told('r@m')).toBe(1_023)
  })

  test('is not told of what comes then, but for what it would not be shown anew, and its calls are answered', async () => {
    const { link, back, posted, batches, settle } = await asleep()
    const answers: number[] = []
    link.push(event(7))
    link.push((afterSeq) => answers.push(afterSeq))
    expect([answers, back.times]).toEqual([[1_024], 0])

    link.acknowledge(1_024)
    await settle()
    expect([back.times, batches.flatMap(({ events }) => events).length]).toEqual([1, 1_024])
    link.goOn()
    link.push(event(8))
    await settle()

    expect(posted().slice(1_024)).toEqual([7, 8])
  })

  test('and is only behind because the store was slow comes back by itself', async () => {
    const { link, back, settle } = stage()
    link.push(later(new Promise(() => undefined)))
    for (let n = 0; n < 6_000; n++) link.push(said(n))

    await settle()

    expect(back.times).toBe(1)
  })
})
