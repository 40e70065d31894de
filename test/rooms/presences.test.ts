import { describe, expect, test } from 'vitest'
import {
  inRoom,
  joining,
  letIn,
  only,
  outcome,
  presencesTo,
  ROMEO,
  self,
  toldKinds,
  toldTo,
} from '../support/fakes/room-machine.ts'
import { ACCOUNT, gone, present, ROOM, renamed, subject } from '../support/fakes/room-xml.ts'

describe('other occupants', () => {
  test('who come, change and go are told to every tab, alike', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })

    const effects = m.hear(
      present('nurse'),
      present('nurse', { show: 'away' }),
      ...renamed('nurse', 'angelica', { show: 'away' }),
      gone('angelica'),
    )

    expect(toldKinds(effects, 't1')).toEqual(['occupant-joined', 'occupant-changed', 'nick-changed', 'occupant-left'])
    expect(toldTo(effects, 't2')).toEqual(toldTo(effects, 't1'))
  })

  test('are seen and not worked out', () => {
    const [event] = toldTo(inRoom().hear(present('nurse')), 't1')

    expect(event).toMatchObject({ kind: 'occupant-joined', synthetic: false })
  })

  test('who say nothing new are no news', () => {
    expect(inRoom().hear(ROMEO)).toEqual([])
  })

  test.each([
    [[301], 'banned'],
    [[307], 'kicked'],
    [[321], 'not-a-member'],
    [[322], 'not-a-member'],
    [[332], 'shutdown'],
    [[307, 333], 'left'],
    [[], 'left'],
  ])('who go with the codes %j are %s', (codes, how) => {
    expect(toldTo(inRoom().hear(gone('romeo', { codes, actor: 'tybalt', reason: 'because' })), 't1')).toEqual([
      { kind: 'occupant-left', room: ROOM, nick: 'romeo', how, actor: 'tybalt', reason: 'because', synthetic: false },
    ])
  })

  test('are told to no tab that only waits', () => {
    const m = inRoom()
    m.hear(gone('juliet', { codes: [110, 333] }))
    m.join('t2')
    m.time('rejoin')
    m.disco()

    const before = m.hear(self(), subject(''))
    const after = m.hear(present('nurse'))

    expect([toldKinds(before, 't2'), toldKinds(after, 't2')]).toEqual([[], ['occupant-joined']])
  })
})

describe('our own presence', () => {
  test('that changes is told like any other', () => {
    const m = inRoom()

    expect(toldTo(m.hear(self({ show: 'away', status: 'lunch' })), 't1')).toMatchObject([
      { kind: 'occupant-changed', occupant: { nick: 'juliet', own: true, show: 'away', status: 'lunch' } },
    ])
  })

  test('that names a second session of ours is no news', () => {
    const m = inRoom()

    expect(m.hear(self({ inside: `<item affiliation='none' role='participant' jid='${ACCOUNT}/phone'/>` }))).toEqual([])
  })

  test('without 110 is known by our nick', () => {
    const m = inRoom()

    const [event] = toldTo(m.hear(present('juliet', { occupantId: 'o-juliet', show: 'dnd' })), 't1')

    expect(event).toMatchObject({ kind: 'occupant-changed', occupant: { own: true, show: 'dnd' } })
  })

  test('under the nick of our other device is not ours', () => {
    const m = inRoom()

    expect(toldTo(m.hear(present('phone', { occupantId: 'o-juliet' })), 't1')).toMatchObject([
      { kind: 'occupant-joined', occupant: { nick: 'phone', own: false, ownAccount: true } },
    ])
    expect(m.room.roster.ownNick).toBe('juliet')
  })

  test('of our other device that is kicked takes us nowhere', () => {
    const m = inRoom()
    m.hear(present('phone', { occupantId: 'o-juliet' }))

    expect(toldTo(m.hear(gone('phone', { codes: [307] })), 't1')).toMatchObject([
      { kind: 'occupant-left', nick: 'phone', how: 'kicked' },
    ])
    expect(m.room.occupancy.at).toBe('in')
  })
})

describe('a nick change of ours', () => {
  test('that the room makes is told to every tab, once', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })

    const effects = m.hear(...renamed('juliet', 'capulet', { codes: [110], occupantId: 'o-juliet' }))

    for (const tab of ['t1', 't2']) {
      expect(toldTo(effects, tab)).toMatchObject([
        { kind: 'nick-changed', from: 'juliet', occupant: { nick: 'capulet', own: true } },
      ])
    }
    expect(m.room.roster.ownNick).toBe('capulet')
  })

  test('does not take us out', () => {
    const m = inRoom()
    m.hear(...renamed('juliet', 'capulet', { codes: [110] }))

    expect(m.room.occupancy.at).toBe('in')
    expect(only(m.join('t2'), 'show')[0]?.view.picture.self.nick).toBe('capulet')
  })

  test('is told though ejabberd sends no 303 where another device of ours keeps the old nick', () => {
    const m = inRoom()

    const effects = m.hear(present('capulet', { codes: [110], occupantId: 'o-juliet' }))

    expect(m.room.roster.ownNick).toBe('capulet')
    expect(toldKinds(effects, 't1')).toContain('nick-changed')
  })

  test('that does not say the new nick says only that we are gone: the account comes back, and nobody waits for ever', () => {
    const m = inRoom()
    m.hear(gone('juliet', { codes: [303, 110] }))
    m.join('t2')

    const back = m.time('rejoin')
    const effects = letIn(m)

    expect(presencesTo(back)).toEqual([`${ROOM}/juliet`])
    expect(outcome(effects, m.call)).toMatchObject({ nick: 'juliet' })
  })

  test('while joining is followed', () => {
    const m = joining()
    m.hear(self(), ...renamed('juliet', 'capulet', { codes: [110] }))

    const [show] = only(m.hear(subject('')), 'show')

    expect(show?.view.picture).toMatchObject({
      self: { nick: 'capulet' },
      result: { nick: 'capulet', nickAssigned: true },
    })
  })
})
