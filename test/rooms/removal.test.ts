import { describe, expect, test } from 'vitest'
import { WAIT } from '../../src/rooms/room.ts'
import { inRoom, joining, only, outcome, ROMEO, self, sent, toldKinds, toldTo } from '../support/fakes/room-machine.ts'
import { gone, NS_MUC, present, ROOM, subject } from '../support/fakes/room-xml.ts'
import { stanza } from '../support/fakes/xml.ts'

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
    m.disco()
    const effects = m.hear(ROMEO, self(), subject(''))

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
