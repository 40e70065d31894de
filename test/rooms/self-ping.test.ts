import { describe, expect, test } from 'vitest'
import { WAIT } from '../../src/rooms/room.ts'
import {
  inRoom,
  joining,
  kinds,
  letIn,
  type Machine,
  machine,
  only,
  outcome,
  presencesTo,
  ROMEO,
  refuse,
  self,
  sent,
  toldKinds,
  toldTo,
  waits,
} from '../support/fakes/room-machine.ts'
import { gone, joinError, messageError, present, ROOM, said } from '../support/fakes/room-xml.ts'

const MINUTE = 60_000
const pings = (effects: ReturnType<Machine['step']>): string[] =>
  only(effects, 'self-ping').map(({ occupantJid }) => occupantJid)

/** A machine whose room has said nothing for so long. */
function silentFor(ms: number, m = inRoom()): Machine {
  m.world.nowMs += ms
  return m
}
const look = (m: Machine) => m.step({ on: 'visible' })

describe('a room that is silent', () => {
  test('for fifteen minutes is asked whether we are still in', () => {
    const m = silentFor(15 * MINUTE)

    expect(pings(m.time('quiet'))).toEqual([`${ROOM}/juliet`])
  })

  test('is watched from the moment that we are in', () => {
    const m = joining()
    m.hear(self())

    expect(waits(m.hear(`<message type='groupchat' from='${ROOM}'><subject/></message>`))).toMatchObject({
      quiet: 15 * MINUTE,
    })
  })

  test('for less is left alone, and asked when it is time', () => {
    const m = silentFor(15 * MINUTE)
    m.hear(said('romeo', 'hark'))
    m.world.nowMs += 5 * MINUTE

    const effects = m.time('quiet')

    expect(pings(effects)).toEqual([])
    expect(waits(effects)).toEqual({ quiet: 10 * MINUTE })
  })

  test('is asked once, however often the time comes before it has answered', () => {
    const m = silentFor(15 * MINUTE, inRoom({ tabs: ['t1', 't2', 't3'] }))

    expect(pings([...m.time('quiet'), ...m.time('quiet'), ...look(m)])).toHaveLength(1)
  })

  test.each<[string, () => Machine]>([
    ['a nick of ours is being changed', () => renaming()],
    ['there is no stream', () => inRoom({ online: true })],
    ['it dropped us', () => dropped()],
    ['the account is out', () => machine()],
  ])('is not asked while %s', (what, make) => {
    const m = silentFor(20 * MINUTE, make())
    if (what === 'there is no stream') m.world.online = false

    expect(pings([...m.time('quiet'), ...look(m)])).toEqual([])
  })

  function renaming(): Machine {
    const m = inRoom()
    m.rename('t1', 'capulet')
    return m
  }

  function dropped(): Machine {
    const m = inRoom()
    m.hear(gone('juliet', { codes: [110, 333] }))
    return m
  }
})

describe('a person who looks at a tab again', () => {
  test('has the room asked where it was silent for a minute', () => {
    expect(pings(look(silentFor(MINUTE)))).toEqual([`${ROOM}/juliet`])
  })

  test('has it left alone where it spoke within that minute', () => {
    expect(pings(look(silentFor(MINUTE - 1)))).toEqual([])
  })

  test('asks once, in however many tabs', () => {
    const m = silentFor(MINUTE)

    expect(pings([...look(m), ...look(m), ...look(m)])).toHaveLength(1)
  })
})

describe('an answer', () => {
  const asked = (tabs = ['t1', 't2']): Machine => {
    const m = silentFor(15 * MINUTE, inRoom({ tabs }))
    m.time('quiet')
    return m
  }

  test('that we are in is nobody’s news, and the room has been heard of', () => {
    const m = asked()

    expect(m.pinged('in')).toEqual([])
    expect(pings(m.time('quiet'))).toEqual([])
  })

  test('that says nothing certain changes nothing, and is asked for again after a minute', () => {
    const m = asked()

    expect(m.pinged('unknown')).toEqual([{ do: 'wait', name: 'quiet', ms: MINUTE }])
    m.world.nowMs += MINUTE
    expect(pings(m.time('quiet'))).toHaveLength(1)
    expect(m.room.occupancy.at).toBe('in')
  })

  test('that we are out brings us in again, and the tabs hear only what changed', () => {
    const m = asked()

    const out = m.pinged('out')
    const back = letIn(m, { others: [ROMEO, present('nurse')] })

    expect(presencesTo(out)).toEqual([`${ROOM}/juliet`])
    for (const tab of ['t1', 't2']) {
      expect(toldTo(out, tab)).toEqual([{ kind: 'interrupted', room: ROOM, cause: 'ghost' }])
      expect(toldKinds(back, tab)).toEqual(['occupant-joined', 'resumed'])
    }
    expect(toldTo(back, 't1')[0]).toMatchObject({ synthetic: true, occupant: { nick: 'nurse' } })
  })

  test.each<[string, (m: Machine) => void]>([
    ['the stream was lost', (m) => m.lose()],
    ['we were kicked', (m) => m.hear(gone('juliet', { codes: [110, 307] }))],
    ['the last tab left', (m) => m.leave('t1')],
  ])('that comes after %s means nothing', (_what, end) => {
    const m = asked(['t1'])
    end(m)

    expect(m.pinged('out')).toEqual([])
  })

  test('is awaited anew after the stream was lost', () => {
    const m = asked()
    m.lose()
    m.back()
    letIn(m)

    expect(pings(look(silentFor(MINUTE, m)))).toHaveLength(1)
  })
})

test('a room that answers a presence of ours with item-not-found says that we are not in it', () => {
  const m = inRoom()
  m.show({ show: 'away' })

  const effects = m.hear(joinError('juliet', 'item-not-found'))

  expect(toldTo(effects, 't1')).toEqual([{ kind: 'interrupted', room: ROOM, cause: 'ghost' }])
  expect(presencesTo(effects)).toEqual([`${ROOM}/juliet`])
})

describe('a message that the room refuses as not acceptable', () => {
  /** `t1` has said `hark`, and the room refuses it. */
  const refused = (m = inRoom({ tabs: ['t1', 't2'] })) => {
    m.send('t1', 'hark', { id: 'x1' })
    return { m, call: m.call, effects: m.hear(messageError('x1', 'not-acceptable')) }
  }
  const bodiesSent = (effects: ReturnType<Machine['step']>): unknown[] =>
    sent(effects)
      .filter(({ name }) => name === 'message')
      .map(({ attrs }) => attrs['id'])

  test('makes us ask whether we are in, and nobody is told yet', () => {
    const { effects } = refused()

    expect(kinds(effects)).toEqual(['self-ping'])
  })

  test('though we are in: it meant the message, and its sender alone is told', () => {
    const { m, call } = refused()

    const effects = m.pinged('in')

    expect(only(effects, 'fail')).toMatchObject([{ call, error: { code: 'not-acceptable' } }])
    expect(toldTo(effects, 't2')).toEqual([])
  })

  test('and nobody knows whether we are in: its sender is told', () => {
    const { m, call } = refused()

    expect(outcome(m.pinged('unknown'), call)).toBe('not-acceptable')
  })

  test('because we are not in goes out once more when we are, under the same id, and is answered then', () => {
    const { m, call } = refused()
    m.pinged('out')

    const back = letIn(m)
    const reflected = m.hear(said('juliet', 'hark', { id: 'x1', originId: 'x1', archiveId: 'a1' }))

    expect(bodiesSent(back)).toEqual(['x1'])
    expect(outcome(reflected, call)).toMatchObject({ id: 'a1', state: 'delivered' })
  })

  test('and stands in the history of the rejoin after all does not go out again', () => {
    const { m, call } = refused()
    m.pinged('out')
    const delay = { from: ROOM, stamp: '2030-01-01T00:00:00Z' }

    const back = letIn(m, { history: [said('juliet', 'hark', { id: 'x1', originId: 'x1', archiveId: 'a1', delay })] })

    expect(bodiesSent(back)).toEqual([])
    expect(outcome(back, call)).toMatchObject({ id: 'a1' })
  })

  test('a second time fails: it goes out again once only', () => {
    const { m, call } = refused()
    m.pinged('out')
    letIn(m)

    const effects = m.hear(messageError('x1', 'not-acceptable'))

    expect(outcome(effects, call)).toBe('not-acceptable')
    expect(pings(effects)).toEqual([])
  })

  test('goes out again once only, though the room drops us again before it has answered', () => {
    const { m } = refused()
    m.pinged('out')
    letIn(m)
    m.hear(gone('juliet', { codes: [110, 333] }))
    m.time('rejoin')

    expect(bodiesSent(letIn(m))).toEqual([])
  })

  test('like others before: all go out again, in their order, after one question', () => {
    const m = inRoom()
    for (const id of ['x1', 'x2', 'x3']) m.send('t1', id, { id })

    const effects = ['x1', 'x2', 'x3'].flatMap((id) => m.hear(messageError(id, 'not-acceptable')))
    m.pinged('out')

    expect(pings(effects)).toHaveLength(1)
    expect(bodiesSent(letIn(m))).toEqual(['x1', 'x2', 'x3'])
  })

  test('while a nick of ours is being changed is asked about when that is over', () => {
    const m = inRoom()
    m.rename('t1', 'capulet')
    const { effects } = refused(m)

    const settled = m.hear(gone('juliet', { codes: [303, 110], newNick: 'capulet' }), self({ nick: 'capulet' }))

    expect(pings([...effects, ...settled])).toEqual([`${ROOM}/capulet`])
  })

  test('because we are not in, and may not come in again, fails', () => {
    const { m, call } = refused()
    m.pinged('out')

    expect(outcome(refuse(m, 'forbidden'), call)).toBe('not-joined')
  })
})

test('the waits of a silent room are those of the XEP', () => {
  expect([WAIT.quietMs, WAIT.restlessMs]).toEqual([15 * MINUTE, MINUTE])
})
