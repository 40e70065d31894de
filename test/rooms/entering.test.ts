import { describe, expect, test } from 'vitest'
import type { Effect } from '../../src/rooms/effects.ts'
import { WAIT } from '../../src/rooms/room.ts'
import {
  inRoom,
  joining,
  type Machine,
  machine,
  NO_PAST,
  OCCUPANT_IDS,
  only,
  outcome,
  sent,
  toldKinds,
  toldTo,
} from '../support/fakes/room-machine.ts'
import { gone, joinError, NS_MUC, present, ROOM, said, subject, told } from '../support/fakes/room-xml.ts'
import { stanza } from '../support/fakes/xml.ts'

const self = (nick = 'juliet', codes: readonly number[] = [110]): string =>
  present(nick, { codes, occupantId: 'o-juliet' })
const romeo = present('romeo', { occupantId: 'o-romeo' })
const joinTo = (nick: string, id: string, inside = ''): unknown =>
  stanza(`<presence to='${ROOM}/${nick}' id='${id}'><x xmlns='${NS_MUC}'>${inside}</x></presence>`)
const shows = (effects: readonly Effect[]) => only(effects, 'show')
/** The ids of the joins that were sent, in their order. */
const idOf = (m: Machine): string => (m.room.occupancy.at === 'joining' ? m.room.occupancy.id : '')

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
    expect(effects[0]).toEqual({ do: 'wait', name: 'join', ms: WAIT.joinMs })
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

    const effects = m.hear(romeo, self())

    expect(toldKinds(effects, 't1')).toEqual([])
    expect(shows(effects)).toEqual([])
  })
})

describe('a join is complete', () => {
  const steps: Record<string, (m: Machine) => Effect[]> = {
    self: (m) => m.hear(self()),
    subject: (m) => m.hear(subject('')),
    disco: (m) => m.step({ on: 'disco', features: OCCUPANT_IDS }),
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

    const effects = [...m.hear(subject('early'), self()), ...m.step({ on: 'disco', features: OCCUPANT_IDS })]

    expect(shows(effects)).toEqual([])
    expect(shows(m.hear(subject('')))).toHaveLength(1)
  })

  test('gives the room ten seconds for the subject', () => {
    expect(only(joining().hear(self()), 'wait')).toEqual([{ do: 'wait', name: 'settle', ms: 10_000 }])
  })

  test('is stored before anybody is told', () => {
    const m = joining()
    m.hear(romeo, self(), told('romeo', 'hark', 'a1'))

    const effects = m.hear(subject('Verona'))

    const order = effects.map((effect) => effect.do).filter((what) => what !== 'stop-waiting')
    expect(order).toEqual(['append', 'save-membership', 'show', 'announce'])
  })

  test('saves the nick that the room gave', () => {
    const m = joining()
    m.hear(self('juliet-2', [110, 210]))

    const effects = m.hear(subject('Verona'))

    expect(only(effects, 'save-membership')).toEqual([
      { do: 'save-membership', nick: 'juliet-2', tailFrom: 0, subject: { text: 'Verona', stampMs: m.world.nowMs } },
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

describe('what a tab is shown', () => {
  test('is the others, then ourselves, history and subject', () => {
    const m = joining()
    m.hear(romeo, present('nurse', { show: 'away' }), self(), told('romeo', 'hark', 'a1'))

    const [show] = shows(m.hear(subject('Verona', { nick: 'romeo', stamp: '2029-12-31T12:00:00Z' })))

    expect(show?.view.picture.occupants.map(({ nick }) => nick)).toEqual(['romeo', 'nurse'])
    expect(show?.view.picture.self).toMatchObject({ nick: 'juliet', own: true, ownAccount: true })
    expect(show?.view.picture.subject).toEqual({ text: 'Verona', nick: 'romeo', stampMs: Date.UTC(2029, 11, 31, 12) })
    expect(show?.view.history).toEqual({ from: 0, before: 1, wish: undefined })
  })

  test('is what the room says about its nick: another one than it asked for', () => {
    const m = joining({ nick: 'Juliet' })
    m.hear(self('juliet-2', [110, 210]))

    const [show] = shows(m.hear(subject('')))

    expect(show?.view.picture.result).toEqual({
      nick: 'juliet-2',
      codes: [110, 210],
      created: false,
      nickAssigned: true,
    })
  })

  test('is that the room is new, where its own join made it', () => {
    const m = joining()
    m.hear(self('juliet', [201, 110]))
    m.step({ on: 'disco', features: OCCUPANT_IDS })

    const [show] = shows(m.hear(subject('')))

    expect(show?.view.picture.result).toMatchObject({ created: true, codes: [201, 110] })
  })

  test('has no occupant ids where the room does not list them, however late it says so', () => {
    const m = machine()
    m.join('t1')
    m.step({ on: 'loaded', past: NO_PAST })
    m.hear(present('romeo', { occupantId: 'forged' }), self(), subject(''))

    const [show] = shows(m.step({ on: 'disco', features: new Set(['http://jabber.org/protocol/muc']) }))

    expect(show?.view.picture.occupants[0]).not.toHaveProperty('occupantId')
    expect(show?.view.picture.self).not.toHaveProperty('occupantId')
  })

  test('asks a new room again what it can do: it was not there before', () => {
    const m = joining()

    const effects = m.hear(self('juliet', [201, 110]))

    expect(only(effects, 'disco')).toHaveLength(1)
    expect(shows(m.hear(subject('')))).toEqual([])
    expect(shows(m.step({ on: 'disco', features: OCCUPANT_IDS }))).toHaveLength(1)
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
    m.hear(romeo, self())

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
    m.hear(self('juliet', [201, 110]))
    m.step({ on: 'disco', features: OCCUPANT_IDS })

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
    ...m.step({ on: 'disco', features: OCCUPANT_IDS }),
    ...m.hear(romeo, self(), subject('')),
  ]

  expect(sent(effects)).toHaveLength(1)
  expect(shows(effects).map(({ tab }) => tab)).toEqual(tabs)
})

describe('a tab that wants in when the account is in', () => {
  test('is shown the room at once, and nothing goes out', () => {
    const m = inRoom()

    const effects = m.join('t2')

    expect(shows(effects)).toHaveLength(1)
    expect(sent(effects)).toEqual([])
    expect(only(effects, 'append')).toEqual([])
  })

  test('is shown the room as it is now', () => {
    const m = inRoom()
    m.hear(present('romeo', { show: 'away', occupantId: 'o-romeo' }), present('nurse'), subject('Verona'))
    m.hear(gone('nurse'))

    const [show] = shows(m.join('t2'))

    expect(show?.view.picture.occupants.map(({ nick, show }) => [nick, show])).toEqual([['romeo', 'away']])
    expect(show?.view.picture.subject.text).toBe('Verona')
  })

  test('tells the others nothing', () => {
    const m = inRoom()

    const effects = m.join('t2')

    expect(toldTo(effects, 't1')).toEqual([])
  })

  test('has its nick told, and 210 where it asked for another', () => {
    const m = inRoom()

    const [same] = shows(m.join('t2'))
    const [other] = shows(m.join('t3', { nick: 'capulet' }))

    expect(same?.view.picture.result).toEqual({ nick: 'juliet', codes: [110], created: false, nickAssigned: false })
    expect(other?.view.picture.result).toEqual({
      nick: 'juliet',
      codes: [110, 210],
      created: false,
      nickAssigned: true,
    })
  })

  test('gets the codes that describe the room, and none that tell of the first join', () => {
    const m = joining()
    m.hear(self('juliet', [100, 110, 170, 201, 210]))
    m.step({ on: 'disco', features: OCCUPANT_IDS })
    m.hear(subject(''))

    const [show] = shows(m.join('t2'))

    expect(show?.view.picture.result).toEqual({
      nick: 'juliet',
      codes: [100, 110, 170],
      created: false,
      nickAssigned: false,
    })
  })

  test('needs no password', () => {
    const m = inRoom()

    const effects = m.join('t2', { password: 'wrong' })

    expect(shows(effects)).toHaveLength(1)
    expect(m.room.occupancy).toEqual({ at: 'in', password: undefined })
  })

  test('gets history of its own from the store, up to now', () => {
    const m = inRoom()
    m.hear(said('romeo', 'one', { archiveId: 'a1' }), said('romeo', 'two', { archiveId: 'a2' }))

    const [show] = shows(m.join('t2', { history: { maxstanzas: 1 } }))

    expect(show?.view.history).toEqual({ from: 0, before: 2, wish: { maxstanzas: 1 } })
  })

  test('goes on behind its cursor, but not over a gap: what may be missing is not made to look whole', () => {
    const m = inRoom()
    m.room.timeline.tailFrom = 100
    m.room.timeline.nextOrder = 103

    const [show] = shows(m.join('t2', { after: 7 }))

    expect(show?.view.history).toEqual({ from: 100, before: 103, wish: 'everything' })
  })

  test('goes on behind its cursor, with everything', () => {
    const m = inRoom()
    m.hear(said('romeo', 'one', { archiveId: 'a1' }), said('romeo', 'two', { archiveId: 'a2' }))

    const [show] = shows(m.join('t2', { after: 0 }))

    expect(show?.view.history).toEqual({ from: 1, before: 2, wish: 'everything' })
  })

  test('gets what comes from then on', () => {
    const m = inRoom()
    m.join('t2')

    const effects = m.hear(said('romeo', 'hark', { archiveId: 'a1' }))

    expect(toldKinds(effects, 't2')).toEqual(['message'])
  })
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

describe('a room that refuses what one tab asked for', () => {
  test.each([
    ['conflict', 'room-nick-conflict'],
    ['not-authorized', 'room-password-required'],
    ['not-acceptable', 'room-nick-not-acceptable'],
    ['jid-malformed', 'jid-malformed'],
  ])('with %s fails that call with %s', (condition, code) => {
    const m = joining()

    expect(outcome(m.hear(joinError('juliet', condition, { id: idOf(m) })), 1)).toBe(code)
  })

  test.each(['conflict', 'not-authorized', 'not-acceptable', 'jid-malformed'])(
    'with %s lets a parked tab with another nick and password try next',
    (condition) => {
      const m = joining({ password: 'wrong' })
      m.join('t2', { nick: 'capulet', password: 'right' })

      const effects = m.hear(joinError('juliet', condition, { id: idOf(m) }))

      expect(outcome(effects, 2)).toBeUndefined()
      expect(sent(effects)).toEqual([joinTo('capulet', 'new-2', '<password>right</password>')])
    },
  )

  test('fails every parked tab that asked for just the same', () => {
    const m = joining()
    m.join('t2')
    m.join('t3', { nick: 'capulet' })

    const effects = m.hear(joinError('juliet', 'conflict', { id: idOf(m) }))

    expect([1, 2, 3].map((call) => outcome(effects, call))).toEqual([
      'room-nick-conflict',
      'room-nick-conflict',
      undefined,
    ])
  })

  test('gives the tab with the right password the room, and remembers that one', () => {
    const m = joining({ password: 'wrong' })
    m.join('t2', { password: 'right' })

    m.hear(joinError('juliet', 'not-authorized', { id: idOf(m) }))
    m.step({ on: 'disco', features: OCCUPANT_IDS })
    const effects = m.hear(self(), subject(''))

    expect(outcome(effects, 2)).toMatchObject({ nick: 'juliet' })
    expect(m.room.occupancy).toEqual({ at: 'in', password: 'right' })
  })

  test('can refuse one after the other until nobody is left', () => {
    const m = joining()
    m.join('t2', { nick: 'capulet' })

    m.hear(joinError('juliet', 'conflict', { id: idOf(m) }))
    const effects = m.hear(joinError('capulet', 'conflict', { id: idOf(m) }))

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

    const effects = m.hear(joinError('juliet', condition, { id: idOf(m) }))

    expect([outcome(effects, 1), outcome(effects, 2)]).toEqual([code, code])
    expect(sent(effects)).toEqual([])
    expect(m.room.occupancy.at).toBe('out')
    expect(m.room.holds.size).toBe(0)
  })

  test('is forgotten', () => {
    const m = joining()

    expect(only(m.hear(joinError('juliet', 'forbidden', { id: idOf(m) })), 'forget-membership')).toHaveLength(1)
  })

  test('leaves no timer behind', () => {
    const m = joining()

    const stopped = only(m.hear(joinError('juliet', 'forbidden', { id: idOf(m) })), 'stop-waiting').map(
      ({ name }) => name,
    )

    expect(stopped).toEqual(expect.arrayContaining(['join', 'settle']))
  })

  test('can let somebody in later', () => {
    const m = joining()
    m.hear(joinError('juliet', 'service-unavailable', { id: idOf(m) }))

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

    expect(outcome(m.hear(`<presence type='error' from='${ROOM}/juliet' id='${idOf(m)}'/>`), 1)).toBe('stanza-error')
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

    const effects = [...m.time('join'), ...m.hear(romeo, self(), subject(''))]

    expect(sent(effects).map(({ attrs }) => attrs['type'])).toContain('unavailable')
  })

  test('is not given up once our own presence has come', () => {
    const m = joining()

    expect(only(m.hear(self()), 'stop-waiting')).toContainEqual({ do: 'stop-waiting', name: 'join' })
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
    m.step({ on: 'loaded', past: { messages: append ? [append.message] : [], tailFrom: 0, subject: undefined } })
    m.step({ on: 'disco', features: OCCUPANT_IDS })
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
    m.step({ on: 'loaded', past: { messages: append ? [append.message] : [], tailFrom: 0, subject: undefined } })
    m.step({ on: 'disco', features: OCCUPANT_IDS })
    m.hear(self(), told('romeo', 'fifty', 'a50'))

    const effects = m.hear(subject(''))

    const [stored] = only(effects, 'append')
    const [show] = shows(effects)
    expect(stored?.message.order).toBeGreaterThan(1)
    expect(show?.view.history).toMatchObject({ from: stored?.message.order })
    expect(only(effects, 'save-membership')[0]?.tailFrom).toBe(stored?.message.order)
  })

  test('opens no gap where it is nothing but a change of the configuration', () => {
    const first = inRoom()
    const [append] = only(first.hear(said('romeo', 'one', { archiveId: 'a1' })), 'append')
    const m = machine()
    m.join('t1')
    m.step({ on: 'loaded', past: { messages: append ? [append.message] : [], tailFrom: 0, subject: undefined } })
    m.step({ on: 'disco', features: OCCUPANT_IDS })
    m.hear(self(), said(undefined, undefined))

    const [show] = shows(m.hear(subject('')))

    expect(show?.view.history).toEqual({ from: 0, before: 1, wish: undefined })
  })
})

describe('what comes behind the subject while the room is still asked what it can do', () => {
  function waitingForDisco(): Machine {
    const m = machine()
    m.join('t1')
    m.step({ on: 'loaded', past: NO_PAST })
    m.hear(romeo, self(), told('romeo', 'history', 'a1'), subject('Verona'))
    return m
  }

  test('is live, and no history: the tab hears it behind the subject', () => {
    const m = waitingForDisco()

    const effects = [
      ...m.hear(said('romeo', 'live', { archiveId: 'a2' })),
      ...m.step({ on: 'disco', features: OCCUPANT_IDS }),
    ]

    expect(shows(effects)[0]?.view.history.before).toBe(1)
    expect(toldKinds(effects, 't1')).toEqual(['message'])
    const order = effects.map((effect) => effect.do)
    expect(order.indexOf('tell')).toBeGreaterThan(order.indexOf('show'))
  })

  test('is not lost', () => {
    const m = waitingForDisco()

    const effects = [
      ...m.hear(said('romeo', 'live', { archiveId: 'a2' })),
      ...m.step({ on: 'disco', features: OCCUPANT_IDS }),
    ]

    expect(only(effects, 'append').map(({ message }) => message.body)).toEqual(['history', 'live'])
  })

  test('changes the occupants that the tab is shown', () => {
    const m = waitingForDisco()
    m.hear(gone('romeo'), present('nurse'))

    const [show] = shows(m.step({ on: 'disco', features: OCCUPANT_IDS }))

    expect(show?.view.picture.occupants.map(({ nick }) => nick)).toEqual(['nurse'])
  })
})

describe('being thrown out before the join was complete', () => {
  test.each([
    ['a technical removal', [110, 333]],
    ['a removal without a code', [110]],
    ['the end of the service', [110, 332]],
  ])('by %s does not leave the calls waiting: the account tries again, or they fail', (_what, codes) => {
    const m = joining()
    m.hear(self())

    const effects = [...m.hear(gone('juliet', { codes })), ...m.time('rejoin')]

    expect(sent(effects).length + (outcome(effects, 1) === undefined ? 0 : 1)).toBeGreaterThan(0)
  })

  test.each([
    ['a kick', [110, 307], 'forbidden'],
    ['a ban', [110, 301], 'room-banned'],
    ['a room made members-only', [110, 322], 'room-members-only'],
    ['a lost membership', [110, 321], 'room-members-only'],
  ])('by %s fails the call for what it is', (_what, codes, code) => {
    const m = joining()
    m.hear(self())

    expect(outcome(m.hear(gone('juliet', { codes })), 1)).toBe(code)
  })

  test('by the destruction of the room fails the call with where it went', () => {
    const m = joining()
    m.hear(self())

    const effects = m.hear(gone('juliet', { inside: "<destroy jid='other@m'/>", codes: [110] }))

    expect(only(effects, 'fail')).toMatchObject([{ call: 1, error: { code: 'room-gone', alternate: 'other@m' } }])
  })
})

test('a stream that is lost while joining makes one more join go out when it is back', () => {
  const m = joining()
  m.hear(romeo)

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

  expect(m.step({ on: 'loaded', past: { ...NO_PAST, tailFrom: 99 } })).toEqual([])
  expect(m.room.timeline.tailFrom).toBe(0)
})
