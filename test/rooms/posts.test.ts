import { describe, expect, test } from 'vitest'
import { inRoom, kinds, type Machine, only, outcome, sent, toldTo } from '../support/fakes/room-machine.ts'
import { gone, messageError, ROOM } from '../support/fakes/room-xml.ts'

const INVITE = `<message to='${ROOM}' id='p1'><x xmlns='http://jabber.org/protocol/muc#user'><invite to='nurse@capulet.example'/></x></message>`
const posted = (m = inRoom({ tabs: ['t1', 't2'] })) => ({
  m,
  effects: m.post('t1', INVITE, { id: 'p1' }),
  call: m.call,
})
const passed = (m: Machine, id = 'p1') => m.step({ on: 'post-passed', id })

describe('what a room answers only where it refuses', () => {
  test('goes out, and a ping of our own occupant behind it', () => {
    const { effects } = posted()

    expect(kinds(effects)).toEqual(['send', 'pass-post'])
    expect(only(effects, 'pass-post')).toMatchObject([{ occupantJid: `${ROOM}/juliet`, id: 'p1' }])
  })

  test('is done when the ping has been answered and nothing was refused; nobody else hears of it', () => {
    const { m, call } = posted()

    const effects = passed(m)

    expect(effects).toEqual([{ do: 'answer', call, value: null }])
    expect(passed(m)).toEqual([])
  })

  test.each([
    ['forbidden', 'forbidden'],
    ['not-acceptable', 'not-acceptable'],
    // Who is not found is somebody else: the room is there.
    ['item-not-found', 'stanza-error'],
    ['service-unavailable', 'stanza-error'],
  ])('fails where it is refused with %s, and the answer to the ping means nothing then', (condition, code) => {
    const { m, call } = posted()

    const effects = m.hear(messageError('p1', condition))

    expect([outcome(effects, call), toldTo(effects, 't1'), passed(m)]).toEqual([code, [], []])
  })

  test('is not refused by the error of something else', () => {
    const { m, call } = posted()

    expect(m.hear(messageError('p2', 'forbidden'))).toEqual([])
    expect(outcome(passed(m), call)).toBeNull()
  })

  test.each<[string, (m: Machine) => ReturnType<Machine['step']>, string]>([
    ['the connection is lost', (m) => m.lose(), 'offline'],
    ['we are kicked', (m) => m.hear(gone('juliet', { codes: [307, 110] })), 'not-joined'],
  ])('fails where %s before that', (_what, end, code) => {
    const { m, call } = posted()

    expect(outcome(end(m), call)).toBe(code)
    expect(passed(m)).toEqual([])
  })

  test.each<[string, () => Machine, string]>([
    ['by a tab that is not in', () => inRoom({ tabs: ['t2'] }), 'not-joined'],
    [
      'without a connection',
      () => {
        const m = inRoom()
        m.lose()
        return m
      },
      'offline',
    ],
  ])('%s fails, and nothing goes out', (_what, make, code) => {
    const { effects, call } = posted(make())

    expect([outcome(effects, call), sent(effects)]).toEqual([code, []])
  })
})
