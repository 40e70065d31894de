import { describe, expect, test } from 'vitest'
import { WAIT } from '../../src/rooms/room.ts'
import { inRoom, type Machine, OCCUPANT_IDS, only, ROMEO, self, sent, toldTo } from '../support/fakes/room-machine.ts'
import { ACCOUNT, joinError, present, ROOM, said, subject, told } from '../support/fakes/room-xml.ts'

describe('the stream is lost', () => {
  test('and every tab that is in is told so', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })

    const effects = m.lose()

    for (const tab of ['t1', 't2'])
      expect(toldTo(effects, tab)).toEqual([{ kind: 'interrupted', room: ROOM, cause: 'connection' }])
  })

  test('and is back: one join goes out under the same nick', () => {
    const m = inRoom()
    m.lose()

    expect(sent(m.back()).map(({ attrs }) => attrs['to'])).toEqual([`${ROOM}/juliet`])
  })

  test('and lost again before the room has answered: nobody is told twice', () => {
    const m = inRoom()
    m.lose()
    m.back()

    const effects = m.lose()

    expect(toldTo(effects, 't1')).toEqual([])
    expect(sent(m.back())).toHaveLength(1)
  })
})

/** A room of several, interrupted, and then joined again: what comes back is what these stanzas say. */
function cameBack(before: readonly string[], after: readonly string[], features = OCCUPANT_IDS) {
  const m = inRoom()
  m.hear(...before)
  m.lose()
  m.back()
  m.step({ on: 'disco', features })
  return { effects: m.hear(...after, subject('')) }
}

const summary = (effects: ReturnType<Machine['hear']>): string[] =>
  toldTo(effects, 't1').map((event) => {
    if (event.kind === 'occupant-left') return `left ${event.nick}`
    if (event.kind === 'nick-changed') return `renamed ${event.from} ${event.occupant.nick}`
    if ('occupant' in event) return `${event.kind.slice('occupant-'.length)} ${event.occupant.nick}`
    return event.kind === 'message' ? `message ${event.message.body}` : event.kind
  })

describe('the account is in again', () => {
  test('and where nothing has changed the tabs hear only that', () => {
    const { effects } = cameBack([], [ROMEO, self()])

    expect(summary(effects)).toEqual(['resumed'])
  })

  test('and is told the subject where it is another one, behind what was said meanwhile', () => {
    const m = inRoom()
    m.lose()
    m.back()
    m.step({ on: 'disco', features: OCCUPANT_IDS })

    const effects = m.hear(ROMEO, self(), told('romeo', 'news', 'n1'), subject('meanwhile'))

    expect(summary(effects)).toEqual(['message news', 'subject', 'resumed'])
  })

  test('and hears leaves, renames, joins and changes, in this order, worked out', () => {
    const { effects } = cameBack(
      [present('carol', { occupantId: 'c' }), present('erin', { occupantId: 'e' })],
      [
        present('romeo', { occupantId: 'o-romeo', show: 'away' }),
        present('dave', { occupantId: 'd' }),
        present('erin2', { occupantId: 'e' }),
        self(),
      ],
    )

    expect(summary(effects)).toEqual(['left carol', 'renamed erin erin2', 'joined dave', 'changed romeo', 'resumed'])
    const synthetic = toldTo(effects, 't1').flatMap((event) => ('synthetic' in event ? [event.synthetic] : []))
    expect(synthetic).toEqual([true, true, true, true])
  })

  test('and our own new resource is nobody’s news', () => {
    const { effects } = cameBack([self({ jid: `${ACCOUNT}/web-1` })], [ROMEO, self({ jid: `${ACCOUNT}/web-2` })])

    expect(summary(effects)).toEqual(['resumed'])
    expect(only(effects, 'tell').at(-1)?.event).toMatchObject({ kind: 'resumed', self: { jid: `${ACCOUNT}/web-2` } })
  })

  test('under another nick, which the room gave', () => {
    const { effects } = cameBack([], [ROMEO, present('juliet-2', { codes: [110, 210], occupantId: 'o-juliet' })])

    expect(summary(effects)).toEqual(['renamed juliet juliet-2', 'resumed'])
  })

  test('and tells of two devices of one person that have both gone', () => {
    const { effects } = cameBack(
      [present('bob', { occupantId: 'b' }), present('bob-phone', { occupantId: 'b' })],
      [ROMEO, self()],
    )

    expect(summary(effects).sort()).toEqual(['left bob', 'left bob-phone', 'resumed'])
  })

  test('and where the room does not say this time what it can do, nobody has changed', () => {
    const m = inRoom()
    m.lose()
    m.back()
    m.hear(ROMEO, self(), subject(''))

    const effects = m.step({ on: 'disco', features: undefined })

    expect(summary(effects)).toEqual(['resumed'])
  })

  test('and what was said meanwhile comes as ordinary messages, before the tabs hear that they are back', () => {
    const { effects } = cameBack(
      [said('romeo', 'one', { archiveId: 'a1' })],
      [ROMEO, self(), told('romeo', 'one', 'a1'), told('romeo', 'two', 'a2')],
    )

    expect(summary(effects)).toEqual(['message two', 'resumed'])
    expect(only(effects, 'append').map(({ message }) => [message.body, message.order])).toEqual([['two', 1]])
  })

  test('and is not announced: it never was out', () => {
    const { effects } = cameBack([], [ROMEO, self()])

    expect(only(effects, 'announce')).toEqual([])
  })

  test('and a room that does not answer is tried again, while nobody hears of it', () => {
    const m = inRoom()
    m.lose()
    m.back()

    const effects = m.time('join')

    expect(toldTo(effects, 't1')).toEqual([])
    expect(only(effects, 'wait')).toEqual([{ do: 'wait', name: 'rejoin', ms: WAIT.rejoinMs }])
    expect(sent(m.time('rejoin'))).toHaveLength(1)
  })

  test('and the roster from before is kept through a room that does not answer', () => {
    const m = inRoom()
    m.lose()
    m.back()
    m.time('join')
    m.time('rejoin')
    m.disco()

    expect(summary(m.hear(self(), subject('')))).toEqual(['left romeo', 'resumed'])
  })
})

describe('the account may not come in again', () => {
  const refuse = (m: Machine, condition: string, type = 'auth') => {
    const id = m.room.occupancy.at === 'joining' ? m.room.occupancy.id : ''
    return m.hear(joinError('juliet', condition, { id, type }))
  }

  test.each([
    ['forbidden', 'removed', 'banned'],
    ['registration-required', 'removed', 'not-a-member'],
    ['gone', 'destroyed', undefined],
  ])('because of %s: the tabs are told that they are %s', (condition, kind, how) => {
    const m = inRoom()
    m.lose()
    m.back()

    const [event] = toldTo(refuse(m, condition), 't1')

    expect(event).toMatchObject({ kind, ...(how !== undefined && { how }) })
  })

  test.each(['forbidden', 'registration-required', 'gone', 'conflict'])(
    'because of %s: the account is told that its membership has ended, unless it goes on trying',
    (condition) => {
      const m = inRoom()
      m.lose()
      m.back()

      const effects = refuse(m, condition)

      expect(sent(effects).length > 0 || only(effects, 'announce').length > 0).toBe(true)
    },
  )

  test.each([
    ['service-unavailable', 'wait'],
    ['resource-constraint', 'wait'],
    ['remote-server-timeout', 'wait'],
    ['remote-server-not-found', 'cancel'],
  ])('for now, because of %s: it is tried again, and the tabs hear nothing', (condition, type) => {
    const m = inRoom()
    m.lose()
    m.back()

    const effects = refuse(m, condition, type)

    expect(toldTo(effects, 't1')).toEqual([])
    expect(only(effects, 'wait').length + sent(effects).length).toBeGreaterThan(0)
  })

  test('under its nick, which somebody took meanwhile: it comes in under another one', () => {
    const m = inRoom()
    m.lose()
    m.back()

    expect(sent(refuse(m, 'conflict')).map(({ attrs }) => attrs['to'])).toEqual([`${ROOM}/juliet_`])
  })

  test('under its nick: no tab is left hanging, whatever nick it asked for at first', () => {
    const m = inRoom()
    m.join('t2', { nick: 'capulet' })
    m.lose()
    m.back()

    const effects = refuse(m, 'conflict')

    const helped = (tab: string): boolean => sent(effects).length > 0 || toldTo(effects, tab).length > 0
    expect([helped('t1'), helped('t2')]).toEqual([true, true])
  })
})
