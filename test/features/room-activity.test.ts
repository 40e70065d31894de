import { expect, test } from 'vitest'
import { roomActivity } from '../../src/features/room-activity.ts'
import { readEnvelope } from '../../src/protocol/stanza.ts'
import { pluginStage } from '../support/fakes/plugin-stage.ts'
import { turns } from '../support/fakes/turn.ts'
import { stanza } from '../support/fakes/xml.ts'

const SERVICE = 'rooms.example'
const ROOM = `garden@${SERVICE}`
const HALL = `hall@${SERVICE}`
const RAI = "<feature var='urn:xmpp:rai:0'/>"
const info = (inside: string): string => `<query xmlns='http://jabber.org/protocol/disco#info'>${inside}</query>`
const activity = (from: string, ...rooms: readonly string[]): string =>
  `<message from='${from}'><rai xmlns='urn:xmpp:rai:0'>${rooms.map((room) => `<activity>${room}</activity>`).join('')}</rai></message>`

/** A service that has it unless said, and a room with a bookmark. */
async function stageOf({ says = RAI, autojoin = false } = {}) {
  const stage = pluginStage(roomActivity, () => (says === 'error' ? { error: 'service-unavailable' } : info(says)))
  const { parts } = stage
  const hear = (xml: string): boolean | undefined => {
    const node = stanza(xml)
    const envelope = readEnvelope(node)
    return envelope && parts.stanza?.(node, envelope)
  }
  parts.online?.(false)
  parts.bookmark?.(ROOM, { room: ROOM, autojoin })
  await turns()
  return { ...stage, hear }
}

test('a service that has it is asked for its word, once for all its rooms', async () => {
  const { parts, sent, asked } = await stageOf()

  parts.bookmark?.(HALL, { room: HALL, autojoin: false })
  await turns()

  expect(asked.map(({ to }) => to)).toEqual([SERVICE])
  expect(sent).toEqual([
    expect.stringMatching(/^<presence [^>]*to="rooms.example"[^>]*><rai xmlns="urn:xmpp:rai:0"\/>/),
  ])
})

test.each(['', 'error'])('one that has it not (%j) is sent nothing, and its word counts for nothing', async (says) => {
  const { sent, hear, told } = await stageOf({ says })

  expect(sent).toEqual([])
  expect(hear(activity(SERVICE, ROOM))).toBe(false)
  expect(told).toEqual([])
})

test('a room that the account is in, or is on its way into, is no cause to ask', async () => {
  expect((await stageOf({ autojoin: true })).asked).toEqual([])
  const { parts, world, asked } = await stageOf({ autojoin: true })
  world.isIn.add(ROOM)
  parts.bookmark?.(ROOM, { room: ROOM, autojoin: false })
  await turns()
  expect(asked).toEqual([])

  world.isIn.delete(ROOM)
  parts.membership?.(ROOM, false)
  await turns()
  expect(asked.map(({ to }) => to)).toEqual([SERVICE])
})

test('activity is told once, and to tabs that come later, until the account comes in', async () => {
  const { parts, hear, told } = await stageOf()

  expect(hear(activity(SERVICE, ROOM, ROOM))).toBe(true)
  hear(activity(SERVICE, ROOM))
  parts.attached?.('t2')
  parts.membership?.(ROOM, true)
  parts.attached?.('t3')
  expect(told).toEqual([
    ['activity', { room: ROOM }],
    ['activity', { room: ROOM }, 't2'],
  ])

  parts.membership?.(ROOM, false)
  hear(activity(SERVICE, ROOM))
  expect(told).toHaveLength(3)
})

test('nothing is told of rooms without a bookmark, or where the account is', async () => {
  const { parts, hear, told, world } = await stageOf()
  world.isIn.add(ROOM)
  hear(activity(SERVICE, ROOM, HALL))
  world.isIn.delete(ROOM)
  parts.bookmark?.(ROOM, undefined)
  hear(activity(SERVICE, ROOM))

  expect(told).toEqual([])
})

test('a bookmark that is removed takes its mark with it', async () => {
  const { parts, hear, told } = await stageOf()
  hear(activity(SERVICE, ROOM))
  parts.bookmark?.(ROOM, undefined)
  parts.attached?.('t2')

  expect(told).toHaveLength(1)
})

test.each([`${ROOM}/romeo`, ROOM, 'romeo@montague.example/x', 'other.example'])(
  'nobody but the service has a word in it: not %s',
  async (from) => {
    const { hear, told } = await stageOf()

    expect(hear(activity(from, ROOM))).toBe(false)
    expect(hear(activity(SERVICE, ROOM).replace('<message', "<message type='error'"))).toBe(false)
    expect(told).toEqual([])
  },
)

test('a service that takes it back is not heard any more', async () => {
  const { hear } = await stageOf()

  expect(hear(`<presence from='${SERVICE}' type='error'/>`)).toBe(true)
  expect(hear(activity(SERVICE, ROOM))).toBe(false)
})

test('each session asks anew; one that goes on does not', async () => {
  const { parts, sent } = await stageOf()
  parts.online?.(true)
  await turns()
  expect(sent).toHaveLength(1)

  parts.lost?.()
  parts.online?.(false)
  await turns()
  expect(sent).toHaveLength(2)
})

test('an answer that comes after the session was lost is nothing to act upon', async () => {
  let answer: (text: string) => void = () => undefined
  const { parts, sent } = pluginStage(roomActivity, () => new Promise<string>((resolve) => (answer = resolve)))
  parts.bookmark?.(ROOM, { room: ROOM, autojoin: false })
  parts.lost?.()
  answer(info(RAI))
  await turns()

  expect(sent).toEqual([])
})

test('so many services are asked', async () => {
  const { parts, asked } = await stageOf()
  for (let at = 0; at < 100; at++) parts.bookmark?.(`a@s${at}.example`, { room: `a@s${at}.example`, autojoin: false })
  await turns()

  expect(asked).toHaveLength(50)
})
