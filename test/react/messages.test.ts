// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test } from 'vitest'
import { MessageList } from '../../src/react/message-list.ts'
import { useMessages, useRoom } from '../../src/react.ts'
import { memoryStore } from '../../src/storage/memory-store.ts'
import type { Room } from '../../src/tab/room.ts'
import { type ReactStage, reactStage } from '../support/fakes/react-stage.ts'
import { NS_MUC, said } from '../support/fakes/room-xml.ts'

let stage: ReactStage
beforeEach(() => {
  stage = reactStage({ features: [NS_MUC, 'urn:xmpp:mam:2'] })
})
afterEach(() => stage.end())

const bodies = ({ messages }: ReturnType<typeof useMessages>): string[] => messages.map(({ body }) => body)
const shownOf = (room: Room | undefined, limit = 5) =>
  stage.use((given: Room | undefined) => useMessages(given, { limit }), room)

/** So much was said before anybody looked. */
async function roomWith(count: number): Promise<Room> {
  stage.room.enter('Romeo')
  for (let at = 1; at <= count; at++) stage.room.say('Romeo', `m${at}`)
  return (await stage.tabInRoom()).room
}

test('the newest page is there at once, older ones come when they are asked for, up to the first message', async () => {
  const shown = await shownOf(await roomWith(12))
  expect(bodies(shown.now)).toEqual(['m8', 'm9', 'm10', 'm11', 'm12'])
  expect(shown.now).toMatchObject({ atStart: false, loading: false, error: undefined })

  await stage.acted(() => shown.now.loadOlder())
  expect(bodies(shown.now)).toEqual(['m3', 'm4', 'm5', 'm6', 'm7', 'm8', 'm9', 'm10', 'm11', 'm12'])
  expect(shown.now.atStart).toBe(false)

  await stage.acted(() => shown.now.loadOlder())
  await stage.acted(() => shown.now.loadOlder())
  expect(bodies(shown.now)).toEqual(Array.from({ length: 12 }, (_, at) => `m${at + 1}`))
  expect(shown.now.atStart).toBe(true)
})

test('what comes is added once, and the messages of before stay the same objects', async () => {
  const shown = await shownOf(await roomWith(2))
  const before = shown.now.messages

  await stage.acted(() => stage.room.say('Romeo', 'live'))

  expect(bodies(shown.now)).toEqual(['m1', 'm2', 'live'])
  expect(shown.now.messages.slice(0, 2)).toEqual(before)
  for (const [at, message] of before.entries()) expect(shown.now.messages[at]).toBe(message)
})

test('a list of which nothing changed stays the same object', async () => {
  const room = await roomWith(2)
  const shown = await shownOf(room)
  const before = shown.now

  await stage.acted(() => stage.room.enter('Mercutio'))
  await shown.again(room)

  expect(shown.now).toBe(before)
})

test('pages that are asked for twice are read once, and what comes meanwhile is in its place', async () => {
  const shown = await shownOf(await roomWith(12))

  await stage.acted(async () => {
    const [first, second] = [shown.now.loadOlder(), shown.now.loadOlder()]
    expect(second).toBe(first)
    stage.room.say('Romeo', 'live')
    await stage.until(first)
  })

  expect(bodies(shown.now)).toEqual(['m3', 'm4', 'm5', 'm6', 'm7', 'm8', 'm9', 'm10', 'm11', 'm12', 'live'])
})

test('a message of ours is in the outbox until it is among the others, and in one of the two at any time', async () => {
  stage.room.enter('Romeo')
  stage.room.say('Romeo', 'm1')
  const { account, room } = await stage.tabInRoom()
  const shown = await stage.use((given: Room) => {
    const { outbox } = useRoom(account, given.jid)
    return { ...useMessages(given), outbox }
  }, room)

  await stage.acted(() => void room.send('ours'))

  const places = shown.all.map(
    ({ messages, outbox }) => [...messages, ...outbox].filter(({ body }) => body === 'ours').length,
  )
  expect(places).toContain(1)
  expect(new Set(places.slice(places.indexOf(1)))).toEqual(new Set([1]))
  expect(bodies(shown.now)).toEqual(['m1', 'ours'])
  expect(shown.now.messages[1]).toMatchObject({ own: true, state: 'delivered' })
})

test('a correction changes the message where it is', async () => {
  const shown = await shownOf(await roomWith(0))
  await stage.acted(() => {
    stage.room.tell(said('Romeo', 'helo', { room: stage.room.jid, id: 's1' }))
    stage.room.say('Romeo', 'behind')
  })
  const [, behind] = shown.now.messages
  const replace = "<replace xmlns='urn:xmpp:message-correct:0' id='s1'/></message>"

  await stage.acted(() =>
    stage.room.tell(said('Romeo', 'hello', { room: stage.room.jid, id: 's2' }).replace('</message>', replace)),
  )

  expect(bodies(shown.now)).toEqual(['hello', 'behind'])
  expect(shown.now.messages[0]?.correctedAtMs).toBeGreaterThan(0)
  expect(shown.now.messages[1]).toBe(behind)
})

test('a component that comes before the tab is in shows what the join brings', async () => {
  stage.room.enter('Romeo')
  for (const body of ['m1', 'm2', 'm3']) stage.room.say('Romeo', body)
  const { room } = await stage.tab()
  const shown = await shownOf(room, 2)
  expect(bodies(shown.now)).toEqual([])

  await stage.acted(() => stage.until(room.join({ nick: 'juliet' })))

  expect(bodies(shown.now)).toEqual(['m1', 'm2', 'm3'])
})

test('what was missed while the worker was dead is there once', async () => {
  const room = await roomWith(2)
  const shown = await shownOf(room)

  await stage.acted(async () => {
    stage.worker.die()
    stage.room.say('Romeo', 'missed')
    await stage.pass(20_000)
  })
  await stage.acted(() => stage.pass(5_000))

  expect(bodies(shown.now)).toEqual(['m1', 'm2', 'missed'])
})

test('a room that is entered once more is shown anew, without what was missed in between', async () => {
  const room = await roomWith(2)
  const shown = await shownOf(room)
  await stage.acted(() => stage.until(room.leave()))
  await stage.pass(15_000)
  expect(bodies(shown.now)).toEqual(['m1', 'm2'])
  for (let at = 1; at <= 30; at++) stage.room.say('Romeo', `away${at}`)

  await stage.acted(() => stage.until(room.join({ nick: 'juliet' })))

  expect(bodies(shown.now).at(-1)).toBe('away30')
  const numbers = bodies(shown.now).map((body) => Number(/^away(\d+)$/.exec(body)?.[1]))
  for (const [at, number] of numbers.entries()) expect(number).toBe((numbers[0] ?? 0) + at)
})

test('a page that comes when the room has been entered once more is none of what is shown', async () => {
  stage.end()
  let end = (): void => undefined
  const slow = new Promise<void>((resolve) => {
    end = resolve
  })
  const store = memoryStore()
  const find: typeof store.find = async (room, id) => {
    await slow
    return store.find(room, id)
  }
  stage = reactStage({ features: [NS_MUC], store: () => ({ ...store, find }) })
  const room = await roomWith(20)
  const shown = await shownOf(room)
  await stage.acted(() => void shown.now.loadOlder())
  await stage.acted(() => stage.until(room.leave()))
  await stage.acted(() => stage.pass(15_000))
  for (let at = 21; at <= 60; at++) stage.room.say('Romeo', `m${at}`)
  await stage.acted(() => stage.until(room.join({ nick: 'juliet' })))
  const { now } = shown

  await stage.acted(() => end())

  expect(bodies(now)).toEqual(Array.from({ length: 20 }, (_, at) => `m${at + 41}`))
  expect(shown.now).toBe(now)
})

test('of more messages than anybody reads the oldest go, and can be read again', async () => {
  const room = await roomWith(3)
  const list = new MessageList(room, 5, 4)
  const off = list.subscribe(() => undefined)
  await stage.settle()
  expect(list.snapshot().atStart).toBe(true)
  for (const body of ['m4', 'm5', 'm6']) stage.room.say('Romeo', body)
  await stage.settle()
  expect(bodies(list.snapshot())).toEqual(['m3', 'm4', 'm5', 'm6'])
  expect(list.snapshot().atStart).toBe(false)

  await stage.until(list.snapshot().loadOlder())

  expect(bodies(list.snapshot())).toEqual(['m1', 'm2', 'm3', 'm4', 'm5', 'm6'])
  expect(list.snapshot().atStart).toBe(true)
  off()
})

test('where a page cannot be read the error is there, until one can', async () => {
  const room = await roomWith(12)
  const shown = await shownOf(room)
  stage.worker.die()

  await stage.acted(() => shown.now.loadOlder())
  expect(shown.now).toMatchObject({ loading: false, error: { code: 'worker-gone' } })

  await stage.acted(() => stage.pass(20_000))
  await stage.acted(() => shown.now.loadOlder())
  expect(shown.now.error).toBeUndefined()
  expect(shown.now.messages).toHaveLength(10)
})

test('without a room there is nothing, and nothing to load', async () => {
  const shown = await shownOf(undefined)

  await shown.now.loadOlder()

  expect(shown.now).toMatchObject({ messages: [], atStart: false, loading: false })
})

test.each([0, 1.5, 501, '5'])('a limit of %j is none', async (limit) => {
  const { room } = await stage.tab()
  const use = stage.use(() => useMessages(room, { limit: limit as number }), undefined)

  await expect(use).rejects.toThrow(TypeError)
})
