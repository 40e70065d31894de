import { describe, expect, test } from 'vitest'
import { WAIT } from '../../src/rooms/room.ts'
import {
  inRoom,
  joinId,
  joining,
  joinTo,
  only,
  outcome,
  ROMEO,
  refuse,
  self,
  sent,
} from '../support/fakes/room-machine.ts'
import { joinError, ROOM, subject } from '../support/fakes/room-xml.ts'

describe('a room that refuses what one tab asked for', () => {
  test.each([
    ['conflict', 'room-nick-conflict'],
    ['not-authorized', 'room-password-required'],
    ['not-acceptable', 'room-nick-not-acceptable'],
    ['jid-malformed', 'jid-malformed'],
  ])('with %s fails that call with %s', (condition, code) => {
    const m = joining()

    expect(outcome(refuse(m, condition), 1)).toBe(code)
  })

  test.each(['conflict', 'not-authorized', 'not-acceptable', 'jid-malformed'])(
    'with %s lets a parked tab with another nick and password try next',
    (condition) => {
      const m = joining({ password: 'wrong' })
      m.join('t2', { nick: 'capulet', password: 'right' })

      const effects = refuse(m, condition)

      expect(outcome(effects, 2)).toBeUndefined()
      expect(sent(effects)).toEqual([joinTo('capulet', 'new-2', '<password>right</password>')])
    },
  )

  test('fails every parked tab that asked for just the same', () => {
    const m = joining()
    m.join('t2')
    m.join('t3', { nick: 'capulet' })

    const effects = refuse(m, 'conflict')

    expect([1, 2, 3].map((call) => outcome(effects, call))).toEqual([
      'room-nick-conflict',
      'room-nick-conflict',
      undefined,
    ])
  })

  test('gives the tab with the right password the room, and remembers that one', () => {
    const m = joining({ password: 'wrong' })
    m.join('t2', { password: 'right' })

    refuse(m, 'not-authorized')
    m.disco()
    const effects = m.hear(self(), subject(''))

    expect(outcome(effects, 2)).toMatchObject({ nick: 'juliet' })
    expect(m.room.occupancy).toEqual({ at: 'in', password: 'right' })
  })

  test('can refuse one after the other until nobody is left', () => {
    const m = joining()
    m.join('t2', { nick: 'capulet' })

    refuse(m, 'conflict')
    const effects = refuse(m, 'conflict', { nick: 'capulet' })

    expect(outcome(effects, 2)).toBe('room-nick-conflict')
    expect(sent(effects)).toEqual([])
    expect(m.room.occupancy.at).toBe('out')
  })
})

describe('a room that lets nobody in', () => {
  test.each([
    ['forbidden', 'room-banned'],
    ['registration-required', 'room-members-only'],
    ['item-not-found', 'room-locked'],
    ['not-allowed', 'room-creation-forbidden'],
    ['gone', 'room-gone'],
    ['service-unavailable', 'room-full'],
    ['resource-constraint', 'room-full'],
    ['remote-server-not-found', 'room-unreachable'],
    ['remote-server-timeout', 'room-unreachable'],
    ['internal-server-error', 'stanza-error'],
  ])('because of %s fails every waiting call with %s, and nothing is tried again', (condition, code) => {
    const m = joining()
    m.join('t2', { nick: 'capulet', password: 'other' })

    const effects = refuse(m, condition)

    expect([outcome(effects, 1), outcome(effects, 2)]).toEqual([code, code])
    expect(sent(effects)).toEqual([])
    expect(m.room.occupancy.at).toBe('out')
    expect(m.room.holds.size).toBe(0)
  })

  test('is forgotten', () => {
    const m = joining()

    expect(only(refuse(m, 'forbidden'), 'forget-membership')).toHaveLength(1)
  })

  test('leaves no timer behind', () => {
    const m = joining()

    const stopped = only(refuse(m, 'forbidden'), 'stop-waiting').map(({ name }) => name)

    expect(stopped).toEqual(expect.arrayContaining(['join', 'settle']))
  })

  test('can let somebody in later', () => {
    const m = joining()
    refuse(m, 'service-unavailable')

    expect(sent(m.join('t1'))).toHaveLength(1)
  })
})

describe('an error', () => {
  test('with the id of something else is not the answer to the join', () => {
    const m = joining()

    expect(m.hear(joinError('juliet', 'forbidden', { id: 'something-else' }))).toEqual([])
    expect(m.room.occupancy.at).toBe('joining')
  })

  test('without an id is the answer to the join: some rooms give none back', () => {
    const m = joining()

    expect(outcome(m.hear(joinError('juliet', 'forbidden')), 1)).toBe('room-banned')
  })

  test('without <error/> ends the join as well', () => {
    const m = joining()

    expect(outcome(m.hear(`<presence type='error' from='${ROOM}/juliet' id='${joinId(m)}'/>`), 1)).toBe('stanza-error')
  })

  test('that comes once we are in changes nothing', () => {
    const m = inRoom()

    expect(m.hear(joinError('juliet', 'conflict'))).toEqual([])
    expect(m.room.occupancy.at).toBe('in')
  })
})

describe('a room that does not answer', () => {
  test('fails every waiting call after thirty seconds', () => {
    const m = joining()
    m.join('t2')

    const effects = m.time('join')

    expect(WAIT.joinMs).toBe(30_000)
    expect([outcome(effects, 1), outcome(effects, 2)]).toEqual(['timeout', 'timeout'])
    expect(m.room.occupancy.at).toBe('out')
  })

  test('can be asked again', () => {
    const m = joining()
    m.time('join')

    expect(sent(m.join('t1'))).toEqual([joinTo('juliet', 'new-2')])
  })

  test('and does so later has us out again: nobody holds the room', () => {
    const m = joining()

    const effects = [...m.time('join'), ...m.hear(ROMEO, self(), subject(''))]

    expect(sent(effects).map(({ attrs }) => attrs['type'])).toContain('unavailable')
  })

  test('is not given up once our own presence has come', () => {
    const m = joining()

    expect(only(m.hear(self()), 'stop-waiting')).toContainEqual({ do: 'stop-waiting', name: 'join' })
  })
})
