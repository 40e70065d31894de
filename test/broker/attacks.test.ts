// What a stranger, or a room that wants to harm, makes of the broker; the cases H of the conformance show the same with a real server.
import { describe, expect, test } from 'vitest'
import { mayWait } from '../../src/protocol/invites.ts'
import { MOST_OCCUPANTS } from '../../src/rooms/roster.ts'
import { type BrokerStage, brokerStage } from '../support/fakes/broker-stage.ts'
import { NS_MUC, NS_MUC_USER, NS_OCCUPANT_ID, ROOM } from '../support/fakes/room-xml.ts'

const NS_MAM = 'urn:xmpp:mam:2'
const OWN = `<x xmlns='${NS_MUC_USER}'><item affiliation='none' role='participant'/><status code='110'/></x>`
const OTHER = `<x xmlns='${NS_MUC_USER}'><item affiliation='none' role='participant'/></x>`

describe('a presence that says we are in a room', () => {
  test('of a stranger is not answered', async () => {
    const stage = brokerStage()
    await stage.inRoom('t1')
    const before = stage.upstream.sent.length

    stage.upstream.stream.deliver(`<presence from='mallory@example.org/x'>${OWN}</presence>`)
    await stage.settle()

    expect(stage.upstream.sent.slice(before)).toEqual([])
  })

  test('of a room that we have left is answered by leaving it', async () => {
    const stage = brokerStage()
    const tab = await stage.inRoom('t1')
    await tab.leave()
    const before = stage.upstream.sent.length

    stage.upstream.stream.deliver(`<presence from='${ROOM}/juliet'>${OWN}</presence>`)
    await stage.settle()

    expect(stage.upstream.sent.slice(before).map(({ attrs }) => attrs['type'])).toEqual(['unavailable'])
  })
})

describe('a room with more occupants than are taken in', () => {
  const come = ({ upstream }: BrokerStage, from: number, to: number): void => {
    for (let at = from; at < to; at++) upstream.stream.deliver(`<presence from='${ROOM}/c${at}'>${OTHER}</presence>`)
  }

  test('keeps so many and says so once; when some have gone others are shown', async () => {
    const stage = brokerStage()
    const tab = await stage.inRoom('t1')
    const occupants = async (): Promise<number | undefined> => (await tab.inspect()).rooms[0]?.occupants
    come(stage, 0, MOST_OCCUPANTS + 10)
    await stage.settle()

    expect(await occupants()).toBe(MOST_OCCUPANTS)
    expect(tab.told('error').map(({ error }) => error)).toMatchObject([
      { code: 'stanza-error', condition: 'resource-constraint' },
    ])
    stage.upstream.stream.deliver(`<presence type='unavailable' from='${ROOM}/c1'>${OTHER}</presence>`)
    expect(await occupants()).toBe(MOST_OCCUPANTS - 1)
    come(stage, MOST_OCCUPANTS + 20, MOST_OCCUPANTS + 25)
    expect(await occupants()).toBe(MOST_OCCUPANTS)
    expect(tab.told('error')).toHaveLength(1)
  }, 60_000)
})

describe('an archive that never comes to an end', () => {
  test('is asked so many times and no more, and what is said live is told', async () => {
    const stage = brokerStage({ features: [NS_MUC, NS_OCCUPANT_ID, NS_MAM] })
    const tab = await stage.inRoom('t1')
    stage.room.say('romeo', 'm1')
    await stage.settle()
    stage.upstream.server.resumes = false
    stage.upstream.stream.end('closed')
    for (let at = 2; at < 1_500; at++) stage.room.say('romeo', `m${at}`)
    stage.room.mostResults = 1
    stage.clock.advance(2_000)
    for (let round = 0; round < 600; round++) await stage.settle()
    stage.room.say('romeo', 'live')
    await stage.settle()

    const asked = stage.room.requests.filter(({ children }) => JSON.stringify(children).includes(NS_MAM))
    expect(asked).toHaveLength(1_000)
    expect(tab.told('message').at(-1)?.message.body).toBe('live')
    const { log } = await tab.inspect()
    expect(log.filter(({ text }) => text.includes('its archive has no end'))).toHaveLength(1)
  }, 60_000)
})

describe('invitations', () => {
  const invite = (room: string, from: string) => ({ room, from, mediated: false })

  test('of one inviter ten wait, and of all a hundred', () => {
    const ofOne = Array.from({ length: 10 }, (_, at) => invite(`r${at}@m`, 'eve@a'))
    const ofAll = Array.from({ length: 100 }, (_, at) => invite(`r${at}@m`, `eve${at}@a`))

    expect(mayWait(invite('r@m', 'eve@a/x'), ofOne)).toBe(false)
    expect(mayWait(invite('r@m', 'adam@a'), ofOne)).toBe(true)
    expect(mayWait(invite('r@m', 'eve@a'), ofOne.slice(1))).toBe(true)
    expect(mayWait(invite('r@m', 'adam@a'), ofAll)).toBe(false)
    expect(mayWait(invite('r@m', 'adam@a'), ofAll.slice(1))).toBe(true)
  })
})
