import { describe, expect, test } from 'vitest'
import { WAIT } from '../../src/rooms/room.ts'
import {
  inRoom,
  joining,
  letIn,
  type Machine,
  machine,
  only,
  outcome,
  presencesTo,
  ROMEO,
  refuse,
  sent,
  shows,
  toldKinds,
  toldTo,
  waits,
} from '../support/fakes/room-machine.ts'
import { joinError, present, ROOM, renamed, said } from '../support/fakes/room-xml.ts'
import { stanza } from '../support/fakes/xml.ts'

const renamedOwn = (from: string, to: string): [string, string] =>
  renamed(from, to, { codes: [110], occupantId: 'o-juliet' })
/** The id of the nick change that is under way. */
const renameId = ({ room }: Machine): string => room.renames[0]?.id ?? ''
const refuseNick = (m: Machine, nick: string, condition: string) =>
  m.hear(joinError(nick, condition, { id: renameId(m) }))

describe('a tab changes the nick', () => {
  test('and one presence goes out, to the new one, which enters no room', () => {
    const m = inRoom({ presence: { show: 'away', status: 'lunch' } })

    const effects = m.rename('t1', 'capulet')

    expect(sent(effects)).toEqual([
      stanza(`<presence to='${ROOM}/capulet' id='new-2'><show>away</show><status>lunch</status></presence>`),
    ])
    expect(waits(effects)).toEqual({ rename: WAIT.changeMs })
    expect(outcome(effects, m.call)).toBeUndefined()
  })

  test('and is answered when the room has done it, once all tabs have heard of it', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })
    m.rename('t1', 'capulet')

    const effects = m.hear(...renamedOwn('juliet', 'capulet'))

    for (const tab of ['t1', 't2']) {
      expect(toldTo(effects, tab)).toMatchObject([
        { kind: 'nick-changed', from: 'juliet', occupant: { nick: 'capulet', own: true }, synthetic: false },
      ])
    }
    const order = effects.map((effect) => effect.do)
    expect(order.indexOf('tell')).toBeLessThan(order.indexOf('answer'))
    expect(outcome(effects, m.call)).toBeNull()
  })

  test('and the new one is saved only when the room has done it', () => {
    const m = inRoom()

    const asked = m.rename('t1', 'capulet')
    const done = m.hear(...renamedOwn('juliet', 'capulet'))

    expect(only(asked, 'save-membership')).toEqual([])
    expect(only(done, 'save-membership')).toMatchObject([{ nick: 'capulet' }])
  })

  test('and no 303 says that it is done: another device of ours keeps the old one (ejabberd)', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })
    m.rename('t1', 'capulet')

    const effects = m.hear(present('capulet', { codes: [110], occupantId: 'o-juliet' }))

    expect(outcome(effects, m.call)).toBeNull()
    expect(toldKinds(effects, 't2')).toEqual(['nick-changed', 'occupant-joined'])
  })

  test('to the one in use: nothing goes out, and it is answered at once', () => {
    const m = inRoom()

    const effects = m.rename('t1', 'juliet')

    expect(sent(effects)).toEqual([])
    expect(outcome(effects, m.call)).toBeNull()
  })

  test('and the nick of somebody else changes: that is not the answer', () => {
    const m = inRoom()
    m.rename('t1', 'capulet')

    expect(outcome(m.hear(...renamed('romeo', 'montague')), m.call)).toBeUndefined()
  })
})

describe('nick changes of several tabs', () => {
  test('go out one after the other, and the last one wins', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })

    const first = m.rename('t1', 'capulet')
    const second = m.rename('t2', 'rose')
    const between = m.hear(...renamedOwn('juliet', 'capulet'))
    const after = m.hear(...renamedOwn('capulet', 'rose'))

    expect([first, second, between, after].map(presencesTo)).toEqual([[`${ROOM}/capulet`], [], [`${ROOM}/rose`], []])
    expect([outcome(between, m.call - 1), outcome(after, m.call)]).toEqual([null, null])
    expect(m.room.roster.ownNick).toBe('rose')
  })

  test('of which the first is refused: the second goes out all the same', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })
    m.rename('t1', 'romeo')
    m.rename('t2', 'rose')

    const effects = refuseNick(m, 'romeo', 'conflict')

    expect(outcome(effects, m.call - 1)).toBe('room-nick-conflict')
    expect(outcome(effects, m.call)).toBeUndefined()
    expect(presencesTo(effects)).toEqual([`${ROOM}/rose`])
  })

  test('to the same nick: one goes out, and both are answered', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })
    const asked = [...m.rename('t1', 'rose'), ...m.rename('t2', 'rose')]

    const effects = m.hear(...renamedOwn('juliet', 'rose'))

    expect(presencesTo([...asked, ...effects])).toEqual([`${ROOM}/rose`])
    expect([m.call - 1, m.call].map((call) => outcome(effects, call))).toEqual([null, null])
  })
})

describe('a nick that the room refuses', () => {
  test.each([
    ['conflict', 'room-nick-conflict'],
    ['not-acceptable', 'room-nick-not-acceptable'],
    ['jid-malformed', 'jid-malformed'],
    ['not-allowed', 'forbidden'],
    ['forbidden', 'forbidden'],
    ['resource-constraint', 'stanza-error'],
    ['constructor', 'stanza-error'],
  ])('with %s fails with %s, for the asker alone, and nothing else changes', (condition, code) => {
    const m = inRoom({ tabs: ['t1', 't2'] })
    m.rename('t1', 'romeo')

    const effects = m.hear(joinError('romeo', condition, { id: renameId(m), text: 'no' }))

    expect(only(effects, 'fail')).toMatchObject([
      { call: m.call, error: { code, condition, nick: 'romeo', text: 'no' } },
    ])
    expect(only(effects, 'tell')).toEqual([])
    expect([m.room.roster.ownNick, m.room.occupancy.at]).toEqual(['juliet', 'in'])
  })

  test('without giving the id back is known by the nick', () => {
    const m = inRoom()
    m.rename('t1', 'romeo')

    expect(outcome(m.hear(joinError('romeo', 'conflict')), m.call)).toBe('room-nick-conflict')
  })

  test.each([
    ['another id', joinError('romeo', 'conflict', { id: 'other' })],
    ['no id and another nick', joinError('juliet', 'conflict')],
  ])('is not refused by an error with %s', (_what, xml) => {
    const m = inRoom()
    m.rename('t1', 'romeo')

    expect(outcome(m.hear(xml), m.call)).toBeUndefined()
    expect(m.room.renames).toHaveLength(1)
  })

  test('can be asked for again', () => {
    const m = inRoom()
    m.rename('t1', 'romeo')
    refuseNick(m, 'romeo', 'conflict')

    expect(presencesTo(m.rename('t1', 'romeo'))).toEqual([`${ROOM}/romeo`])
  })
})

describe('a nick change that is not answered', () => {
  test('fails with timeout, and the next one goes out', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })
    m.rename('t1', 'capulet')
    m.rename('t2', 'rose')

    const effects = m.time('rename')

    expect(outcome(effects, m.call - 1)).toBe('timeout')
    expect(presencesTo(effects)).toEqual([`${ROOM}/rose`])
  })

  test('leaves no timer behind once it is', () => {
    const m = inRoom()
    m.rename('t1', 'capulet')

    expect(only(m.hear(...renamedOwn('juliet', 'capulet')), 'stop-waiting')).toContainEqual({
      do: 'stop-waiting',
      name: 'rename',
    })
    expect(m.time('rename')).toEqual([])
  })

  test.each<[string, (m: Machine) => ReturnType<Machine['step']>, string]>([
    ['the stream is lost', (m) => m.lose(), 'offline'],
    ['we are kicked', (m) => m.hear(`${kicked}`), 'not-joined'],
  ])('before %s fails', (_what, end, code) => {
    const m = inRoom()
    m.rename('t1', 'capulet')

    expect(outcome(end(m), m.call)).toBe(code)
    expect(m.room.renames).toEqual([])
  })

  const kicked = `<presence type='unavailable' from='${ROOM}/juliet'><x xmlns='http://jabber.org/protocol/muc#user'><item/><status code='307'/><status code='110'/></x></presence>`
})

describe('a tab that cannot change the nick', () => {
  test.each<[string, () => Machine, string]>([
    ['because it never joined', () => machine(), 'not-joined'],
    ['because it waits to be in', () => joining(), 'not-joined'],
    ['because the room is interrupted', () => interrupted(), 'offline'],
    ['because there is no stream', () => inRoom({ online: true }), 'offline'],
  ])('%s is told so, and nothing goes out', (what, make, code) => {
    const m = make()
    if (what.includes('stream')) m.world.online = false

    const effects = m.rename('t1', 'capulet')

    expect(outcome(effects, m.call)).toBe(code)
    expect(sent(effects)).toEqual([])
  })

  function interrupted(): Machine {
    const m = inRoom()
    m.lose()
    return m
  }
})

describe('a tab that joins and takes its own nick', () => {
  const takeover = { nick: 'rose', takeover: true } as const

  test('where the account is in under another: the nick is changed first, then it is shown the room', () => {
    const m = inRoom()

    const asked = m.join('t2', takeover)
    const done = m.hear(...renamedOwn('juliet', 'rose'))

    expect(presencesTo(asked)).toEqual([`${ROOM}/rose`])
    expect(shows(asked)).toEqual([])
    expect(outcome(done, m.call)).toEqual({ nick: 'rose', codes: [110], created: false, nickAssigned: false })
    expect(toldKinds(done, 't1')).toEqual(['nick-changed'])
  })

  test('where it is in under just that: it is shown the room at once', () => {
    const m = inRoom()

    const effects = m.join('t2', { nick: 'juliet', takeover: true })

    expect(sent(effects)).toEqual([])
    expect(shows(effects)).toHaveLength(1)
  })

  test('while another is joining: the nick is changed when the account is in', () => {
    const m = joining()
    m.join('t2', takeover)

    const effects = letIn(m)

    expect(shows(effects).map(({ tab }) => tab)).toEqual(['t1'])
    expect(presencesTo(effects)).toEqual([`${ROOM}/rose`])
    expect(outcome(m.hear(...renamedOwn('juliet', 'rose')), m.call)).toMatchObject({ nick: 'rose' })
  })

  test('that somebody else has: its join fails, and the others hear nothing', () => {
    const m = inRoom()
    m.join('t2', { nick: 'romeo', takeover: true })

    const effects = refuseNick(m, 'romeo', 'conflict')

    expect(outcome(effects, m.call)).toBe('room-nick-conflict')
    expect(toldTo(effects, 't1')).toEqual([])
    expect([...m.room.holds.keys()]).toEqual(['t1'])
  })

  test('that somebody else has, when the last other tab has left meanwhile: the room is not held by nobody', () => {
    const m = inRoom()
    m.join('t2', { nick: 'romeo', takeover: true })
    m.leave('t1')

    const effects = refuseNick(m, 'romeo', 'conflict')

    expect(m.room.holds.size).toBe(0)
    expect([...presencesTo(effects), ...Object.keys(waits(effects))]).toContainEqual(
      expect.stringMatching(/^(unavailable .*|grace)$/),
    )
  })

  test('that was in already: it goes on hearing of everything meanwhile', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })
    m.join('t1', takeover)

    expect(toldKinds(m.hear(said('romeo', 'hark', { archiveId: 'a1' })), 't1')).toEqual(['message'])
  })

  test('that was in already, and somebody else has it: it stays in under the old one', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })
    m.join('t1', { nick: 'romeo', takeover: true })

    const effects = refuseNick(m, 'romeo', 'conflict')

    expect(outcome(effects, m.call)).toBe('room-nick-conflict')
    expect(toldKinds(m.hear(said('romeo', 'hark', { archiveId: 'a1' })), 't1')).toEqual(['message'])
  })

  test('that was in already, and the stream is lost before the room has answered: it fails, and it stays in', () => {
    const m = inRoom()
    m.join('t1', takeover)

    expect(outcome(m.lose(), m.call)).toBe('offline')
    m.back()
    expect(toldKinds(letIn(m), 't1')).toEqual(['resumed'])
  })

  test('that was in already, and it is the room’s now: it is answered as its first join was', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })
    m.join('t1', takeover)

    const done = m.hear(...renamedOwn('juliet', 'rose'))

    expect(outcome(done, m.call)).toEqual({ nick: 'rose', codes: [110], created: false, nickAssigned: false })
    expect([shows(done), toldKinds(done, 't1')]).toEqual([[], ['nick-changed']])
  })

  test('and the stream is lost before the room has answered: it gets in, under it, when the stream is back', () => {
    const m = inRoom()
    m.join('t2', takeover)
    m.lose()
    m.back()

    const back = letIn(m)

    expect(presencesTo(back)).toEqual([`${ROOM}/rose`])
    expect(outcome(m.hear(...renamedOwn('juliet', 'rose')), m.call)).toMatchObject({ nick: 'rose' })
  })
})

describe('the nick is somebody else’s when the account comes back', () => {
  /** In as `juliet_`, because somebody is `juliet` by now. */
  function underAnother(): Machine {
    const m = inRoom({ tabs: ['t1', 't2'] })
    m.lose()
    m.back()
    refuse(m, 'conflict')
    return m
  }
  const others = [ROMEO, present('juliet', { occupantId: 'o-other' })]

  test('and it comes in under another one, which the tabs are told', () => {
    const m = underAnother()

    const effects = letIn(m, { nick: 'juliet_', others })

    expect(toldTo(effects, 't1')).toContainEqual(
      expect.objectContaining({
        kind: 'nick-changed',
        from: 'juliet',
        occupant: expect.objectContaining({ nick: 'juliet_', own: true }),
        synthetic: true,
      }),
    )
    expect(toldKinds(effects, 't1').at(-1)).toBe('resumed')
  })

  test('and one more name is tried where that is taken, too', () => {
    expect(presencesTo(refuse(underAnother(), 'conflict', { nick: 'juliet_' }))).toEqual([`${ROOM}/juliet__`])
  })

  test('and the wanted one is asked for again, in pauses that grow up to ten minutes, silently', () => {
    const m = underAnother()
    const pauses = [waits(letIn(m, { nick: 'juliet_', others }))['regain']]

    for (let i = 0; i < 6; i++) {
      const asked = m.time('regain')
      expect(presencesTo(asked)).toEqual([`${ROOM}/juliet`])
      const refused = refuseNick(m, 'juliet', 'conflict')
      expect([toldTo([...asked, ...refused], 't1'), only(refused, 'fail')]).toEqual([[], []])
      pauses.push(waits(refused)['regain'])
    }

    expect(pauses).toEqual([30, 60, 120, 240, 480, 600, 600].map((seconds) => seconds * 1000))
  })

  test('and when it is free all tabs are told, and nothing is tried any more', () => {
    const m = underAnother()
    letIn(m, { nick: 'juliet_', others })
    m.time('regain')

    const effects = m.hear(...renamedOwn('juliet_', 'juliet'))

    expect(toldKinds(effects, 't2')).toEqual(['nick-changed'])
    expect([waits(effects)['regain'], m.time('regain')]).toEqual([undefined, []])
  })

  test('and a tab chooses another one: the old one is not wanted any more', () => {
    const m = underAnother()
    letIn(m, { nick: 'juliet_', others })
    m.rename('t1', 'rose')
    m.hear(...renamedOwn('juliet_', 'rose'))

    expect(m.time('regain')).toEqual([])
  })

  test('and another change is under way when it is time: it waits for its turn', () => {
    const m = underAnother()
    letIn(m, { nick: 'juliet_', others })
    m.rename('t1', 'rose')

    const effects = m.time('regain')

    expect(sent(effects)).toEqual([])
    expect(Object.keys(waits(effects))).toEqual(['regain'])
  })

  test('and the room is interrupted when it is time: it is asked for when we are in again', () => {
    const m = underAnother()
    letIn(m, { nick: 'juliet_', others })
    m.lose()

    expect(m.time('regain')).toEqual([])
    m.back()
    expect(Object.keys(waits(letIn(m, { nick: 'juliet_', others })))).toContain('regain')
  })

  test('and after the tabs have left nothing is wanted any more', () => {
    const m = underAnother()
    letIn(m, { nick: 'juliet_', others })
    m.leave('t1', { everywhere: true })
    m.hear(
      `<presence type='unavailable' from='${ROOM}/juliet_'><x xmlns='http://jabber.org/protocol/muc#user'/></presence>`,
    )

    m.join('t1')
    expect(waits(letIn(m))['regain']).toBeUndefined()
  })
})
