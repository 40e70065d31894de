import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { directory } from '../../src/features/directory.ts'
import { roomActivity } from '../../src/features/room-activity.ts'
import type { FakeRoom } from '../support/fakes/fake-muc.ts'
import { conference } from '../support/fakes/fake-pep.ts'
import { ROOM } from '../support/fakes/room-xml.ts'
import { type TabStage, tabStage } from '../support/fakes/tab-pair.ts'

const NEW = 'new@rooms.example'
const DISCO = 'http://jabber.org/protocol/disco#info'
const NEW_ROOM = { preset: 'private-group', nick: 'juliet', jid: NEW } as const

let stage: TabStage
let made: FakeRoom
beforeEach(() => {
  stage = tabStage({ plugins: [directory, roomActivity] })
  made = stage.muc.room(NEW)
  made.form.set('muc#roomconfig_membersonly', '0').set('muc#roomconfig_roomname', '')
  // As long as nobody is in it is not there.
  made.refuseRequest = ({ children: [query] }) =>
    typeof query === 'object' && query.ns === DISCO && made.occupants.size === 0 ? 'item-not-found' : undefined
})
afterEach(() => stage.end())

const destroys = () => made.requests.filter((node) => JSON.stringify(node).includes('destroy'))
/** The service answers who asks what it is, and names these rooms to whom it tells of them. */
async function tellActivity(...rooms: readonly string[]): Promise<void> {
  const asked = stage.upstream.sent.findLast(({ name, attrs }) => name === 'iq' && attrs['to'] === 'rooms.example')
  stage.upstream.stream.deliver(
    `<iq type='result' from='rooms.example' id='${asked?.attrs['id']}'><query xmlns='${DISCO}'><feature var='urn:xmpp:rai:0'/></query></iq>`,
  )
  await stage.settle()
  const inside = rooms.map((room) => `<activity>${room}</activity>`).join('')
  stage.upstream.stream.deliver(`<message from='rooms.example'><rai xmlns='urn:xmpp:rai:0'>${inside}</rai></message>`)
  await stage.settle()
}

test('what a room says of itself is asked anew each time', async () => {
  made.enter('romeo')
  const { account } = await stage.tab()

  await stage.until(account.directory.info(NEW))
  made.features = ['muc_membersonly']

  expect(await stage.until(account.directory.info(NEW))).toMatchObject({ open: false, membersOnly: true })
})

describe('a new room', () => {
  test('is given when it is configured, and this tab is in', async () => {
    const { account } = await stage.tab()

    const room = await stage.until(account.directory.create({ ...NEW_ROOM, name: 'Us' }))

    expect(room).toBe(account.room(NEW))
    expect(room.state).toBe('in')
    expect(room.snapshot().needsConfiguration).toBe(false)
    expect(Object.fromEntries(made.form)).toEqual({
      'muc#roomconfig_membersonly': '1',
      'muc#roomconfig_roomname': 'Us',
    })
  })

  test.each([
    ['it cannot be configured', 'set'],
    ['nobody says how', 'get'],
  ])('does not stay where %s', async (_why, type) => {
    const { account } = await stage.tab()
    const { refuseRequest } = made
    made.refuseRequest = (node) => {
      const [query] = node.children
      const owner = typeof query === 'object' && query.ns.endsWith('#owner') && query
      const destroys = owner && JSON.stringify(owner).includes('destroy')
      return owner && !destroys && node.attrs['type'] === type ? 'not-acceptable' : refuseRequest(node)
    }

    expect(await stage.failure(account.directory.create(NEW_ROOM))).toMatchObject({ code: 'not-acceptable' })
    expect(destroys()).toHaveLength(1)
    expect(made.nicks).toEqual([])
    expect(account.memberships.size).toBe(0)
    expect(account.room(NEW).state).not.toBe('in')
  })

  test('is not made where there is one, and nothing goes there', async () => {
    made.enter('romeo')
    const { account } = await stage.tab()

    expect(await stage.failure(account.directory.create(NEW_ROOM))).toMatchObject({
      code: 'stanza-error',
      condition: 'conflict',
    })
    expect(
      stage.upstream.sent.filter(({ name, attrs }) => name === 'presence' && attrs['to']?.startsWith(NEW)),
    ).toEqual([])
  })

  test('that somebody else makes at the same moment is left to them', async () => {
    made.enter('romeo')
    made.refuseRequest = () => 'item-not-found'
    const { account } = await stage.tab()

    expect(await stage.failure(account.directory.create(NEW_ROOM))).toMatchObject({ condition: 'conflict' })
    expect(made.nicks).toEqual(['romeo'])
    expect(destroys()).toEqual([])
  })

  test('that does not let us in is an error of the join', async () => {
    made.refuse = () => 'not-allowed'
    const { account } = await stage.tab()

    expect(await stage.failure(account.directory.create(NEW_ROOM))).toMatchObject({ code: 'room-creation-forbidden' })
  })
})

test('wrong arguments are refused at once', async () => {
  const { directory } = (await stage.tab()).account

  // @ts-expect-error: there are two presets
  expect(() => directory.create({ ...NEW_ROOM, preset: 'secret' })).toThrow(TypeError)
  // @ts-expect-error: a name is a text
  expect(() => directory.create({ ...NEW_ROOM, name: 7 })).toThrow(TypeError)
  // @ts-expect-error: nobody comes in without a nick
  expect(() => directory.create({ preset: 'private-group' })).toThrow(TypeError)
  for (const limit of [0, 501, 1.5, Number.NaN]) expect(() => directory.rooms({ limit })).toThrow(TypeError)
  // @ts-expect-error: a place is a text
  expect(() => directory.rooms({ after: 3 })).toThrow(TypeError)
  expect(() => directory.search('')).toThrow(TypeError)
  // @ts-expect-error: an address is a text
  expect(() => directory.info(undefined)).toThrow(TypeError)
})

test('a room in which something was said is known in each tab until the account comes in, or its bookmark is gone', async () => {
  stage.pep.set(ROOM, conference("autojoin='false'"))
  stage.pep.set(NEW, conference("autojoin='false'"))
  const [t1, t2] = [await stage.tab(), await stage.tab()]
  const heard: string[] = []
  t1.account.on('activity', ({ room }) => heard.push(room))
  await stage.settle()
  await tellActivity(ROOM, NEW)
  await tellActivity(NEW)
  const t3 = await stage.tab()

  expect(heard).toEqual([ROOM, NEW])
  for (const { account } of [t1, t2, t3]) expect([...account.activeRooms]).toEqual([ROOM, NEW])
  await stage.until(t2.room.join({ nick: 'juliet' }))
  await stage.settle()
  for (const { account } of [t1, t2, t3]) expect([...account.activeRooms]).toEqual([NEW])
  stage.pep.remove(NEW)
  await stage.settle()
  for (const { account } of [t1, t2, t3]) expect([...account.activeRooms]).toEqual([])
})

test('activity that the next worker hears of as well is told once', async () => {
  stage.pep.set(ROOM, conference("autojoin='false'"))
  const { account } = await stage.tab()
  const heard: string[] = []
  account.on('activity', ({ room }) => heard.push(room))
  await tellActivity(ROOM)

  stage.worker.die()
  await stage.pass(1_000)
  await tellActivity(ROOM)

  expect(stage.counts.started).toBe(2)
  expect(stage.upstream.sent.filter((node) => JSON.stringify(node.children).includes('urn:xmpp:rai:0'))).toHaveLength(2)
  expect(heard).toEqual([ROOM])
})
