import { describe, expect, test } from 'vitest'
import type { Occupant } from '../../src/contract/model.ts'
import type { Effect } from '../../src/rooms/effects.ts'
import { newRoom, type Room } from '../../src/rooms/room.ts'
import type { RosterChange } from '../../src/rooms/roster-diff.ts'
import { tellRosterChange } from '../../src/rooms/roster-telling.ts'

const BOB: Occupant = {
  nick: 'bob',
  role: 'participant',
  affiliation: 'none',
  show: 'online',
  hats: [],
  own: false,
  ownAccount: false,
}
const LEFT = { is: 'left', occupant: BOB, how: 'left', reason: undefined, actor: undefined } as const
const ASK = { nick: 'juliet', password: undefined, history: undefined }

function roomWith(...tabs: readonly string[]): Room {
  const room = newRoom('r@m')
  for (const tab of tabs) room.holds.set(tab, { ask: ASK, state: 'in', call: undefined })
  room.holds.set('parked', { ask: ASK, state: 'waiting', call: 1 })
  return room
}

function tell(room: Room, change: RosterChange, synthetic = false): Effect[] {
  const out: Effect[] = []
  tellRosterChange(room, change, synthetic, out)
  return out
}

test('every tab that is in is told, and none that waits', () => {
  expect(tell(roomWith('t1', 't2'), { is: 'joined', occupant: BOB })).toEqual([
    {
      do: 'tell',
      tabs: ['t1', 't2'],
      event: { kind: 'occupant-joined', room: 'r@m', synthetic: false, occupant: BOB },
    },
  ])
})

test('nobody is told where nobody listens', () => {
  expect(tell(roomWith(), LEFT)).toEqual([])
})

describe('the event', () => {
  const event = (change: RosterChange, synthetic = false) => {
    const [effect] = tell(roomWith('t1'), change, synthetic)
    return effect?.do === 'tell' ? effect.event : undefined
  }

  test('says what was worked out and not seen', () => {
    expect(event(LEFT, true)).toMatchObject({ synthetic: true })
  })

  test('of a change carries the occupant', () => {
    expect(event({ is: 'changed', occupant: BOB, before: BOB })).toEqual({
      kind: 'occupant-changed',
      room: 'r@m',
      synthetic: false,
      occupant: BOB,
    })
  })

  test('of a rename carries the nick before', () => {
    expect(event({ is: 'renamed', occupant: BOB, from: 'rob' })).toEqual({
      kind: 'nick-changed',
      room: 'r@m',
      synthetic: false,
      from: 'rob',
      occupant: BOB,
    })
  })

  test('of a departure carries no more than is known', () => {
    expect(event(LEFT)).toEqual({ kind: 'occupant-left', room: 'r@m', synthetic: false, nick: 'bob', how: 'left' })
  })

  test('of a departure carries actor and reason', () => {
    expect(event({ ...LEFT, how: 'kicked', reason: 'go away', actor: 'alice' })).toMatchObject({
      how: 'kicked',
      reason: 'go away',
      actor: 'alice',
    })
  })
})
