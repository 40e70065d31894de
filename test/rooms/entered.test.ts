import { describe, expect, test } from 'vitest'
import type { Effect } from '../../src/rooms/effects.ts'
import {
  inRoom,
  joining,
  kinds,
  type Machine,
  machine,
  NO_PAST,
  only,
  ROMEO,
  self,
  shows,
  toldKinds,
} from '../support/fakes/room-machine.ts'
import { gone, present, ROOM, said, subject, told } from '../support/fakes/room-xml.ts'

describe('a join is complete', () => {
  const steps: Record<string, (m: Machine) => Effect[]> = {
    self: (m) => m.hear(self()),
    subject: (m) => m.hear(subject('')),
    disco: (m) => m.disco(),
    silence: (m) => m.step({ on: 'disco', features: undefined }),
    settle: (m) => m.time('settle'),
  }

  test.each([
    ['self', 'subject', 'disco'],
    ['self', 'disco', 'subject'],
    ['disco', 'self', 'subject'],
    ['self', 'subject', 'silence'],
    ['self', 'disco', 'settle'],
    ['self', 'subject', 'settle'],
    ['self', 'settle'],
  ])('after %s, %s %s, and not before', (...names) => {
    const m = machine()
    m.join('t1')
    m.step({ on: 'loaded', past: NO_PAST })

    const shown = names.map((name) => shows(steps[name]?.(m) ?? []).length)

    expect(shown).toEqual(names.map((_, i) => (i === names.length - 1 ? 1 : 0)))
  })

  test.each([['settle'], ['subject'], ['subject', 'disco', 'settle']])(
    'never by %s without our own presence',
    (...names) => {
      const m = machine()
      m.join('t1')
      m.step({ on: 'loaded', past: NO_PAST })

      const effects = names.flatMap((name) => steps[name]?.(m) ?? [])

      expect(shows(effects)).toEqual([])
      expect(m.room.occupancy.at).toBe('joining')
    },
  )

  test('never by a subject that comes before our own presence', () => {
    const m = machine()
    m.join('t1')
    m.step({ on: 'loaded', past: NO_PAST })

    const effects = [...m.hear(subject('early'), self()), ...m.disco()]

    expect(shows(effects)).toEqual([])
    expect(shows(m.hear(subject('')))).toHaveLength(1)
  })

  test('gives the room ten seconds for the subject', () => {
    expect(only(joining().hear(self()), 'wait')).toEqual([{ do: 'wait', name: 'settle', ms: 10_000 }])
  })

  test('is stored before anybody is told', () => {
    const m = joining()
    m.hear(ROMEO, self(), told('romeo', 'hark', 'a1'))

    const effects = m.hear(subject('Verona'))

    const order = kinds(effects).filter((what) => what !== 'stop-waiting' && what !== 'wait')
    expect(order).toEqual(['append', 'save-membership', 'show', 'announce', 'displayed'])
  })

  test('keeps the newest of a history that does not end', () => {
    const m = joining()
    m.hear(self())
    for (let n = 0; n < 6_000; n++) m.hear(told('romeo', `said ${n}`, `a${n}`))

    const appended = only(m.hear(subject('Verona')), 'append')

    expect(appended).toHaveLength(5_000)
    expect(appended.at(-1)?.message.body).toBe('said 5999')
  })

  test('saves the nick that the room gave', () => {
    const m = joining()
    m.hear(self({ nick: 'juliet-2', codes: [110, 210] }))

    const effects = m.hear(subject('Verona'))

    expect(only(effects, 'save-membership')).toEqual([
      {
        do: 'save-membership',
        nick: 'juliet-2',
        gaps: m.room.timeline.gaps,
        subject: { text: 'Verona', stampMs: m.world.nowMs },
      },
    ])
  })

  test('is announced to the whole account, with the tab that asked', () => {
    const m = joining()
    m.hear(self())

    const effects = m.hear(subject(''))

    expect(only(effects, 'announce')).toEqual([
      {
        do: 'announce',
        event: { kind: 'membership', room: ROOM, change: 'joined', nick: 'juliet', by: { tab: 't1' } },
      },
    ])
  })
})

describe('what comes between our presence and the subject', () => {
  test('is history, stored in its order', () => {
    const m = joining()
    m.hear(self(), told('romeo', 'one', 'a1'), told('romeo', 'two', 'a2'))

    const appended = only(m.hear(subject('')), 'append').map(({ message }) => message)

    expect(appended.map(({ body, order, id }) => [body, order, id])).toEqual([
      ['one', 0, 'a1'],
      ['two', 1, 'a2'],
    ])
    expect(appended[0]?.stampMs).toBe(Date.UTC(2029, 11, 31, 12))
  })

  test('is stored once, though the store has it already', () => {
    const first = inRoom()
    const [append] = only(first.hear(said('romeo', 'one', { archiveId: 'a1' })), 'append')
    const m = machine()
    m.join('t1')
    m.step({ on: 'loaded', past: { ...NO_PAST, messages: append ? [append.message] : [] } })
    m.disco()
    m.hear(self(), told('romeo', 'one', 'a1'), told('romeo', 'two', 'a2'))

    const effects = m.hear(subject(''))

    expect(only(effects, 'append').map(({ message }) => [message.body, message.order])).toEqual([['two', 1]])
    expect(shows(effects)[0]?.view.history).toEqual({ from: 0, before: 2, wish: undefined })
  })

  test('opens a gap where none of it is known: only what is behind it is given as history', () => {
    const first = inRoom()
    const [append] = only(first.hear(said('romeo', 'one', { archiveId: 'a1' })), 'append')
    const m = machine()
    m.join('t1')
    m.step({ on: 'loaded', past: { ...NO_PAST, messages: append ? [append.message] : [] } })
    m.disco()
    m.hear(self(), told('romeo', 'fifty', 'a50'))

    const effects = m.hear(subject(''))

    const [stored] = only(effects, 'append')
    const [show] = shows(effects)
    expect(stored?.message.order).toBeGreaterThan(1)
    expect(show?.view.history.before).toBe((stored?.message.order ?? 0) + 1)
    expect(only(effects, 'save-membership')[0]?.gaps.at(-1)?.to).toBe(stored?.message.order)
  })

  test('opens a gap where it is nothing but a change of the configuration: nothing says what was missed', () => {
    const first = inRoom()
    const [append] = only(first.hear(said('romeo', 'one', { archiveId: 'a1' })), 'append')
    const m = machine()
    m.join('t1')
    m.step({ on: 'loaded', past: { ...NO_PAST, messages: append ? [append.message] : [] } })
    m.disco()
    m.hear(self(), said(undefined, undefined))

    m.hear(subject(''))

    expect(m.room.timeline.gaps.at(-1)).toMatchObject({ from: 1, after: { id: 'a1' }, before: undefined })
  })
})

describe('what comes behind the subject while the room is still asked what it can do', () => {
  function waitingForDisco(): Machine {
    const m = machine()
    m.join('t1')
    m.step({ on: 'loaded', past: NO_PAST })
    m.hear(ROMEO, self(), told('romeo', 'history', 'a1'), subject('Verona'))
    return m
  }

  test('is live, and no history: the tab hears it behind the subject', () => {
    const m = waitingForDisco()

    const effects = [...m.hear(said('romeo', 'live', { archiveId: 'a2' })), ...m.disco()]

    expect(shows(effects)[0]?.view.history.before).toBe(1)
    expect(toldKinds(effects, 't1')).toEqual(['message'])
    const order = effects.map((effect) => effect.do)
    expect(order.indexOf('tell')).toBeGreaterThan(order.indexOf('show'))
  })

  test('is not lost', () => {
    const m = waitingForDisco()

    const effects = [...m.hear(said('romeo', 'live', { archiveId: 'a2' })), ...m.disco()]

    expect(only(effects, 'append').map(({ message }) => message.body)).toEqual(['history', 'live'])
  })

  test('changes the occupants that the tab is shown', () => {
    const m = waitingForDisco()
    m.hear(gone('romeo'), present('nurse'))

    const [show] = shows(m.disco())

    expect(show?.view.picture.occupants.map(({ nick }) => nick)).toEqual(['nurse'])
  })
})
