import { describe, expect, test } from 'vitest'
import type { HistoryPage } from '../../src/contract/api.ts'
import { child } from '../../src/protocol/xml.ts'
import { type BrokerStage, type BrokerStageOptions, brokerStage, type StageTab } from '../support/fakes/broker-stage.ts'
import { NS_MUC, NS_OCCUPANT_ID, ROOM } from '../support/fakes/room-xml.ts'

const NS_MAM = 'urn:xmpp:mam:2'
const FEATURES = [NS_MUC, NS_OCCUPANT_ID, NS_MAM]

type Wish = { readonly before?: string; readonly after?: string; readonly around?: string; readonly limit?: number }

/** How often the archive of the room was asked. */
const queries = ({ room }: BrokerStage): number => room.requests.filter((node) => child(node, NS_MAM, 'query')).length
const bodies = ({ messages }: HistoryPage): string[] => messages.map(({ body }) => body)
const range = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, i) => `m${from + i}`)

/** A tab in a room in which so much was said before, of which the join has brought the newest 20. */
async function inOldRoom(said = 50, options: BrokerStageOptions = {}) {
  const stage = brokerStage({ features: FEATURES, ...options })
  const ids = range(1, said).map((body) => {
    stage.clock.advance(1_000)
    return stage.room.say('romeo', body)
  })
  const tab = await stage.inRoom('t1')
  const page = async (wish: Wish = {}, of: StageTab = tab): Promise<HistoryPage> => {
    const reply = await of.call('history', { room: ROOM, limit: 10, ...wish })
    if (!reply.ok) throw new Error(`${reply.error.code} ${reply.error.condition}`)
    return reply.value
  }
  return { stage, tab, page, id: (n: number) => ids[n - 1] ?? '' }
}

describe('a page of history', () => {
  test('is the newest, which the browser has', async () => {
    const { stage, page } = await inOldRoom()

    const newest = await page()

    expect(bodies(newest)).toEqual(range(41, 50))
    expect(newest).toMatchObject({ atStart: false, atEnd: true })
    expect(queries(stage)).toBe(0)
  })

  test('before what the browser has comes from the archive of the room, and is stored', async () => {
    const { stage, page, id } = await inOldRoom()

    const older = await page({ before: id(31) })
    expect(bodies(older)).toEqual(range(21, 30))
    expect(queries(stage)).toBe(1)
    expect(bodies(await page({ before: id(31) }))).toEqual(range(21, 30))

    expect(queries(stage)).toBe(1)
    expect(older).toMatchObject({ atStart: false, atEnd: false })
  })

  test('that meets the edge of what the browser has is filled up', async () => {
    const { page, id } = await inOldRoom()

    expect(bodies(await page({ before: id(35), limit: 10 }))).toEqual(range(25, 34))
  })

  test('after page goes back to the first message, and says so', async () => {
    const { stage, page } = await inOldRoom()
    const all: string[] = []
    let at: string | undefined
    let last: HistoryPage | undefined
    for (let i = 0; i < 20 && !last?.atStart; i++) {
      last = await page({ limit: 7, ...(at !== undefined && { before: at }) })
      all.unshift(...bodies(last))
      at = last.messages[0]?.id
    }

    expect(all).toEqual(range(1, 50))
    expect(last?.atStart).toBe(true)
    const before = queries(stage)
    expect(await page({ ...(at !== undefined && { before: at }) })).toMatchObject({ messages: [], atStart: true })
    expect(queries(stage)).toBe(before)
  })

  test('after a message goes forward up to the end', async () => {
    const { page, id } = await inOldRoom()

    expect(await page({ after: id(45) })).toMatchObject({ atStart: false, atEnd: true })
    expect(bodies(await page({ after: id(45) }))).toEqual(range(46, 50))
    const some = await page({ after: id(35), limit: 3 })
    expect([bodies(some), some.atEnd]).toEqual([range(36, 38), false])
    expect(bodies(await page({ after: id(50) }))).toEqual([])
  })

  test('around a message has it in its middle', async () => {
    const { page, id } = await inOldRoom()

    expect(bodies(await page({ around: id(32), limit: 5 }))).toEqual(range(30, 34))
    expect(bodies(await page({ around: id(50), limit: 5 }))).toEqual(range(48, 50))
    expect(bodies(await page({ around: id(40), limit: 1 }))).toEqual(['m40'])
  })

  test('next to a message that nobody has is an error that says so', async () => {
    const { tab } = await inOldRoom()

    expect(await tab.call('history', { room: ROOM, limit: 5, before: 'nowhere' })).toMatchObject({
      ok: false,
      error: { code: 'stanza-error', condition: 'item-not-found' },
    })
  })

  test('of a room that nobody is in is what the browser has', async () => {
    const { stage, tab, page } = await inOldRoom()
    await tab.leave()
    const before = queries(stage)

    expect(bodies(await page())).toEqual(range(41, 50))
    expect(queries(stage)).toBe(before)
  })

  test('asked for by two tabs at once is asked of the room once, and both have it', async () => {
    const { stage, tab, id } = await inOldRoom()
    const other = await stage.inRoom('t2')

    const both = [tab, other].map((each) =>
      each.attached.api.call('history', { room: ROOM, limit: 10, before: id(31) }),
    )
    await stage.settle()

    const replies = await Promise.all(both)
    for (const reply of replies) expect(reply.ok && bodies(reply.value)).toEqual(range(21, 30))
    expect(queries(stage)).toBe(1)
  })

  test('does not change while live messages come: each is there once, and in its order', async () => {
    const { stage, tab, id, page } = await inOldRoom()

    const asking = tab.attached.api.call('history', { room: ROOM, limit: 30, before: id(41) })
    stage.room.say('romeo', 'm51')
    await stage.settle()
    const reply = await asking

    expect(reply.ok && bodies(reply.value)).toEqual(range(11, 40))
    expect(bodies(await page({ limit: 60 }))).toEqual(range(1, 51))
  })
})

describe('an archive that', () => {
  test('does not answer leaves what the browser has, and does not claim that it is all', async () => {
    const { stage, page, tab, id } = await inOldRoom()
    stage.room.mam = 'silent'
    const asking = tab.attached.api.call('history', { room: ROOM, limit: 10, before: id(35) })
    await stage.settle()
    stage.clock.advance(20_000)
    await stage.settle()

    const reply = await asking
    expect(reply.ok && [bodies(reply.value), reply.value.atStart]).toEqual([range(31, 34), false])
    stage.room.mam = 'works'
    expect(bodies(await page({ before: id(35) }))).toEqual(range(25, 34))
  })

  test('refuses leaves what the browser has', async () => {
    const { stage, page, id } = await inOldRoom()
    stage.room.mam = 'refuses'

    expect(bodies(await page({ before: id(35) }))).toEqual(range(31, 34))
  })

  test('gives less at a time than is asked for is asked again', async () => {
    const { stage, page, id } = await inOldRoom()
    stage.room.mostResults = 3

    expect(bodies(await page({ before: id(31) }))).toEqual(range(21, 30))
    expect(queries(stage)).toBe(4)
  })

  test('is none: the history is what the browser has, and there is no more', async () => {
    const { page, id, stage } = await inOldRoom(50, { features: [NS_MUC, NS_OCCUPANT_ID] })

    const page1 = await page({ before: id(35) })

    expect([bodies(page1), page1.atStart, queries(stage)]).toEqual([range(31, 34), true, 0])
  })
})
