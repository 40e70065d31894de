import { describe, expect, test } from 'vitest'
import { WAIT } from '../../src/rooms/room.ts'
import {
  inRoom,
  joining,
  type Machine,
  OCCUPANT_IDS,
  only,
  outcome,
  sent,
  toldKinds,
  toldTo,
} from '../support/fakes/room-machine.ts'
import {
  ACCOUNT,
  gone,
  joinError,
  NS_MUC,
  present,
  ROOM,
  renamed,
  said,
  subject,
  told,
} from '../support/fakes/room-xml.ts'
import { stanza } from '../support/fakes/xml.ts'

const self = (words = {}): string => present('juliet', { codes: [110], occupantId: 'o-juliet', ...words })
const romeo = present('romeo', { occupantId: 'o-romeo' })

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
    expect(inRoom().hear(romeo)).toEqual([])
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
    m.step({ on: 'disco', features: OCCUPANT_IDS })

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

  test('that does not say the new nick takes nobody out and leaves every call answered', () => {
    const m = inRoom()
    m.hear(gone('juliet', { codes: [303, 110] }))

    const effects = m.join('t2')

    expect(outcome(effects, m.call)).toBeDefined()
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

describe('somebody removes us', () => {
  test.each([
    ['kicks', [307, 110], 'kicked'],
    ['bans', [301, 110], 'banned'],
    ['takes our membership', [321, 110], 'not-a-member'],
    ['makes the room members-only', [322, 110], 'not-a-member'],
    ['kicks, without 110', [307], 'kicked'],
  ])('who %s: every tab is told once, with actor and reason', (_what, codes, how) => {
    const m = inRoom({ tabs: ['t1', 't2'] })

    const effects = m.hear(gone('juliet', { codes, actor: 'tybalt', reason: 'go away' }))

    for (const tab of ['t1', 't2']) {
      expect(toldTo(effects, tab)).toEqual([
        { kind: 'removed', room: ROOM, how, actor: 'tybalt', reason: 'go away' },
        { kind: 'membership', room: ROOM, change: 'removed', nick: 'juliet', by: 'room' },
      ])
    }
  })

  test('and nothing brings us back but an explicit join', () => {
    const m = inRoom()

    const effects = [
      ...m.hear(gone('juliet', { codes: [307, 110] })),
      ...m.time('rejoin'),
      ...m.time('grace'),
      ...m.lose(),
      ...m.back(),
    ]

    expect(sent(effects)).toEqual([])
    expect(sent(m.join('t1'))).toHaveLength(1)
  })

  test('and the membership is forgotten before anybody is told', () => {
    const effects = inRoom().hear(gone('juliet', { codes: [307, 110] }))

    const order = effects.map((effect) => effect.do)
    expect(order.indexOf('forget-membership')).toBeGreaterThanOrEqual(0)
    expect(order.indexOf('forget-membership')).toBeLessThan(order.indexOf('tell'))
  })

  test('and what we were sending fails', () => {
    const m = inRoom()
    m.send('t1', 'wait!')

    expect(outcome(m.hear(gone('juliet', { codes: [307, 110] })), m.call)).toBe('not-joined')
  })
})

describe('the room is destroyed', () => {
  const destroy = "<destroy jid='other@rooms.example'><reason>closed</reason></destroy>"

  test.each([
    ['with 110, as Prosody says it', { codes: [110], inside: destroy }],
    ['without 110, as ejabberd says it', { inside: destroy }],
  ])('%s: every tab is told once where it went', (_what, words) => {
    const m = inRoom({ tabs: ['t1', 't2'] })

    const effects = m.hear(gone('juliet', words))

    for (const tab of ['t1', 't2']) {
      expect(toldTo(effects, tab)).toEqual([
        { kind: 'destroyed', room: ROOM, reason: 'closed', alternate: 'other@rooms.example' },
        { kind: 'membership', room: ROOM, change: 'removed', nick: 'juliet', by: 'room' },
      ])
    }
  })

  test('and never joined again by ourselves: ejabberd would make it anew', () => {
    const m = inRoom()

    const effects = [
      ...m.hear(gone('juliet', { inside: destroy })),
      ...m.time('rejoin'),
      ...m.time('grace'),
      ...m.lose(),
      ...m.back(),
    ]

    expect(sent(effects)).toEqual([])
  })

  test('without a word more', () => {
    expect(toldTo(inRoom().hear(gone('juliet', { inside: '<destroy/>' })), 't1')[0]).toEqual({
      kind: 'destroyed',
      room: ROOM,
    })
  })
})

describe('the room or the way to it breaks', () => {
  test.each([
    ['333', [110, 333], 'technical'],
    ['307 and 333', [110, 307, 333], 'technical'],
    ['332', [110, 332], 'shutdown'],
    ['no code but 110 (ejabberd, after an error of ours)', [110], 'technical'],
    ['no code at all', [], 'technical'],
  ])('%s: every tab is told that it is interrupted, and the account comes back', (_what, codes, cause) => {
    const m = inRoom({ tabs: ['t1', 't2'] })

    const effects = m.hear(gone('juliet', { codes, status: 'Kicked: reason' }))

    for (const tab of ['t1', 't2']) expect(toldTo(effects, tab)).toEqual([{ kind: 'interrupted', room: ROOM, cause }])
    expect(only(effects, 'wait')).toEqual([{ do: 'wait', name: 'rejoin', ms: WAIT.rejoinMs }])
    expect(WAIT.rejoinMs).toBeLessThanOrEqual(5_000)
    expect(sent(m.time('rejoin'))).toEqual([
      stanza(`<presence to='${ROOM}/juliet' id='new-2'><x xmlns='${NS_MUC}'/></presence>`),
    ])
  })

  test('and the membership stays', () => {
    const effects = inRoom().hear(gone('juliet', { codes: [110, 333] }))

    expect(only(effects, 'forget-membership')).toEqual([])
    expect(only(effects, 'announce')).toEqual([])
  })

  test('and comes back with the password that it had', () => {
    const m = joining({ password: 'key' })
    m.hear(self(), subject(''), gone('juliet', { codes: [110, 333] }))

    expect(JSON.stringify(sent(m.time('rejoin')))).toContain('key')
  })

  test('and comes back under the nick that it had, not the one asked for', () => {
    const m = joining({ nick: 'Juliet' })
    m.hear(present('juliet-2', { codes: [110, 210] }), subject(''), gone('juliet-2', { codes: [110, 333] }))

    expect(sent(m.time('rejoin'))[0]?.attrs['to']).toBe(`${ROOM}/juliet-2`)
  })

  test('and a tab that wants in meanwhile makes nothing go out, and is shown the room with the others', () => {
    const m = inRoom()
    m.hear(gone('juliet', { codes: [110, 333] }))

    expect(sent(m.join('t2'))).toEqual([])
    m.time('rejoin')
    m.step({ on: 'disco', features: OCCUPANT_IDS })
    const effects = m.hear(romeo, self(), subject(''))

    expect(only(effects, 'show').map(({ tab }) => tab)).toEqual(['t2'])
    expect(toldKinds(effects, 't1')).toEqual(['resumed'])
  })

  test('and without a stream it waits for one', () => {
    const m = inRoom()
    m.hear(gone('juliet', { codes: [110, 333] }))
    m.world.online = false

    expect(sent(m.time('rejoin'))).toEqual([])
    expect(sent(m.back())).toHaveLength(1)
  })

  test('and the stream is lost before the next try: that try is not made, the next stream makes it', () => {
    const m = inRoom()
    m.hear(gone('juliet', { codes: [110, 333] }))

    expect(only(m.lose(), 'stop-waiting')).toContainEqual({ do: 'stop-waiting', name: 'rejoin' })
    expect(sent(m.back())).toHaveLength(1)
  })

  test('and the last tab leaves meanwhile: nothing more goes out', () => {
    const m = inRoom()
    m.hear(gone('juliet', { codes: [110, 333] }))

    const effects = m.leave('t1')

    expect(outcome(effects, m.call)).toBeNull()
    expect(sent([...effects, ...m.time('rejoin')])).toEqual([])
  })
})

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
    const { effects } = cameBack([], [romeo, self()])

    expect(summary(effects)).toEqual(['resumed'])
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
    const { effects } = cameBack([self({ jid: `${ACCOUNT}/web-1` })], [romeo, self({ jid: `${ACCOUNT}/web-2` })])

    expect(summary(effects)).toEqual(['resumed'])
    expect(only(effects, 'tell').at(-1)?.event).toMatchObject({ kind: 'resumed', self: { jid: `${ACCOUNT}/web-2` } })
  })

  test('under another nick, which the room gave', () => {
    const { effects } = cameBack([], [romeo, present('juliet-2', { codes: [110, 210], occupantId: 'o-juliet' })])

    expect(summary(effects)).toEqual(['renamed juliet juliet-2', 'resumed'])
  })

  test('and tells of two devices of one person that have both gone', () => {
    const { effects } = cameBack(
      [present('bob', { occupantId: 'b' }), present('bob-phone', { occupantId: 'b' })],
      [romeo, self()],
    )

    expect(summary(effects).sort()).toEqual(['left bob', 'left bob-phone', 'resumed'])
  })

  test('and where the room does not say this time what it can do, nobody has changed', () => {
    const m = inRoom()
    m.lose()
    m.back()
    m.hear(romeo, self(), subject(''))

    const effects = m.step({ on: 'disco', features: undefined })

    expect(summary(effects)).toEqual(['resumed'])
  })

  test('and what was said meanwhile comes as ordinary messages, before the tabs hear that they are back', () => {
    const { effects } = cameBack(
      [said('romeo', 'one', { archiveId: 'a1' })],
      [romeo, self(), told('romeo', 'one', 'a1'), told('romeo', 'two', 'a2')],
    )

    expect(summary(effects)).toEqual(['message two', 'resumed'])
    expect(only(effects, 'append').map(({ message }) => [message.body, message.order])).toEqual([['two', 1]])
  })

  test('and is not announced: it never was out', () => {
    const { effects } = cameBack([], [romeo, self()])

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
    m.step({ on: 'disco', features: OCCUPANT_IDS })

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
