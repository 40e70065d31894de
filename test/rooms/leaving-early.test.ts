import { describe, expect, test } from 'vitest'
import {
  inRoom,
  joining,
  machine,
  NO_PAST,
  OCCUPANT_IDS,
  only,
  outcome,
  sent,
  toldKinds,
} from '../support/fakes/room-machine.ts'
import { gone, present, ROOM, subject } from '../support/fakes/room-xml.ts'

const ownGone = gone('juliet', { codes: [110] })

describe('a tab leaves before it is in', () => {
  test('and its join is aborted', () => {
    const m = joining()

    expect(outcome(m.leave('t1'), 1)).toBe('aborted')
  })

  test('and no timer of the join runs on', () => {
    const m = joining()

    const stopped = only(m.leave('t1'), 'stop-waiting').map(({ name }) => name)

    expect(stopped).toEqual(expect.arrayContaining(['join', 'settle']))
  })

  test('and the room hears of it, under the nick that was asked for', () => {
    const m = joining()

    expect(sent(m.leave('t1')).map(({ attrs }) => [attrs['to'], attrs['type']])).toEqual([
      [`${ROOM}/juliet`, 'unavailable'],
    ])
  })

  test('and the room hears nothing while another tab waits to be in', () => {
    const m = joining()
    m.join('t2')

    const effects = [...m.leave('t1'), ...m.hear(present('juliet', { codes: [110] }), subject(''))]

    expect(sent(effects)).toEqual([])
    expect(outcome(effects, 2)).toMatchObject({ nick: 'juliet' })
  })

  test('and the answer to the join that comes after all brings nobody in', () => {
    const m = joining()
    m.leave('t1')

    const effects = m.hear(present('romeo'), present('juliet', { codes: [110] }), subject(''), ownGone)

    expect(only(effects, 'show')).toEqual([])
    expect(outcome(effects, m.call)).toBeNull()
    expect(m.room.occupancy.at).toBe('out')
  })

  test('and an account that never was in is not announced as gone', () => {
    const m = joining()

    const effects = [...m.leave('t1'), ...m.hear(ownGone)]

    expect(only(effects, 'announce')).toEqual([])
  })

  test('and even before the store has answered', () => {
    const m = machine()
    m.join('t1')

    const effects = m.leave('t1')

    expect([outcome(effects, 1), outcome(effects, 2)]).toEqual(['aborted', null])
    expect(sent([...effects, ...m.step({ on: 'loaded', past: NO_PAST })])).toEqual([])
  })
})

describe('a tab leaves and comes again before the room has confirmed', () => {
  test('and the join goes out behind the confirmation', () => {
    const m = inRoom()
    m.leave('t1')

    const parked = m.join('t1')
    const effects = m.hear(ownGone)

    expect(sent(parked)).toEqual([])
    expect(sent(effects).map(({ attrs }) => attrs['to'])).toEqual([`${ROOM}/juliet`])
    expect(m.room.occupancy.at).toBe('joining')
  })

  test('and hears of its leave before it is shown the room', () => {
    const m = inRoom()
    m.leave('t1')
    m.join('t1')
    const left = m.hear(ownGone)
    m.step({ on: 'disco', features: OCCUPANT_IDS })

    const joined = m.hear(present('juliet', { codes: [110] }), subject(''))

    expect(toldKinds(left, 't1')).toEqual(['left'])
    expect(only(joined, 'show').map(({ tab, call }) => [tab, call])).toEqual([['t1', m.call]])
  })

  test('and changes its mind once more', () => {
    const m = inRoom()
    const effects = [...m.leave('t1'), ...m.join('t1'), ...m.leave('t1'), ...m.hear(ownGone)]

    expect([m.call - 2, m.call - 1, m.call].map((call) => outcome(effects, call))).toEqual([null, 'aborted', null])
    expect(sent(effects)).toHaveLength(1)
    expect(m.room.occupancy.at).toBe('out')
  })

  test('and the stream is lost: the join goes out when it is back', () => {
    const m = inRoom()
    m.leave('t1')
    m.join('t1')

    expect(sent(m.lose())).toEqual([])
    expect(sent(m.back()).map(({ attrs }) => attrs['to'])).toEqual([`${ROOM}/juliet`])
  })
})
