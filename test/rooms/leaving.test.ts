import { describe, expect, test } from 'vitest'
import { WAIT } from '../../src/rooms/room.ts'
import {
  inRoom,
  joining,
  kinds,
  machine,
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

  test('and what is said until the room has let us go is kept, and told to nobody', () => {
    const m = inRoom()
    m.leave('t1')

    const effects = m.hear(said('romeo', 'adieu', { archiveId: 'a1' }))

    expect(only(effects, 'append').map(({ message }) => message.body)).toEqual(['adieu'])
    expect([kinds(effects).includes('tell'), kinds(effects).includes('notify')]).toEqual([false, false])
  })

  test('before the account was in, and what is said meanwhile is dropped: the history before it never came', () => {
    const m = joining()
    m.leave('t1')

    expect(m.hear(said('romeo', 'adieu', { archiveId: 'a1' }))).toEqual([])
  })

  test('and what else the room says meanwhile is dropped', () => {
    const m = inRoom()
    m.leave('t1')

    expect(m.hear(present('nurse'), gone('romeo'), subject('late'))).toEqual([])
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
