import { describe, expect, test } from 'vitest'
import { WAIT } from '../../src/rooms/room.ts'
import {
  inRoom,
  joining,
  joinTo,
  machine,
  NO_PAST,
  only,
  outcome,
  ROMEO,
  self,
  sent,
  shows,
  toldKinds,
  waits,
} from '../support/fakes/room-machine.ts'
import { subject } from '../support/fakes/room-xml.ts'

describe('the first tab that wants in', () => {
  test('makes the store be asked before anything is sent', () => {
    const m = machine()

    const effects = m.join('t1')

    expect(only(effects, 'load')).toHaveLength(1)
    expect(sent(effects)).toEqual([])
  })

  test('makes one join go out once the store has answered', () => {
    const m = machine()
    m.join('t1')

    const effects = m.step({ on: 'loaded', past: NO_PAST })

    expect(sent(effects)).toEqual([joinTo('juliet', 'new-1')])
  })

  test('is recorded before the stanza leaves: a server on the same machine may answer within the call', () => {
    const m = machine()
    m.join('t1')

    const effects = m.step({ on: 'loaded', past: NO_PAST })

    expect(m.room.occupancy).toMatchObject({ at: 'joining', id: 'new-1' })
    expect(effects.at(-1)?.do).toBe('send')
    expect(waits(effects)).toEqual({ join: WAIT.joinMs })
  })

  test('brings its password', () => {
    const m = machine()
    m.join('t1', { password: 'key' })

    const effects = m.step({ on: 'loaded', past: NO_PAST })

    expect(sent(effects)).toEqual([joinTo('juliet', 'new-1', '<password>key</password>')])
  })

  test('asks for more history than the room gives by itself only where it wants more', () => {
    for (const [maxstanzas, inside] of [
      [0, ''],
      [20, ''],
      [21, "<history maxstanzas='21'/>"],
    ] as const) {
      const m = machine()
      m.join('t1', { history: { maxstanzas } })

      expect(sent(m.step({ on: 'loaded', past: NO_PAST }))).toEqual([joinTo('juliet', 'new-1', inside)])
    }
  })

  test('waits for a stream where there is none', () => {
    const m = machine({ online: false })
    m.join('t1')

    expect(sent(m.step({ on: 'loaded', past: NO_PAST }))).toEqual([])
    expect(sent(m.back())).toEqual([joinTo('juliet', 'new-1')])
  })

  test('waits for the store where the stream comes first', () => {
    const m = machine({ online: false })
    m.join('t1')

    expect(sent(m.back())).toEqual([])
    expect(sent(m.step({ on: 'loaded', past: NO_PAST }))).toEqual([joinTo('juliet', 'new-1')])
  })

  test('hears nothing until it is in', () => {
    const m = joining()

    const effects = m.hear(ROMEO, self())

    expect(toldKinds(effects, 't1')).toEqual([])
    expect(shows(effects)).toEqual([])
  })
})

describe('a tab that wants in while another is joining', () => {
  test('makes nothing go out', () => {
    const m = joining()

    expect(sent(m.join('t2'))).toEqual([])
  })

  test('is shown the room with the first', () => {
    const m = joining()
    m.join('t2')
    m.hear(ROMEO, self())

    const shown = shows(m.hear(subject('')))

    expect(shown.map(({ tab, call }) => [tab, call])).toEqual([
      ['t1', 1],
      ['t2', 2],
    ])
  })

  test('is told of the nick in use where it asked for another', () => {
    const m = joining()
    m.join('t2', { nick: 'capulet' })
    m.hear(self())

    const [, second] = shows(m.hear(subject('')))

    expect(second?.view.picture.result).toMatchObject({ nick: 'juliet', nickAssigned: true, codes: [110, 210] })
  })

  test('is not told that the room is new', () => {
    const m = joining()
    m.join('t2')
    m.hear(self({ codes: [201, 110] }))
    m.disco()

    const [, second] = shows(m.hear(subject('')))

    expect(second?.view.picture.result).toEqual({ nick: 'juliet', codes: [110], created: false, nickAssigned: false })
  })

  test('widens the history that is asked for, where it waits before the join goes out', () => {
    const m = machine()
    m.join('t1', { history: { maxstanzas: 0 } })
    m.join('t2', { history: { maxstanzas: 50 } })

    const effects = m.step({ on: 'loaded', past: NO_PAST })

    expect(sent(effects)).toEqual([joinTo('juliet', 'new-1', "<history maxstanzas='50'/>")])
  })

  test('has a history of its own', () => {
    const m = joining({ history: { maxstanzas: 0 } })
    m.join('t2', { history: { maxstanzas: 3 } })
    m.hear(self())

    const shown = shows(m.hear(subject('')))

    expect(shown.map(({ view }) => view.history.wish)).toEqual([{ maxstanzas: 0 }, { maxstanzas: 3 }])
  })
})

test('ten tabs at once make one join, and each is shown the room once', () => {
  const m = machine()
  const tabs = Array.from({ length: 10 }, (_, i) => `t${i}`)

  const effects = [
    ...tabs.flatMap((tab) => m.join(tab)),
    ...m.step({ on: 'loaded', past: NO_PAST }),
    ...m.disco(),
    ...m.hear(ROMEO, self(), subject('')),
  ]

  expect(sent(effects)).toHaveLength(1)
  expect(shows(effects).map(({ tab }) => tab)).toEqual(tabs)
})

describe('a tab that is in and asks again', () => {
  test('is answered at once, and nobody hears of it', () => {
    const m = inRoom()

    const effects = m.join('t1')

    expect(outcome(effects, m.call)).toEqual({ nick: 'juliet', codes: [110], created: false, nickAssigned: false })
    expect(effects).toHaveLength(1)
  })
})

describe('a tab that waits and asks again', () => {
  test('has its first call ended', () => {
    const m = joining()

    const effects = m.join('t1', { nick: 'capulet' })

    expect(outcome(effects, 1)).toBe('aborted')
    expect(outcome(effects, 2)).toBeUndefined()
  })

  test('is shown the room once', () => {
    const m = joining()
    m.join('t1')
    m.hear(self())

    expect(shows(m.hear(subject(''))).map(({ call }) => call)).toEqual([2])
  })
})

test('a stream that is lost while joining makes one more join go out when it is back', () => {
  const m = joining()
  m.hear(ROMEO)

  const lost = m.lose()
  const back = m.back()

  expect(outcome([...lost, ...back], 1)).toBeUndefined()
  expect(sent(back)).toEqual([joinTo('juliet', 'new-2')])
})

test('what the store knows of the subject is there until the room says another', () => {
  const m = machine()
  m.join('t1')
  m.step({ on: 'loaded', past: { ...NO_PAST, subject: { text: 'Verona' } } })
  m.step({ on: 'disco', features: undefined })
  m.hear(self())

  const [show] = shows(m.time('settle'))

  expect(show?.view.picture.subject).toEqual({ text: 'Verona' })
})

test('a late answer of the store changes nothing', () => {
  const m = inRoom()

  expect(m.step({ on: 'loaded', past: { ...NO_PAST, gaps: [] } })).toEqual([])
  expect(m.room.timeline.gaps).toHaveLength(1)
})
