import { describe, expect, test } from 'vitest'
import {
  inRoom,
  joining,
  machine,
  NO_PAST,
  only,
  ROMEO,
  self,
  sent,
  shows,
  toldKinds,
  toldTo,
} from '../support/fakes/room-machine.ts'
import { gone, present, said, subject, told } from '../support/fakes/room-xml.ts'

describe('what a tab is shown', () => {
  test('is the others, then ourselves, history and subject', () => {
    const m = joining()
    m.hear(ROMEO, present('nurse', { show: 'away' }), self(), told('romeo', 'hark', 'a1'))

    const [show] = shows(m.hear(subject('Verona', { nick: 'romeo', stamp: '2029-12-31T12:00:00Z' })))

    expect(show?.view.picture.occupants.map(({ nick }) => nick)).toEqual(['romeo', 'nurse'])
    expect(show?.view.picture.self).toMatchObject({ nick: 'juliet', own: true, ownAccount: true })
    expect(show?.view.picture.subject).toEqual({ text: 'Verona', nick: 'romeo', stampMs: Date.UTC(2029, 11, 31, 12) })
    expect(show?.view.history).toEqual({ from: 0, before: 1, wish: undefined })
  })

  test('is what the room says about its nick: another one than it asked for', () => {
    const m = joining({ nick: 'Juliet' })
    m.hear(self({ nick: 'juliet-2', codes: [110, 210] }))

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
    m.hear(self({ codes: [201, 110] }))
    m.disco()

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

    const effects = m.hear(self({ codes: [201, 110] }))

    expect(only(effects, 'disco')).toHaveLength(1)
    expect(shows(m.hear(subject('')))).toEqual([])
    expect(shows(m.disco())).toHaveLength(1)
  })
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
    m.hear(self({ codes: [100, 110, 170, 201, 210] }))
    m.disco()
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

  test('goes on behind its cursor, whatever history it wished for at first', () => {
    const m = inRoom()
    m.hear(said('romeo', 'one', { archiveId: 'a1' }), said('romeo', 'two', { archiveId: 'a2' }))

    const after = { order: 0, archive: 'archive-1' }

    const [show] = shows(m.join('t2', { after, history: { maxstanzas: 0 } }))

    expect(show?.view.history).toEqual({ from: 0, before: 2, wish: after })
  })

  test('gets what comes from then on', () => {
    const m = inRoom()
    m.join('t2')

    const effects = m.hear(said('romeo', 'hark', { archiveId: 'a1' }))

    expect(toldKinds(effects, 't2')).toEqual(['message'])
  })
})

describe('a tab that was in, and was not told of everything', () => {
  const after = { order: 3, archive: 'archive-1' }

  test('is shown the room again, behind the last message that it was told', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })

    const effects = m.step({ on: 'tab-back', tab: 't2', after })

    expect(shows(effects)).toMatchObject([{ tab: 't2', call: undefined, view: { history: { wish: after } } }])
  })

  test('hears of an interruption first, and is shown the room when it is over', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })
    m.suspend()

    const effects = m.step({ on: 'tab-back', tab: 't2', after })

    expect(toldKinds(effects, 't2')).toEqual(['interrupted'])
    expect(shows(m.resume())).toMatchObject([{ tab: 't2', view: { history: { wish: after } } }])
  })

  test('and has left meanwhile is shown nothing', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })
    m.leave('t2')

    expect(m.step({ on: 'tab-back', tab: 't2', after })).toEqual([])
  })
})
