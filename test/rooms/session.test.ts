import { describe, expect, test } from 'vitest'
import type { OutboxRow } from '../../src/contract/api.ts'
import type { Occupant, RoomConfig } from '../../src/contract/model.ts'
import type { Effect } from '../../src/rooms/effects.ts'
import type { Past } from '../../src/rooms/inputs.ts'
import {
  inRoom,
  joining,
  kinds,
  letIn,
  type Machine,
  machine,
  NO_PAST,
  only,
  outcome,
  page,
  presencesTo,
  self,
  sent,
  shows,
  toldKinds,
  toldTo,
  WITH_ARCHIVE,
  waits,
} from '../support/fakes/room-machine.ts'
import { gone, present, ROOM, said, subject } from '../support/fakes/room-xml.ts'
import { sharedMessage } from '../support/fakes/shared-message.ts'
import { stanza } from '../support/fakes/xml.ts'

const OUT = `unavailable ${ROOM}/juliet`
const pings = (effects: readonly Effect[]): number => only(effects, 'self-ping').length

describe('a session that goes on', () => {
  test('is an interruption for the tabs, and nothing for the room', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })

    const gone = m.suspend()
    const back = m.resume()

    expect([toldKinds(gone, 't2'), toldKinds(back, 't2')]).toEqual([['interrupted'], ['resumed']])
    expect(sent([...gone, ...back])).toEqual([])
    expect(m.room.occupancy.at).toBe('in')
  })

  test('brings what came meanwhile as it came: nobody leaves, nobody comes, nothing is history', () => {
    const m = inRoom()
    m.suspend()
    m.resume()

    const effects = m.hear(present('nurse'), said('romeo', 'hark', { archiveId: 'a1' }), gone('romeo'))

    expect(toldKinds(effects, 't1')).toEqual(['occupant-joined', 'message', 'occupant-left'])
    expect(m.room.timeline.gaps).toHaveLength(1)
  })

  test('asks whether we are still in where the room was silent for a minute', () => {
    const m = inRoom()
    m.suspend()
    m.world.nowMs += 61_000

    expect(pings(m.resume())).toBe(1)
  })

  test('asks nothing of a room that spoke just now', () => {
    const m = inRoom()
    m.suspend()

    expect(pings(m.resume())).toBe(0)
  })

  test('finds a tab that wanted in meanwhile, and shows it the room without a join', () => {
    const m = inRoom()
    m.suspend()
    expect(shows(m.join('t2'))).toEqual([])

    const effects = m.resume()

    expect(shows(effects).map(({ tab }) => tab)).toEqual(['t2'])
    expect(outcome(effects, m.call)).toMatchObject({ nick: 'juliet' })
    expect(sent(effects)).toEqual([])
  })

  test('enters a room that a tab wanted meanwhile, once', () => {
    const m = machine({ online: false })
    m.join('t1')
    m.step({ on: 'loaded', past: NO_PAST })
    m.suspend()

    expect(presencesTo(m.resume())).toEqual([`${ROOM}/juliet`])
  })

  test('does not ask again for what it asked before: the join is on its way', () => {
    const m = joining()
    m.suspend()

    expect(sent(m.resume())).toEqual([])
    expect(shows(letIn(m))).toHaveLength(1)
  })
})

describe('a room that is left while there is no connection', () => {
  const left = (): { m: Machine; effects: Effect[]; call: number } => {
    const m = inRoom({ tabs: ['t1'] })
    m.suspend()
    const effects = m.leave('t1')
    return { m, effects, call: m.call }
  }

  test('is left at once for the tab, and hears of it when the session goes on', () => {
    const { m, effects, call } = left()

    expect(outcome(effects, call)).toBeNull()
    expect(toldTo(effects, 't1').map(({ kind }) => kind)).toEqual(['left', 'membership'])
    // The session keeps it until there is a connection.
    expect(presencesTo(effects)).toEqual([OUT])
    expect(presencesTo(m.resume())).toEqual([])
    expect(m.room.occupancy.at).toBe('leaving')
    expect(toldTo(m.hear(gone('juliet', { codes: [110] })), 't1')).toEqual([])
    expect(m.room.occupancy.at).toBe('out')
  })

  test('gives the room its time to confirm only when it can', () => {
    const { m, effects } = left()

    expect(waits(effects)).toEqual({})
    expect(waits(m.resume())).toMatchObject({ leave: 5_000 })
  })

  test('and wanted again is entered when it has confirmed', () => {
    const { m } = left()
    m.join('t1')
    m.resume()

    const effects = m.hear(gone('juliet', { codes: [110] }))

    expect(presencesTo(effects)).toEqual([`${ROOM}/juliet`])
  })

  test('and wanted again after the session was lost is entered with the next one', () => {
    const { m } = left()
    m.join('t1')
    m.lose()

    expect(presencesTo(m.back())).toEqual([`${ROOM}/juliet`])
    expect(shows(letIn(m)).map(({ tab }) => tab)).toEqual(['t1'])
  })

  test('is out where the session is lost', () => {
    const { m } = left()

    m.lose()

    expect(m.room.occupancy.at).toBe('out')
    expect(presencesTo(m.back())).toEqual([])
  })
})

test('a room that is entered again is not one that the next worker may take itself to be in', () => {
  const m = inRoom()
  m.lose()

  const effects = m.back()

  expect(kinds(effects).indexOf('forget-membership')).toBeGreaterThan(-1)
  expect(kinds(effects).indexOf('forget-membership')).toBeLessThan(kinds(effects).indexOf('send'))
  expect(kinds(letIn(m))).toContain('save-membership')
})

describe('a session that is lost', () => {
  test('is written down with the room: a worker that goes on with the next one is not in it yet', () => {
    const m = inRoom()

    const effects = m.lose()

    expect(kinds(effects)).toContain('forget-membership')
  })

  test('after it was suspended tells of one interruption, not of two', () => {
    const m = inRoom()

    expect(toldKinds([...m.suspend(), ...m.lose()], 't1')).toEqual(['interrupted'])
    expect(m.room.occupancy.at).toBe('interrupted')
  })

  test('makes the account come in again, and tells the difference', () => {
    const m = inRoom()
    m.suspend()
    m.lose()
    m.back()

    const effects = letIn(m, { others: [present('nurse')] })

    expect(toldKinds(effects, 't1')).toEqual(['occupant-left', 'occupant-joined', 'resumed'])
  })

  test('fails the calls that no answer will come for', () => {
    const m = inRoom()
    m.rename('t1', 'julia')
    const { call } = m
    m.suspend()

    expect(outcome(m.lose(), call)).toBe('offline')
  })
})

const occupant = (nick: string, own = false): Occupant => ({
  nick,
  role: 'participant',
  affiliation: 'none',
  show: 'online',
  hats: [],
  own,
  ownAccount: own,
})
const CONFIG = { name: 'A garden', features: [...WITH_ARCHIVE] } as unknown as RoomConfig

/** A room of the worker before, in which nobody has said yet that they want it. */
const queuedRow = (id: string, order: number): OutboxRow => ({
  room: ROOM,
  id,
  order,
  tab: 't1',
  body: id,
  sinceMs: 1,
  stanza: stanza(`<message to='${ROOM}' id='${id}' type='groupchat'><body>${id}</body></message>`),
})

function inherited(past: Partial<Past> = {}, config: Partial<RoomConfig> = {}): { m: Machine; effects: Effect[] } {
  const m = machine({ online: false })
  const effects = m.step({
    on: 'inherited',
    past: { ...NO_PAST, ...past },
    membership: { nick: 'juliet', codes: [110, 100], config: { ...CONFIG, ...config } },
    occupants: [occupant('romeo'), occupant('juliet', true)],
  })
  return { m, effects }
}

describe('a room that the worker before was in', () => {
  test('is as it was, and nothing is sent to it before the session goes on', () => {
    const { m, effects } = inherited()

    expect(m.room.occupancy.at).toBe('in')
    expect([...m.room.roster.byNick.keys()]).toEqual(['romeo', 'juliet'])
    expect(sent(effects)).toEqual([])
    expect(sent([...m.join('t1'), ...m.send('t1', 'hark')])).toEqual([])
  })

  test('is shown to its tabs when the session goes on, without a join', () => {
    const { m } = inherited()
    m.join('t1', { nick: 'somebody' })

    const effects = m.resume()

    expect(sent(effects)).toEqual([])
    expect(shows(effects)).toMatchObject([
      { tab: 't1', view: { picture: { self: { nick: 'juliet' }, result: { nick: 'juliet' } } } },
    ])
  })

  test('is entered by its tabs where the session does not go on', () => {
    const { m } = inherited()
    m.join('t1')

    m.lose()

    expect(presencesTo(m.back())).toEqual([`${ROOM}/juliet`])
    expect(outcome(letIn(m), m.call)).toMatchObject({ nick: 'juliet' })
  })

  test('and nobody wants is left a while after the session went on', () => {
    const { m, effects } = inherited()
    expect(waits(effects)).toMatchObject({ grace: 12_000 })
    m.resume()

    expect(presencesTo(m.time('grace'))).toEqual([OUT])
  })

  test('and nobody wants is forgotten where the session does not go on, but what was to go out is kept', () => {
    const { m } = inherited({ outbox: [queuedRow('x1', 1)] })

    const effects = m.lose()

    expect(kinds(effects)).toContain('forget-membership')
    expect(only(effects, 'drop-outbox')).toEqual([])
    expect(m.room.occupancy.at).toBe('out')
    expect(sent(m.back())).toEqual([])
  })

  test('goes on with its messages where it was', () => {
    const { m } = inherited({ messages: [sharedMessage(7, { id: 'a7' })], gaps: [] })
    m.resume()

    const effects = m.hear(said('romeo', 'again', { archiveId: 'a7' }), said('romeo', 'new', { archiveId: 'a8' }))

    expect(only(effects, 'append').map(({ message }) => [message.id, message.order])).toEqual([['a8', 8]])
  })

  test('in the middle of reading up what was missed: that goes on, and a tab that was in has all of it', () => {
    const after = { id: 'a7', stampMs: 7 }
    const gaps = [{ from: 8, to: 900, after, before: undefined }]
    const { m } = inherited({ messages: [sharedMessage(7, { id: 'a7' })], gaps })
    m.join('t1', { after: { order: 7, archive: 'archive-1' } })

    const back = m.resume()
    expect([kinds(back).includes('catch-up'), shows(back)]).toEqual([true, []])
    page(m, ['a8 romeo: eight'], { complete: true })

    expect(shows(m.step({ on: 'gaps-closed' }))).toMatchObject([
      { tab: 't1', view: { history: { wish: { order: 7 } } } },
    ])
  })

  test('and whose session does not go on after that either: a tab that was in has both, what was missed then and now', () => {
    const gaps = [{ from: 8, to: 900, after: { id: 'a7', stampMs: 7 }, before: { id: 'a9', stampMs: 9 } }]
    const { m } = inherited({ messages: [sharedMessage(7, { id: 'a7' }), sharedMessage(900, { id: 'a9' })], gaps })
    m.join('t1', { after: { order: 7, archive: 'archive-1' } })
    m.resume()
    m.lose()
    m.back()
    m.disco(WITH_ARCHIVE)
    m.hear(self(), subject(''))

    page(m, ['a10 romeo: ten'], { complete: true })
    expect(shows(m.step({ on: 'gaps-closed' }))).toEqual([])
    page(m, ['a8 romeo: eight', 'a9 romeo: nine'])

    expect(shows(m.step({ on: 'gaps-closed' }))).toMatchObject([
      { tab: 't1', view: { history: { wish: { order: 7 } } } },
    ])
  })

  test('with an old gap: who has not been in is shown the room at once, and it is filled without a word', () => {
    const gaps = [{ from: 8, to: 900, after: { id: 'a7', stampMs: 7 }, before: undefined }]
    const { m } = inherited({ messages: [sharedMessage(7, { id: 'a7' })], gaps })
    m.join('t1')

    const back = m.resume()

    expect([kinds(back).filter((kind) => kind === 'catch-up').length, shows(back).length]).toEqual([1, 1])
  })

  test('has what was to go out looked for before it goes out again: the room may have dropped us meanwhile', () => {
    const { m } = inherited({ outbox: [queuedRow('x1', 1), queuedRow('x2', 2)] })
    m.join('t1')

    const back = m.resume()
    expect([pings(back), sent(back)]).toEqual([1, []])
    // What the room had for us before it answers comes before its answer.
    m.hear(said('juliet', 'x1', { id: 'x1', originId: 'x1', archiveId: 'a1' }))

    expect(sent(m.pinged('in')).map(({ attrs }) => attrs['id'])).toEqual(['x2'])
  })

  test('without an archive, with a hole that nothing can fill: what was to go out does not wait for that', () => {
    const gaps = [{ from: 8, to: 900, after: { id: 'a7', stampMs: 7 }, before: undefined }]
    for (const [features, goesOut] of [
      [new Set<string>(), ['x1']],
      [WITH_ARCHIVE, []],
    ] as const) {
      const { m } = inherited({ outbox: [queuedRow('x1', 1)], gaps }, { features: [...features] })
      m.resume()

      expect(sent(m.pinged('in')).map(({ attrs }) => attrs['id'])).toEqual(goesOut)
    }
  })

  test('that is entered already when its past is read is left as it is', () => {
    const m = inRoom()

    const effects = m.step({
      on: 'inherited',
      past: NO_PAST,
      membership: { nick: 'other', codes: [], config: undefined },
      occupants: [],
    })

    expect(effects).toEqual([])
    expect(m.room.roster.byNick.has('romeo')).toBe(true)
  })

  test('without ourselves among its occupants, because the store is behind, is asked for all of them', () => {
    const m = machine({ online: false })
    m.step({
      on: 'inherited',
      past: NO_PAST,
      membership: { nick: 'juliet', codes: [110], config: undefined },
      occupants: [occupant('romeo')],
    })
    m.join('t1')

    expect(presencesTo(m.resume())).toEqual([`${ROOM}/juliet`])
    expect(outcome(letIn(m), m.call)).toMatchObject({ nick: 'juliet' })
  })
})
