// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type RoomJoin, useOccupants, useRoom } from '../../src/react.ts'
import type { Account } from '../../src/tab/account.ts'
import { type ReactStage, reactStage } from '../support/fakes/react-stage.ts'
import { ROOM } from '../support/fakes/room-xml.ts'

let stage: ReactStage
beforeEach(() => {
  stage = reactStage()
})
afterEach(() => stage.end())

interface Given {
  readonly account: Account | undefined
  readonly join?: RoomJoin
}
const useGiven = ({ account, join }: Given) => useRoom(account, ROOM, join)
const joins = (): number =>
  stage.upstream.stream.sent.filter(
    ({ name, attrs, children }) =>
      name === 'presence' &&
      attrs['type'] === undefined &&
      children.some((child) => typeof child !== 'string' && child.ns === 'http://jabber.org/protocol/muc'),
  ).length
const juliet = { nick: 'juliet' }

test('the tab is in the room while the component is there: one join, also in strict mode, and one leave', async () => {
  const { account } = await stage.tab()
  const used = await stage.use(useGiven, { account, join: juliet })

  expect(used.now).toMatchObject({ state: 'in', nick: 'juliet', error: undefined })
  expect(used.now.room).toBe(account.room(ROOM))
  expect(joins()).toBe(1)

  await used.again({ account, join: { ...juliet } })
  expect(joins()).toBe(1)

  await used.gone()
  expect(account.room(ROOM).state).toBe('out')
})

test('of two components the last one that goes leaves the room', async () => {
  const { account, room } = await stage.tab()
  const first = await stage.use(useGiven, { account, join: juliet })
  const second = await stage.use(useGiven, { account, join: juliet })
  expect(joins()).toBe(1)

  await first.gone()
  expect(room.state).toBe('in')
  await second.gone()
  expect(room.state).toBe('out')
})

test('a component that takes the place of another one takes the room over', async () => {
  const { account, room } = await stage.tab()
  const states: string[] = []
  room.subscribe(() => states.push(room.state))
  const shown = await stage.use(({ at }: { at: number }) => useRoom(account, ROOM, { nick: at < 2 ? 'juliet' : 'j' }), {
    at: 1,
  })

  await shown.again({ at: 2 })

  expect(states).not.toContain('out')
  expect(room.state).toBe('in')
})

test('a room that the application has joined itself is not left', async () => {
  const { account, room } = await stage.tabInRoom()
  const used = await stage.use(useGiven, { account, join: juliet })

  await used.gone()

  expect(room.state).toBe('in')
})

test('without options nobody joins, and what the room is is shown all the same', async () => {
  const { account, room } = await stage.tab()
  const used = await stage.use(useGiven, { account })
  expect(used.now.state).toBe('out')

  await stage.acted(() => stage.until(room.join(juliet)))
  expect(used.now.state).toBe('in')
  await stage.acted(() => stage.room.setSubject('Romeo', 'the balcony'))
  expect(used.now.subject.text).toBe('the balcony')
  await used.gone()
  expect(room.state).toBe('in')
})

test('a nick that is refused is an error, and another one another try', async () => {
  const { account } = await stage.tab()
  stage.room.enter('Romeo')
  stage.room.refuse = (nick) => (nick === 'juliet' ? 'conflict' : undefined)
  const used = await stage.use(useGiven, { account, join: juliet })
  expect(used.now).toMatchObject({ state: 'out', error: { code: 'room-nick-conflict' } })

  await used.again({ account, join: { nick: 'jule' } })
  expect(used.now).toMatchObject({ state: 'in', nick: 'jule', error: undefined })
})

test('an error is over when the tab is in by another way, and does not come back', async () => {
  const { account, room } = await stage.tab()
  stage.room.refuse = (nick) => (nick === 'juliet' ? 'conflict' : undefined)
  const used = await stage.use(useGiven, { account, join: juliet })
  await stage.acted(() => stage.until(room.join({ nick: 'jule' })))
  expect(used.now).toMatchObject({ state: 'in', error: undefined })

  await stage.acted(() => stage.room.exit('jule', { codes: [307] }))

  expect(used.now).toMatchObject({ state: 'removed', error: undefined })
})

test('other options join once more: the nick is another one where it is to be taken over', async () => {
  const { account } = await stage.tab()
  const used = await stage.use<Given, ReturnType<typeof useGiven>>(useGiven, { account, join: juliet })

  await used.again({ account, join: { nick: 'jule', takeover: true } })

  expect(used.now).toMatchObject({ state: 'in', nick: 'jule' })
  await used.gone()
  expect(account.room(ROOM).state).toBe('out')
})

test('a nick that cannot be any is an error, too', async () => {
  const { account } = await stage.tab()
  const used = await stage.use(useGiven, { account, join: { nick: '  ' } })

  expect(used.now).toMatchObject({ state: 'out', error: { code: 'jid-malformed' } })
})

test('a component that goes while it joins leaves nothing behind', async () => {
  const { account, room } = await stage.tab()
  stage.room.deaf = true
  const used = await stage.use(useGiven, { account, join: juliet })
  expect(used.now.state).toBe('joining')

  await used.gone()

  expect(room.state).toBe('out')
})

test('the list of occupants is another one only where one of them changed', async () => {
  stage.room.enter('Romeo')
  const { room } = await stage.tabInRoom()
  const used = await stage.use(useOccupants, room)
  expect(used.now.map(({ nick }) => nick).sort()).toEqual(['Romeo', 'juliet'])
  const { now } = used

  await stage.acted(() => stage.room.setSubject('Romeo', 'the balcony'))
  expect(used.now).toBe(now)

  await stage.acted(() => stage.room.enter('Mercutio'))
  expect(used.now).toHaveLength(3)
  for (const occupant of now) expect(used.now).toContain(occupant)
})

test('without an account there is no room', async () => {
  const used = await stage.use(useGiven, { account: undefined, join: juliet })

  expect(used.now).toMatchObject({ room: undefined, state: 'out' })
  expect((await stage.use(useOccupants, undefined)).now).toEqual([])
})
