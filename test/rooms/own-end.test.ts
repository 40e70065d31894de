import { describe, expect, test } from 'vitest'
import type { Effect } from '../../src/rooms/effects.ts'
import {
  inRoom,
  joining,
  joinTo,
  letIn,
  type Machine,
  outcome,
  presencesTo,
  sent,
  toldKinds,
} from '../support/fakes/room-machine.ts'
import { gone, notice, ROOM } from '../support/fakes/room-xml.ts'

/** `t1` is in, and the room has been asked to end. */
function ending(...ids: readonly string[]): Machine {
  const m = inRoom()
  for (const id of ids.length > 0 ? ids : ['e1']) m.step({ on: 'ending', id })
  return m
}
const goesOn = (m: Machine, id = 'e1'): Effect[] => m.step({ on: 'end-answered', id, ended: false })
const ends = (m: Machine, id = 'e1'): Effect[] => m.step({ on: 'end-answered', id, ended: true })
/** Who sees JIDs has changed. */
const anew = (m: Machine): Effect[] => m.hear(notice([104, 172]))
const OURS = `${ROOM}/juliet`
const destroyed = (effects: readonly Effect[]): boolean => toldKinds(effects, 't1').includes('destroyed')

describe('while our own end of a room is under way', () => {
  test('its list is not asked for', () => {
    expect(presencesTo(anew(ending()))).toEqual([])
  })

  test('it is not shown what the account shows: ejabberd makes a room of any presence', () => {
    expect(presencesTo(ending().show({ show: 'away' }))).toEqual([])
  })

  test('a new room that is left does not take its defaults: ejabberd makes a room of that, too', () => {
    const m = joining()
    letIn(m, { others: [], codes: [110, 201] })
    m.step({ on: 'ending', id: 'e1' })

    expect(sent(m.leave('t1')).map(({ name }) => name)).toEqual(['presence'])
  })

  test('who was thrown out by a fault does not come in again', () => {
    const m = ending()
    m.hear(gone('juliet', { codes: [110, 333] }))

    expect(presencesTo(m.time('rejoin'))).toEqual([])
  })
})

describe('a room that does not end after all', () => {
  test('is asked for the list then, once, with what the account shows by now', () => {
    const m = ending()
    anew(m)
    anew(m)
    m.show({ show: 'away' })

    const [list, ...more] = sent(goesOn(m))

    expect(more).toEqual([])
    expect(list?.attrs['to']).toBe(OURS)
    expect(list?.children.map((each) => (typeof each === 'string' ? each : each.name))).toEqual(['show', 'x'])
  })

  test('is asked for nothing where nothing was put off', () => {
    const m = ending()

    expect(goesOn(m)).toEqual([])
    expect(presencesTo(anew(m))).toEqual([OURS])
  })

  test('though it was asked to twice is asked for the list when it has said so twice', () => {
    const m = ending('e1', 'e2')
    anew(m)

    expect([goesOn(m, 'e1'), goesOn(m, 'e2')].map(presencesTo)).toEqual([[], [OURS]])
  })

  test('while there is no connection is asked for the list when the session goes on', () => {
    const m = ending()
    anew(m)
    m.suspend()

    expect(presencesTo(goesOn(m))).toEqual([])
    expect(presencesTo(m.resume())).toEqual([OURS])
  })

  test('lets those in again whom a fault threw out', () => {
    const m = ending()
    m.hear(gone('juliet', { codes: [110, 333] }))
    m.time('rejoin')

    expect(presencesTo(goesOn(m))).toEqual([OURS])
  })

  test('but of which somebody else had us out meanwhile is not asked for the list by the next join', () => {
    const m = ending()
    anew(m)
    m.hear(gone('juliet', { codes: [110, 307] }))
    goesOn(m)
    m.join('t1')

    expect(sent(letIn(m))).toEqual([])
  })
})

describe('a room that has ended by our own wish', () => {
  test('is asked for nothing that was put off', () => {
    const m = ending()
    anew(m)

    const told = m.hear(gone('juliet', { inside: '<destroy/>' }))

    expect(destroyed(told)).toBe(true)
    expect([told, ends(m)].map(presencesTo)).toEqual([[], []])
  })

  test('and had lost us before has ended for the tabs as well', () => {
    expect(destroyed(ends(ending()))).toBe(true)
  })

  test('and had thrown us out by a fault has ended for the tabs as well, and is not made anew', () => {
    const m = ending()
    m.hear(gone('juliet', { codes: [110, 333] }))

    const effects = ends(m)

    expect(destroyed(effects)).toBe(true)
    expect([effects, m.time('rejoin')].map(presencesTo)).toEqual([[], []])
  })

  test('is entered again by whoever asks for that, without waiting for the answer', () => {
    const m = ending()
    m.hear(gone('juliet', { inside: '<destroy/>' }))

    const entering = m.join('t1')

    expect(sent(entering)).toEqual([joinTo('juliet', m.room.occupancy.at === 'joining' ? m.room.occupancy.id : '')])
    expect([...ends(m), ...letIn(m)].some((effect) => destroyed([effect]))).toBe(false)
    expect(outcome(m.join('t2'), m.call)).toMatchObject({ nick: 'juliet' })
  })
})
