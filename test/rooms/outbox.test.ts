import { describe, expect, test } from 'vitest'
import type { OutboxRow } from '../../src/contract/api.ts'
import type { Effect } from '../../src/rooms/effects.ts'
import {
  inRoom,
  kinds,
  letIn,
  type Machine,
  machine,
  NO_PAST,
  only,
  outcome,
  page,
  self,
  sent,
  toldTo,
  WITH_ARCHIVE,
} from '../support/fakes/room-machine.ts'
import { gone, messageError, ROOM, said, subject, told } from '../support/fakes/room-xml.ts'
import { stanza } from '../support/fakes/xml.ts'

/** The ids of the messages that go out. */
const out = (effects: readonly Effect[]): unknown[] =>
  sent(effects)
    .filter(({ name }) => name === 'message')
    .map(({ attrs }) => attrs['id'])
const states = (effects: readonly Effect[], tab = 't1'): string[] =>
  toldTo(effects, tab).flatMap((event) =>
    event.kind === 'message-updated' ? [`${event.message.id} ${event.message.state}`] : [],
  )
const echo = (id: string, archiveId = `a-${id}`): string => said('juliet', id, { id, originId: id, archiveId })
const dropped = (effects: readonly Effect[]): number => only(effects, 'drop-outbox').length

const archived = (): Machine => {
  const m = inRoom({ tabs: ['t1', 't2'] })
  m.step({ on: 'disco', features: WITH_ARCHIVE })
  m.hear(said('romeo', 'hark', { archiveId: 'a1', id: 'i1' }))
  return m
}

/** In again with a session that is new, and the archive still to be read. */
const cameBack = (m: Machine): Effect[] => [
  ...m.lose(),
  ...m.back(),
  ...m.step({ on: 'disco', features: WITH_ARCHIVE }),
  ...m.hear(self(), subject('')),
]
const row = (id: string, order: number): OutboxRow => ({
  room: ROOM,
  id,
  order,
  tab: 't9',
  body: id,
  sinceMs: 1,
  stanza: stanza(`<message to='${ROOM}' id='${id}' type='groupchat'><body>${id}</body></message>`),
})

describe('a message', () => {
  test('is stored before it goes out, and taken out of the store with what the room made of it', () => {
    const m = inRoom()

    expect(kinds(m.send('t1', 'x1', { id: 'x1' }))).toEqual(['put-outbox', 'send', 'wait'])
    expect(kinds(m.hear(echo('x1'))).slice(0, -1)).toEqual(['append', 'tell', 'drop-outbox', 'stop-waiting', 'answer'])
  })

  test('that goes out at once is shown by nobody but the room', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })

    expect(toldTo(m.send('t1', 'x1', { id: 'x1' }), 't2')).toEqual([])
  })

  test.each<[string, (m: Machine) => void]>([
    ['the connection is gone', (m) => m.suspend()],
    ['the session is over', (m) => m.lose()],
    ['the room has dropped us', (m) => m.hear(gone('juliet', { codes: [110, 333] }))],
  ])('while %s waits in every tab, in its turn, and goes out once', (_what, breaks) => {
    const m = archived()
    breaks(m)

    const waiting = [...m.send('t1', 'x1', { id: 'x1' }), ...m.send('t2', 'x2', { id: 'x2' })]

    expect(out(waiting)).toEqual([])
    expect(states(waiting, 't1')).toEqual(['x1 queued', 'x2 queued'])
    expect(states(waiting, 't2')).toEqual(['x1 queued', 'x2 queued'])
    const isBack = m.room.suspended
      ? m.resume()
      : [
          ...m.back(),
          ...m.time('rejoin'),
          ...m.step({ on: 'disco', features: WITH_ARCHIVE }),
          ...m.hear(self(), subject('')),
          ...page(m, [], { complete: true }),
          ...m.step({ on: 'gaps-closed' }),
        ]
    expect(out(isBack)).toEqual(['x1', 'x2'])
    expect(states(isBack, 't2')).toEqual(['x1 sent', 'x2 sent'])
    expect(out([...m.pinged('in'), ...m.resume()])).toEqual([])
  })

  test('whose tab asked not to wait is answered at once, as it stands', () => {
    const m = inRoom()
    m.suspend()

    expect(outcome(m.send('t1', 'x1', { id: 'x1', waitMs: 0 }), m.call)).toMatchObject({ id: 'x1', state: 'queued' })
  })

  test('that the room takes its time for is answered as it stands, once', () => {
    const m = inRoom()
    m.send('t1', 'x1', { id: 'x1' })

    expect(outcome(m.time('send x1'), m.call)).toMatchObject({ id: 'x1', state: 'sent', own: true, tab: 't1' })
    expect(only(m.hear(echo('x1')), 'answer')).toEqual([])
  })

  test('of the same id is the same: it does not go out twice', () => {
    const m = inRoom()
    m.send('t1', 'x1', { id: 'x1' })

    const effects = m.send('t1', 'x1', { id: 'x1' })

    expect(kinds(effects)).toEqual(['answer'])
    expect(outcome(effects, m.call)).toMatchObject({ id: 'x1', state: 'sent' })
  })
})

describe('a message that was on its way when the session was lost', () => {
  test('and is in the archive was delivered: its sender is told, and it does not go out again', () => {
    const m = archived()
    m.send('t1', 'x1', { id: 'x1' })
    const { call } = m

    expect(out(cameBack(m))).toEqual([])
    const found = page(m, ['a2 romeo: two', 'a3 juliet: x1'], { complete: true })
    // The archive of the room keeps ids: the fake gives `i-a3`, so it is known by its text where nothing shows that.
    const closed = m.step({ on: 'gaps-closed' })

    expect([outcome(found, call), out(closed)]).toEqual([undefined, ['x1']])
  })

  test('and is in the archive under its id was delivered: it does not go out again', () => {
    const m = archived()
    m.send('t1', 'x1', { id: 'i-a3' })
    const { call } = m
    cameBack(m)

    const found = page(m, ['a2 romeo: two', 'a3 juliet: x1'], { complete: true })

    expect(outcome(found, call)).toMatchObject({ id: 'a3', state: 'delivered' })
    expect(dropped(found)).toBe(1)
    expect(out(m.step({ on: 'gaps-closed' }))).toEqual([])
    expect(m.room.sending.size).toBe(0)
  })

  test('and is not in the archive goes out again, before those that came later', () => {
    const m = archived()
    m.send('t1', 'x1', { id: 'x1' })
    m.send('t1', 'x2', { id: 'x2' })
    cameBack(m)
    m.send('t1', 'x3', { id: 'x3' })
    page(m, ['a2 romeo: two'], { complete: true })

    expect(out(m.step({ on: 'gaps-closed' }))).toEqual(['x1', 'x2', 'x3'])
  })

  test('and whose archive does not answer is given back: nobody can tell, and it must not be said twice', () => {
    const m = archived()
    m.send('t1', 'x1', { id: 'x1' })
    const { call } = m
    cameBack(m)
    m.send('t1', 'x2', { id: 'x2' })

    const given = [0, 1, 2].flatMap(() => m.step({ on: 'archive-failed' }))

    expect(outcome(given, call)).toBe('timeout')
    expect(m.room.sending.has('x1')).toBe(false)
    const [asked] = only(given, 'read-stored')
    const through = asked && m.step({ on: 'stored-read', read: { ...asked, messages: [] } })
    expect(out([...(through ?? []), ...m.pinged('in')])).toEqual(['x2'])
  })

  test('and comes live after all, as by another session that the server still had, is delivered', () => {
    const m = archived()
    m.send('t1', 'x1', { id: 'x1' })
    const { call } = m
    cameBack(m)

    expect(outcome(m.hear(echo('x1')), call)).toMatchObject({ state: 'delivered' })
    page(m, [], { complete: true })
    expect(out(m.step({ on: 'gaps-closed' }))).toEqual([])
  })
})

describe('a room without an archive', () => {
  const known = (): Machine => {
    const m = inRoom()
    m.hear(said('romeo', 'hark', { archiveId: 'a1', id: 'i1' }))
    m.send('t1', 'x1', { id: 'x1' })
    m.lose()
    m.back()
    return m
  }

  test('whose history has it says that it was delivered', () => {
    const m = known()

    const effects = letIn(m, { history: [told('romeo', 'hark', 'a1'), echo('x1')] })

    expect(outcome(effects, m.call)).toMatchObject({ state: 'delivered' })
    expect(out(effects)).toEqual([])
  })

  test('whose history has it, though other things may be missing before, says that it was delivered', () => {
    const m = known()

    const effects = letIn(m, { history: [told('romeo', 'much later', 'a50'), echo('x1')] })

    expect(outcome(effects, m.call)).toMatchObject({ state: 'delivered' })
  })

  test('whose history has it before what is known, says that it was delivered', () => {
    const m = known()

    const effects = letIn(m, { history: [echo('x1'), told('romeo', 'hark', 'a1')] })

    expect(outcome(effects, m.call)).toMatchObject({ state: 'delivered' })
    expect([out(effects), dropped(effects), m.room.sending.size]).toEqual([[], 1, 0])
  })

  test('whose history goes on from what is known without it says that it was not: it goes out again', () => {
    const m = known()

    expect(out(letIn(m, { history: [told('romeo', 'hark', 'a1'), told('romeo', 'two', 'a2')] }))).toEqual(['x1'])
  })

  test.each<[string, readonly string[]]>([
    ['begins later', [told('romeo', 'much later', 'a50')]],
    ['is empty: it may not keep any', []],
  ])('whose history %s cannot say, and nobody may guess', (_what, history) => {
    const m = known()

    const effects = letIn(m, { history })

    expect(outcome(effects, m.call)).toBe('timeout')
    expect([out(effects), dropped(effects)]).toEqual([[], 1])
  })

  test('still takes what was not out at all', () => {
    const m = known()
    m.send('t1', 'x2', { id: 'x2' })

    expect(out(letIn(m, { history: [told('romeo', 'much later', 'a50')] }))).toEqual(['x2'])
  })
})

describe('a message that is refused', () => {
  test('is taken out of the store, and its sender alone is told', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })
    m.send('t1', 'x1', { id: 'x1' })

    const effects = m.hear(messageError('x1', 'forbidden'))

    expect([outcome(effects, m.call), dropped(effects), states(effects, 't2')]).toEqual(['forbidden', 1, []])
  })

  test('after all tabs saw it wait is told to all', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })
    m.suspend()
    m.send('t1', 'x1', { id: 'x1' })
    m.resume()

    const effects = m.hear(messageError('x1', 'forbidden'))

    expect(states(effects, 't2')).toEqual(['x1 failed'])
  })

  test('does not hold up those behind it', () => {
    const m = archived()
    m.send('t1', 'x1', { id: 'x1' })
    m.hear(messageError('x1', 'forbidden'))

    expect(out(m.send('t1', 'x2', { id: 'x2' }))).toEqual(['x2'])
  })
})

describe('a message that is given up', () => {
  const giveUp = (m: Machine, id: string): Effect[] => m.step({ on: 'tab-gives-up', call: 99, id })

  test('before it is out does not go out, and every tab is told', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })
    m.suspend()
    m.send('t1', 'x1', { id: 'x1' })
    const { call } = m

    const effects = giveUp(m, 'x1')

    expect([outcome(effects, 99), outcome(effects, call), dropped(effects)]).toEqual([true, 'aborted', 1])
    expect(states(effects, 't2')).toEqual(['x1 failed'])
    expect(out(m.resume())).toEqual([])
  })

  test.each<[string, (m: Machine) => void]>([
    ['that is out', (m) => m.send('t1', 'x1', { id: 'x1' })],
    ['that nobody has said', () => undefined],
    [
      'whose fate is not known',
      (m) => {
        m.send('t1', 'x1', { id: 'x1' })
        m.lose()
      },
    ],
  ])('%s is too late', (_what, happens) => {
    const m = inRoom()
    happens(m)
    const before = m.room.sending.size

    expect(giveUp(m, 'x1')).toEqual([{ do: 'answer', call: 99, value: false }])
    expect(m.room.sending.size).toBe(before)
  })
})

describe('what the worker before had not seen delivered', () => {
  const restored = (rows: readonly OutboxRow[]): Machine => {
    const m = machine()
    m.join('t1')
    m.step({ on: 'loaded', past: { ...NO_PAST, outbox: rows } })
    m.step({ on: 'disco', features: WITH_ARCHIVE })
    return m
  }

  test('is shown to a tab that enters, as it stands', () => {
    const m = restored([row('x1', 1), row('x2', 2)])

    const effects = m.hear(self(), told('romeo', 'hark', 'a1'), subject(''))

    expect(only(effects, 'show')[0]?.view.picture.outbox).toMatchObject([
      { id: 'x1', body: 'x1', own: true, tab: 't9' },
      { id: 'x2', body: 'x2' },
    ])
  })

  test('goes out once the history shows that it did not arrive, in its order, before what is new', () => {
    const m = restored([row('x1', 1), row('x2', 2)])
    m.send('t1', 'x3', { id: 'x3' })

    expect(out(m.hear(self(), told('romeo', 'hark', 'a1'), subject('')))).toEqual(['x1', 'x2'])
    const m3 = m.send('t1', 'x3', { id: 'x3' })
    expect(only(m3, 'put-outbox')[0]?.row.order).toBe(3)
  })

  test('and stands in the archive before what is known is told as delivered: no message comes of it', () => {
    const m = restored([row('i-a0', 1)])
    const history = Array.from({ length: 20 }, (_, n) => told('romeo', `b${n}`, `b${n}`))
    expect(only(m.hear(self(), ...history, subject('')), 'show')[0]?.view.picture.outbox).toHaveLength(1)

    const effects = page(m, ['a0 juliet: i-a0', 'b0 romeo: b0'])

    expect([dropped(effects), kinds(effects).filter((kind) => kind === 'tell').length]).toEqual([1, 1])
    expect(toldTo(effects, 't1')).toMatchObject([
      { kind: 'message-updated', change: 'state', message: { id: 'a0', originId: 'i-a0', state: 'delivered' } },
    ])
  })

  test('and stands in the history has arrived', () => {
    const m = restored([row('x1', 1)])

    const effects = m.hear(self(), echo('x1'), subject(''))

    expect([out(effects), dropped(effects), m.room.sending.size]).toEqual([[], 1, 0])
  })
})

describe('a room that is left', () => {
  test('with something on its way: the caller is told how it stands, and it waits until somebody is in again', () => {
    const m = inRoom()
    m.send('t1', 'x1', { id: 'x1' })
    const { call } = m
    m.leave('t1')

    const effects = m.hear(gone('juliet', { codes: [110] }))

    expect(outcome(effects, call)).toMatchObject({ originId: 'x1', state: 'sent' })
    expect([dropped(effects), m.room.sending.get('x1')?.state]).toEqual([0, 'doubtful'])
  })

  test('just after something was said still hears that the room has spread it', () => {
    const m = inRoom()
    m.send('t1', 'x1', { id: 'x1' })
    const { call } = m
    m.leave('t1')

    expect(outcome(m.hear(echo('x1')), call)).toMatchObject({ state: 'delivered' })
  })

  test('for good, by a kick, fails what waits', () => {
    const m = archived()
    m.suspend()
    m.send('t1', 'x1', { id: 'x1' })
    const { call } = m
    m.world.online = true
    m.room.suspended = false

    expect(outcome(m.hear(gone('juliet', { codes: [307, 110] })), call)).toBe('not-joined')
  })
})
