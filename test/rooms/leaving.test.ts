import { describe, expect, test } from 'vitest'
import { WAIT } from '../../src/rooms/room.ts'
import {
  inRoom,
  joining,
  kinds,
  machine,
  NO_PAST,
  OCCUPANT_IDS,
  only,
  outcome,
  sent,
  toldKinds,
  toldTo,
} from '../support/fakes/room-machine.ts'
import { gone, joinError, present, ROOM, said, subject } from '../support/fakes/room-xml.ts'
import { stanza } from '../support/fakes/xml.ts'

const ownGone = gone('juliet', { codes: [110] })

describe('one of several tabs leaves', () => {
  test('and the room hears nothing', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })

    expect(sent(m.leave('t1'))).toEqual([])
  })

  test('and is told so, and answered', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })

    const effects = m.leave('t1')

    expect(toldTo(effects, 't1')).toEqual([{ kind: 'left', room: ROOM, everywhere: false }])
    expect(outcome(effects, m.call)).toBeNull()
  })

  test('and the others are told nothing', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })

    expect(toldTo(m.leave('t1'), 't2')).toEqual([])
  })

  test('and hears nothing more, while the others do', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })
    m.leave('t1')

    const effects = m.hear(said('romeo', 'hark', { archiveId: 'a1' }))

    expect([toldKinds(effects, 't1'), toldKinds(effects, 't2')]).toEqual([[], ['message']])
  })
})

describe('the last tab leaves', () => {
  test('and one presence goes out, with its status text', () => {
    const m = inRoom()

    expect(sent(m.leave('t1', { status: 'good night' }))).toEqual([
      stanza(`<presence to='${ROOM}/juliet' id='new-2' type='unavailable'><status>good night</status></presence>`),
    ])
  })

  test('and the membership is forgotten before it goes out', () => {
    const m = inRoom()

    const order = kinds(m.leave('t1'))

    expect(order.indexOf('forget-membership')).toBeLessThan(order.indexOf('send'))
    expect(order).toContain('forget-membership')
  })

  test('and is answered when the room has confirmed it', () => {
    const m = inRoom()

    const before = m.leave('t1')
    const after = m.hear(ownGone)

    expect(outcome(before, m.call)).toBeUndefined()
    expect(toldTo(after, 't1')).toMatchObject([{ kind: 'left', everywhere: false }, { kind: 'membership' }])
    expect(outcome(after, m.call)).toBeNull()
    expect(m.room.occupancy.at).toBe('out')
  })

  test('and the account is told that it was this tab', () => {
    const m = inRoom()
    m.leave('t1')

    expect(only(m.hear(ownGone), 'announce')).toEqual([
      { do: 'announce', event: { kind: 'membership', room: ROOM, change: 'left', nick: 'juliet', by: { tab: 't1' } } },
    ])
  })

  test('and does not wait for ever for a room that does not confirm', () => {
    const m = inRoom()

    const waits = only(m.leave('t1'), 'wait')
    const effects = m.time('leave')

    expect(waits).toEqual([{ do: 'wait', name: 'leave', ms: WAIT.leaveMs }])
    expect(outcome(effects, m.call)).toBeNull()
  })

  test('and what the room says meanwhile is dropped', () => {
    const m = inRoom()
    m.leave('t1')

    expect(m.hear(said('romeo', 'hark'), present('nurse'), gone('romeo'), subject('late'))).toEqual([])
  })

  test('and an error is an end of it as well', () => {
    const m = inRoom()
    m.leave('t1')

    expect(outcome(m.hear(joinError('juliet', 'item-not-found')), m.call)).toBeNull()
  })

  test('and a confirmation without 110 is one: it is our nick', () => {
    const m = inRoom()
    m.leave('t1')

    expect(outcome(m.hear(gone('juliet')), m.call)).toBeNull()
  })

  test('and a confirmation that lists our other session, with a role, is one', () => {
    const m = inRoom()
    m.leave('t1')
    const prosody = gone('juliet', { codes: [110], role: 'participant', inside: "<item role='participant'/>" })

    expect(outcome(m.hear(prosody), m.call)).toBeNull()
  })

  test('and the unavailable presence of the room itself confirms nothing', () => {
    const m = inRoom()
    m.leave('t1')

    expect(m.hear(`<presence from='${ROOM}' type='unavailable'/>`)).toEqual([])
    expect(m.room.occupancy.at).toBe('leaving')
  })

  test('and asks twice: both calls are answered, one presence goes out', () => {
    const m = inRoom()

    const effects = [...m.leave('t1'), ...m.leave('t1'), ...m.hear(ownGone)]

    expect(sent(effects)).toHaveLength(1)
    expect([m.call - 1, m.call].map((call) => outcome(effects, call))).toEqual([null, null])
  })

  test('and nothing goes out without a stream, but it is answered', () => {
    const m = inRoom()
    m.lose()

    const effects = m.leave('t1')

    expect(sent(effects)).toEqual([])
    expect(outcome(effects, m.call)).toBeNull()
    expect(sent(m.back())).toEqual([])
  })

  test('and is answered when the stream is lost before the room has confirmed', () => {
    const m = inRoom()
    m.leave('t1')

    expect(outcome(m.lose(), m.call)).toBeNull()
    expect(m.room.occupancy.at).toBe('out')
  })

  test('and no answer of the room is awaited twice', () => {
    const m = inRoom()
    m.leave('t1')

    expect(only(m.hear(ownGone), 'stop-waiting')).toContainEqual({ do: 'stop-waiting', name: 'leave' })
    expect(m.time('leave')).toEqual([])
  })
})

describe('a tab leaves everywhere', () => {
  test('and every tab is told so, and one presence goes out', () => {
    const m = inRoom({ tabs: ['t1', 't2', 't3'] })

    const effects = [...m.leave('t2', { everywhere: true }), ...m.hear(ownGone)]

    expect(sent(effects)).toHaveLength(1)
    for (const tab of ['t1', 't2', 't3']) {
      expect(toldTo(effects, tab)[0]).toEqual({ kind: 'left', room: ROOM, everywhere: true })
    }
  })

  test('and the membership is announced as ended by the tab that asked', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })
    m.leave('t2', { everywhere: true })

    const [announced] = only(m.hear(ownGone), 'announce')

    expect(announced?.event).toMatchObject({ change: 'left', by: { tab: 't2' } })
  })

  test('and those who still wait to be in are not left waiting', () => {
    const m = joining()
    m.join('t2')

    const effects = m.leave('t1', { everywhere: true })

    expect([outcome(effects, 1), outcome(effects, 2)]).toEqual(['aborted', 'aborted'])
  })

  test('that is not in itself, and the others go all the same', () => {
    const m = inRoom({ tabs: ['t1'] })

    const effects = [...m.leave('t9', { everywhere: true }), ...m.hear(ownGone)]

    expect(toldKinds(effects, 't1')).toEqual(['left'])
    expect(outcome(effects, m.call)).toBeNull()
  })
})

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

describe('a tab that is not in leaves', () => {
  test('and is answered at once where the account is out', () => {
    const m = machine()

    const effects = m.leave('t1')

    expect(effects).toEqual([{ do: 'answer', call: 1, value: null }])
  })

  test('and nothing happens to those who are in', () => {
    const m = inRoom()

    const effects = m.leave('t2')

    expect(outcome(effects, m.call)).toBeNull()
    expect(sent(effects)).toEqual([])
    expect(toldTo(effects, 't1')).toEqual([])
  })
})

describe('a tab dies', () => {
  const die = (m: ReturnType<typeof machine>, tab: string) => m.step({ on: 'tab-gone', tab })

  test('and where others are in nothing happens', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })

    expect(die(m, 't1')).toEqual([])
    expect(toldKinds(m.hear(said('romeo', 'hark')), 't2')).toEqual(['message'])
  })

  test('as the last one, and the room is kept for a while: it may be a reload', () => {
    const m = inRoom()

    expect(die(m, 't1')).toEqual([{ do: 'wait', name: 'grace', ms: WAIT.graceMs }])
    expect(m.room.occupancy.at).toBe('in')
  })

  test('as the last one, and after the grace the room is left', () => {
    const m = inRoom()
    die(m, 't1')

    const effects = m.time('grace')

    expect(sent(effects).map(({ attrs }) => attrs['type'])).toEqual(['unavailable'])
    expect(only([...effects, ...m.hear(ownGone)], 'announce')[0]?.event).toMatchObject({ change: 'left' })
  })

  test('and comes back within the grace: nothing goes out, and it is shown the room', () => {
    const m = inRoom()
    die(m, 't1')

    const effects = m.join('t1b')

    expect(only(effects, 'stop-waiting')).toContainEqual({ do: 'stop-waiting', name: 'grace' })
    expect(only(effects, 'show')).toHaveLength(1)
    expect(sent([...effects, ...m.time('grace')])).toEqual([])
  })

  test('and the account lingers: the room is kept for as long as nobody comes', () => {
    const m = inRoom({ lingering: true })
    die(m, 't1')

    const effects = [...m.time('grace'), ...m.time('grace')]

    expect(sent(effects)).toEqual([])
    expect(only(effects, 'wait').map(({ name }) => name)).toEqual(['grace', 'grace'])
  })

  test('and another tab of the account is there that does not want the room: it is left after the grace', () => {
    const m = inRoom({ lingering: true })
    die(m, 't1')
    m.time('grace')
    m.world.lingering = false

    expect(sent(m.time('grace'))).toHaveLength(1)
  })

  test('while it waits to be in, and the others still get in', () => {
    const m = joining()
    m.join('t2')
    die(m, 't1')

    const effects = m.hear(present('juliet', { codes: [110] }), subject(''))

    expect(only(effects, 'show').map(({ tab }) => tab)).toEqual(['t2'])
  })

  test('while it alone waits to be in, and the room is left after the grace', () => {
    const m = joining()
    die(m, 't1')
    m.hear(present('juliet', { codes: [110] }), subject(''))

    expect(sent(m.time('grace')).map(({ attrs }) => attrs['type'])).toEqual(['unavailable'])
  })

  test('while it alone waits to be in, and the grace ends before the room has answered', () => {
    const m = joining()
    die(m, 't1')

    expect(sent(m.time('grace')).map(({ attrs }) => attrs['type'])).toEqual(['unavailable'])
  })

  test('while it waits for the room to confirm its leave, and nobody is told twice', () => {
    const m = inRoom()
    m.leave('t1')

    expect(die(m, 't1')).toEqual([])
    expect(m.hear(ownGone).length).toBeGreaterThan(0)
  })

  test('that never was in, and nothing happens', () => {
    expect(die(inRoom(), 't9')).toEqual([])
    expect(die(machine(), 't9')).toEqual([])
  })

  test('and the room throws us out within the grace: the end of the grace is nobody’s news', () => {
    const m = inRoom()
    die(m, 't1')
    m.hear(gone('juliet', { codes: [110, 307] }))

    expect(m.time('grace')).toEqual([])
  })
})
