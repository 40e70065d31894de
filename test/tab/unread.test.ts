import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ROOM } from '../support/fakes/room-xml.ts'
import { type TabStage, tabStage } from '../support/fakes/tab-pair.ts'

const OTHER = 'hall@rooms.example'

let stage: TabStage
beforeEach(() => {
  stage = tabStage()
})
afterEach(() => stage.end())

const say = async (body: string, room = stage.room): Promise<void> => {
  room.say('romeo', body)
  await stage.settle()
}

describe('what nobody has seen', () => {
  test('is counted in the room and in its snapshot, told to subscribers and to listeners of the account', async () => {
    const { account, room } = await stage.tabInRoom()
    const told: object[] = []
    const snapshots: number[] = []
    account.on('unread', (event) => told.push(event))
    room.subscribe(() => snapshots.push(room.snapshot().unread))
    stage.look(false)
    await stage.settle()

    await say('hark')
    await say('Juliet!')

    expect([room.unread, room.mentions]).toEqual([2, 1])
    expect(room.snapshot()).toMatchObject({ unread: 2, mentions: 1 })
    expect(snapshots).toEqual([1, 2])
    expect(told).toEqual([
      { room: ROOM, unread: 1, mentions: 0 },
      { room: ROOM, unread: 2, mentions: 1 },
    ])
  })

  test('is read when the page is looked at again, and nothing is counted while it is', async () => {
    const { room } = await stage.tabInRoom()
    stage.look(false)
    await say('hark')

    stage.look(true)
    await stage.settle()
    await say('seen')

    expect(room.unread).toBe(0)
  })

  test('is known of rooms that this tab has not joined, also when they are asked for only then', async () => {
    stage.look(false)
    await stage.tabInRoom()
    await say('hark')
    const { account, room } = await stage.tab()

    expect(room.state).toBe('out')
    expect(room.unread).toBe(1)
    expect([...account.unread.values()]).toMatchObject([{ room: ROOM, unread: 1, mentions: 0 }])
    expect(account.room(OTHER).unread).toBe(0)
    await say('hark')

    expect(room.unread).toBe(2)
  })

  test('outlives the worker', async () => {
    stage.look(false)
    const { room } = await stage.tabInRoom()
    await say('hark')

    stage.worker.die()
    await stage.settle()
    await stage.pass(5_000)
    expect(room.unread).toBe(1)
    await say('again')

    expect(room.unread).toBe(2)
  })
})

describe('setShown()', () => {
  test('says which room this tab shows', async () => {
    const { room } = await stage.tabInRoom()
    await stage.until(room.setShown(false))
    await say('hark')
    expect(room.unread).toBe(1)

    await stage.until(room.setShown(true))

    expect(room.unread).toBe(0)
  })

  test('before the join holds for it, and for the next worker', async () => {
    const { room } = await stage.tab()
    await stage.until(room.setShown(false))
    await stage.until(room.join({ nick: 'juliet' }))
    await say('hark')
    expect(room.unread).toBe(1)

    stage.worker.die()
    await stage.settle()
    await stage.pass(5_000)

    expect(room.state).toBe('in')
    expect(room.unread).toBe(1)
  })

  test('throws for what is no boolean', async () => {
    const { room } = await stage.tab()

    expect(() => room.setShown('yes' as never)).toThrow(TypeError)
  })
})

describe('markDisplayed()', () => {
  test('reads up to a message', async () => {
    stage.look(false)
    const tab = await stage.tabInRoom()
    for (const body of ['one', 'two', 'three']) await say(body)
    const [, second] = tab.all('message')

    await stage.until(tab.room.markDisplayed(second?.id ?? ''))

    expect(tab.room.unread).toBe(1)
  })

  test('fails for a message that nobody knows, and throws for what is no id', async () => {
    const { room } = await stage.tabInRoom()

    expect(await stage.failure(room.markDisplayed('nobody-said-this'))).toMatchObject({
      code: 'stanza-error',
      condition: 'item-not-found',
    })
    for (const id of [undefined, '', 7]) expect(() => room.markDisplayed(id as never)).toThrow(TypeError)
  })
})

test('a notification comes with the message, in one tab alone', async () => {
  const tabs = [await stage.tabInRoom(), await stage.tabInRoom()]
  const told: object[] = []
  for (const { account } of tabs) account.on('notify', (event) => told.push(event))
  stage.look(false)
  await stage.settle()

  await say('Juliet!')
  stage.room.whisper('romeo', 'psst')
  await stage.settle()

  expect(told).toMatchObject([
    { room: ROOM, reason: 'mention', message: { body: 'Juliet!', history: false, fromThisTab: false } },
    { room: ROOM, reason: 'private', message: { body: 'psst' } },
  ])
})
