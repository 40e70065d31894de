import { describe, expect, test } from 'vitest'
import type { Effect } from '../../src/rooms/effects.ts'
import {
  inRoom,
  joinTo,
  kinds,
  letIn,
  type Machine,
  machine,
  NO_PAST,
  only,
  outcome,
  page,
  ROMEO,
  self,
  sent,
  shows,
  toldKinds,
  toldTo,
  WITH_ARCHIVE,
  waits,
} from '../support/fakes/room-machine.ts'
import { gone, ROOM, said, subject, told } from '../support/fakes/room-xml.ts'
import { sharedMessage } from '../support/fakes/shared-message.ts'

const live = (id: string, body = id): string => said('romeo', body, { archiveId: id, id: `i-${id}` })

/** `t1` is in a room with an archive, has heard `a1`, and the session that it was in with is over; `a1` is the newest. */
function lost(): Machine {
  const m = inRoom()
  m.step({ on: 'disco', features: WITH_ARCHIVE })
  m.hear(live('a1'))
  m.lose()
  return m
}

/** The same, in again: the archive is to be read. */
function behind(): { m: Machine; effects: Effect[] } {
  const m = lost()
  const effects = [...m.back(), ...m.step({ on: 'disco', features: WITH_ARCHIVE }), ...m.hear(self(), subject(''))]
  return { m, effects }
}

const bodies = (effects: readonly Effect[], tab = 't1'): string[] =>
  toldTo(effects, tab).flatMap((event) => (event.kind === 'message' ? [event.message.body] : []))
const stored = (effects: readonly Effect[]): [string, number][] =>
  only(effects, 'append').map(({ message }) => [message.body, message.order])

/** What the store gives of what was asked for. */
function read(m: Machine, effects: readonly Effect[], all: readonly Effect[]): Effect[] {
  const [ask] = only(effects, 'read-stored')
  if (!ask) return []
  const { from, before } = ask
  const messages = only(all, 'append')
    .map(({ message }) => message)
    .filter(({ order }) => order >= from && order < before)
    .sort((a, b) => a.order - b.order)
  return m.step({ on: 'stored-read', read: { from, before, messages } })
}

describe('a room that comes back after something was missed', () => {
  test('is entered without history, and its archive is read behind what is known', () => {
    const m = lost()

    const [join] = sent(m.back())
    m.step({ on: 'disco', features: WITH_ARCHIVE })
    const effects = m.hear(self(), subject(''))

    expect(JSON.stringify(join?.children)).toContain('"maxstanzas":"0"')
    expect(kinds(effects)).toContain('catch-up')
    expect(m.room.timeline.gaps.at(-1)).toMatchObject({ after: { id: 'a1' }, before: undefined })
  })

  test('and nobody held is shown to a stranger as it is: no clock of ours says what the room is to leave out', () => {
    const m = lost()
    m.leave('t1')
    m.back()

    const [join] = sent(m.join('t2'))

    expect(join).toEqual(joinTo('juliet', join?.attrs['id'] ?? ''))
  })

  test('tells what was missed in its order, then what came meanwhile', () => {
    const { m } = behind()
    const all: Effect[] = []
    const take = (effects: Effect[]): string[] => {
      all.push(...effects)
      return bodies(effects)
    }

    expect(take(m.hear(live('a5')))).toEqual([])
    expect(take(page(m, ['a2 romeo: two', 'a3 romeo: three']))).toEqual(['two', 'three'])
    expect(take(m.hear(live('a6')))).toEqual([])
    expect(take(page(m, ['a4 romeo: four', 'a5 romeo: a5', 'a6 romeo: a6']))).toEqual(['four'])
    const closed = m.step({ on: 'gaps-closed' })
    expect(take(read(m, closed, all))).toEqual(['a5', 'a6'])
    expect(take(m.hear(live('a7')))).toEqual(['a7'])

    const places = stored(all).sort(([, a], [, b]) => a - b)
    expect(places.map(([body]) => body)).toEqual(['two', 'three', 'four', 'a5', 'a6', 'a7'])
    expect(new Set(places.map(([, order]) => order)).size).toBe(6)
  })

  test('leaves history that comes once more in the middle of what is live to the archive, which has it in its order', () => {
    const { m } = behind()

    const heard = m.hear(live('a4'), told('romeo', 'a2', 'a2'), told('romeo', 'a3', 'a3'), live('a5'))
    const all = [...heard, ...page(m, ['a2 romeo: a2', 'a3 romeo: a3', 'a4 romeo: a4'], { complete: true })]

    expect(stored(heard).map(([body]) => body)).toEqual(['a4', 'a5'])
    const places = stored(all).sort(([, a], [, b]) => a - b)
    expect(places.map(([body]) => body)).toEqual(['a2', 'a3', 'a4', 'a5'])
  })

  test('says how far it has come where one page is not all, and when it is through', () => {
    const { m, effects } = behind()
    const progress = [
      ...effects,
      ...page(m, ['a2 romeo: two']),
      ...page(m, [], { complete: true }),
      ...m.step({ on: 'gaps-closed' }),
    ]

    expect(
      toldTo(progress, 't1').flatMap((event) =>
        event.kind === 'catching-up' ? [event.progress?.done ?? 'through'] : [],
      ),
    ).toEqual([1, 1, 'through'])
  })

  test('stores what it is told, with the gap as it is then, before anybody hears of it', () => {
    const { m } = behind()

    const effects = page(m, ['a2 romeo: two'])

    expect(kinds(effects)).toEqual(['append', 'tell', 'save-membership', 'tell'])
    expect(only(effects, 'save-membership')[0]?.gaps.at(-1)).toMatchObject({ after: { id: 'a2' } })
  })

  test('does not place what has no text, and goes on behind it', () => {
    const { m } = behind()

    expect(stored(page(m, ['a2 romeo: ', 'a3 romeo: three']))).toMatchObject([['three', expect.any(Number)]])
    expect(m.room.timeline.gaps.at(-1)).toMatchObject({ after: { id: 'a3' } })
  })

  test('lets a tab that wants in wait: it is shown the room as it is then', () => {
    const { m } = behind()

    expect(shows(m.join('t2'))).toEqual([])
    page(m, [], { complete: true })
    const effects = m.step({ on: 'gaps-closed' })

    expect(shows(effects).map(({ tab }) => tab)).toEqual(['t2'])
    expect(outcome(effects, m.call)).toMatchObject({ nick: 'juliet' })
  })

  test('sends nothing before it is through', () => {
    const { m } = behind()

    expect(sent(m.send('t1', 'new', { id: 'x1' }))).toEqual([])
    page(m, [], { complete: true })

    expect(sent(m.step({ on: 'gaps-closed' })).map(({ attrs }) => attrs['id'])).toEqual(['x1'])
  })

  test('begins by asking behind what is known, also where nothing was missed', () => {
    const { m } = behind()

    page(m, [], { complete: true })
    const effects = m.step({ on: 'gaps-closed' })

    expect(toldKinds(effects, 't1')).toEqual([])
    expect(m.room.catchUp).toBeUndefined()
    expect(m.room.timeline.gaps.filter(({ from }) => from > 0)).toEqual([])
  })
})

describe('a page that', () => {
  test('comes for a gap that is not there any more changes nothing', () => {
    const { m } = behind()
    const gap = m.room.timeline.gaps.at(-1)
    if (!gap) throw new Error('no gap')
    page(m, [], { complete: true })

    expect(
      m.step({
        on: 'archive-page',
        gap,
        direction: 'forward',
        amendments: [],
        known: new Set(),
        page: { messages: [], edge: undefined, complete: true },
      }),
    ).toEqual([])
  })

  test('fills an older gap is stored, and nobody is told: history is asked for', () => {
    const m = inRoom()
    m.step({ on: 'disco', features: WITH_ARCHIVE })
    m.hear(live('a9'))
    const [gap] = m.room.timeline.gaps
    if (!gap) throw new Error('no gap')
    const older = { ...sharedMessage(0), archiveId: 'a8' }

    const effects = m.step({
      on: 'archive-page',
      gap,
      direction: 'backward',
      amendments: [],
      known: new Set(),
      page: {
        messages: [
          {
            kind: 'message',
            nick: 'romeo',
            body: 'older',
            stanzaId: undefined,
            originId: undefined,
            occupantId: undefined,
            archiveId: 'a8',
            delayMs: 1,
            stanza: older.stanza,
          },
        ],
        edge: { id: 'a8', stampMs: 1 },
        complete: false,
      },
    })

    expect(stored(effects)).toEqual([['older', -1]])
    expect(toldTo(effects, 't1')).toEqual([])
    expect(m.room.timeline.gaps).toMatchObject([{ to: -1, before: { id: 'a8' } }])
  })
})

describe('a catch-up that is interrupted', () => {
  test('by a connection that goes on goes on with the page that is next', () => {
    const { m } = behind()
    page(m, ['a2 romeo: two'])

    m.suspend()
    const effects = m.resume()

    expect(kinds(effects)).toContain('catch-up')
    expect(bodies(page(m, ['a3 romeo: three']))).toEqual(['three'])
  })

  test('by the end of the session goes on where it was, through the second gap as well', () => {
    const { m } = behind()
    const all: Effect[] = []
    const take = (effects: Effect[]): string[] => {
      all.push(...effects)
      return bodies(effects)
    }
    expect(take(page(m, ['a2 romeo: two']))).toEqual(['two'])
    expect(take(m.hear(live('a4')))).toEqual([])

    m.lose()
    m.back()
    m.step({ on: 'disco', features: WITH_ARCHIVE })
    take(m.hear(self(), subject('')))
    expect(take(m.hear(live('a7')))).toEqual([])

    expect(m.room.timeline.gaps.filter(({ from }) => from > 0)).toMatchObject([
      { after: { id: 'a2' }, before: { id: 'a4' } },
      { after: { id: 'a4' }, before: { id: 'a7' } },
    ])
    expect(take(page(m, ['a3 romeo: three', 'a4 romeo: a4']))).toEqual(['three'])
    // What came live between two gaps is told by the next reading of the store, or by the page behind it.
    const closed1 = take(page(m, ['a5 romeo: five', 'a6 romeo: six', 'a7 romeo: a7']))
    const closed2 = take(read(m, m.step({ on: 'gaps-closed' }), all))

    const heard = [...closed1, ...closed2]
    expect(heard).toEqual(['a4', 'five', 'six', 'a7'])
  })

  test('by the last tab that leaves is over', () => {
    const { m } = behind()
    m.leave('t1')
    m.time('leave')

    expect(m.room.catchUp).toBeUndefined()
    expect(m.step({ on: 'gaps-closed' })).toEqual([])
    expect(m.step({ on: 'archive-failed' })).toEqual([])
  })
})

describe('an archive that does not answer', () => {
  test('and comes when we are out is not taken: what of it is ours nobody could tell', () => {
    const { m } = behind()
    const gaps = [...m.room.timeline.gaps]
    m.leave('t1')

    expect(page(m, ['a2 juliet: two'])).toEqual([])
    expect(m.room.timeline.gaps).toEqual(gaps)
  })

  test('is asked again, later each time', () => {
    const { m } = behind()

    expect(waits(m.step({ on: 'archive-failed' }))).toEqual({ 'catch-up': 4_000 })
    expect(kinds(m.time('catch-up'))).toEqual(['catch-up'])
    expect(waits(m.step({ on: 'archive-failed' }))).toEqual({ 'catch-up': 8_000 })
  })

  test('and then does is asked for the rest as if nothing had been', () => {
    const { m } = behind()
    m.step({ on: 'archive-failed' })
    m.step({ on: 'archive-failed' })

    page(m, ['a2 romeo: two'])

    expect(waits(m.step({ on: 'archive-failed' }))).toEqual({ 'catch-up': 4_000 })
  })

  test('three times keeps nobody waiting: what is live is told, the gap stays', () => {
    const { m } = behind()
    const all = [...m.hear(live('a5'))]
    m.step({ on: 'archive-failed' })
    m.step({ on: 'archive-failed' })

    const given = m.step({ on: 'archive-failed' })
    const effects = read(m, given, all)

    expect(only(given, 'log')).toMatchObject([{ level: 'error' }])
    expect(bodies(effects)).toEqual(['a5'])
    expect(m.room.catchUp).toBeUndefined()
    expect(m.room.timeline.gaps.at(-1)).toMatchObject({ after: { id: 'a1' }, before: { id: 'a5' } })
    expect(bodies(m.hear(live('a6')))).toEqual(['a6'])
  })
})

describe('a room that is entered anew', () => {
  const newest = [sharedMessage(0, { id: 'a1' })]
  const fresh = (): { m: Machine; effects: Effect[] } => {
    const m = machine()
    m.join('t1')
    m.step({ on: 'loaded', past: { ...NO_PAST, messages: newest } })
    m.step({ on: 'disco', features: WITH_ARCHIVE })
    return { m, effects: m.hear(self(), told('romeo', 'fifty', 'a50'), subject('')) }
  }

  test('is shown at once, and what was missed is read up without a word', () => {
    const { m, effects } = fresh()

    expect(shows(effects)).toHaveLength(1)
    expect(kinds(effects)).toContain('catch-up')
    const filled = page(m, ['a2 romeo: two'])
    expect(stored(filled)).toEqual([['two', 1]])
    expect(bodies(filled)).toEqual([])
    expect(bodies(m.hear(live('a51')))).toEqual(['a51'])
  })

  test('is read up to what is known, and the archive before that is left alone', () => {
    const { m } = fresh()

    page(m, ['a2 romeo: two', 'a50 romeo: fifty'])

    expect(m.room.timeline.gaps).toMatchObject([{ to: 0 }])
    expect(() => page(m, [])).toThrow('nothing is to be filled')
    m.step({ on: 'gaps-closed' })
    expect(m.room.catchUp).toBeUndefined()
  })

  test('reads its older gaps up without a word, and begins with the oldest that has something before it', () => {
    const gaps = [
      { from: -9, to: 0, after: undefined, before: { id: 'a0', stampMs: 0 } },
      { from: 1, to: 100, after: { id: 'a1', stampMs: 0 }, before: { id: 'a9', stampMs: 9 } },
    ]
    const m = machine()
    m.join('t1')
    m.step({ on: 'loaded', past: { ...NO_PAST, messages: [...newest, sharedMessage(100, { id: 'a9' })], gaps } })
    m.step({ on: 'disco', features: WITH_ARCHIVE })
    m.hear(self(), told('romeo', 'nine', 'a9'), subject(''))

    expect(m.room.catchUp).toMatchObject({ told: false, untold: 1 })
    expect(m.room.timeline.gaps).toEqual(gaps)
  })
})

describe('the history of a join that overlaps what is known', () => {
  test('behind an older gap is not told, nor stored, a second time', () => {
    const past = {
      ...NO_PAST,
      messages: [sharedMessage(0, { id: 'a1' }), sharedMessage(1, { id: 'a2' }), sharedMessage(500, { id: 'a9' })],
      gaps: [{ from: 2, to: 500, after: { id: 'a2', stampMs: 0 }, before: { id: 'a9', stampMs: 9 } }],
    }
    const m = machine()
    m.join('t1')
    m.step({ on: 'loaded', past })
    m.step({ on: 'disco', features: WITH_ARCHIVE })

    const effects = letIn(m, { history: ['a1', 'a2', 'a5', 'a9', 'a10'].map((id) => told('romeo', id, id)) })

    expect(stored(effects)).toEqual([['a10', 501]])
    expect(m.room.timeline.gaps).toEqual(past.gaps)
  })

  test('before a gap with nothing behind it is not stored a second time, and what is new is', () => {
    const m = machine()
    m.join('t1')
    const gaps = [{ from: 2, to: 500, after: { id: 'a2', stampMs: 0 }, before: undefined }]
    const messages = [sharedMessage(0, { id: 'a1' }), sharedMessage(1, { id: 'a2' })]
    m.step({ on: 'loaded', past: { ...NO_PAST, messages, gaps } })
    m.step({ on: 'disco', features: WITH_ARCHIVE })

    const effects = m.hear(self(), ...['a0', 'a1', 'a2', 'a3'].map((id) => told('romeo', id, id)), subject(''))

    expect(stored(effects).map(([body]) => body)).toEqual(['a3'])
    page(m, ['a3 romeo: a3'])
    expect(m.room.timeline.gaps).toEqual([])
  })

  test('and brings again what came live meanwhile, because the room still had us in it, has the right order', () => {
    const m = machine()
    m.join('t1')
    m.step({ on: 'loaded', past: NO_PAST })
    m.step({ on: 'disco', features: WITH_ARCHIVE })

    const history = ['a1', 'a2', 'a9'].map((id) => told('romeo', id, id))
    const effects = m.hear(said('romeo', 'a9', { archiveId: 'a9' }), ROMEO, self(), ...history, subject(''))

    expect(stored(effects).map(([body]) => body)).toEqual(['a1', 'a2', 'a9'])
  })

  test('that was read up meanwhile is known, and nothing more is looked for', () => {
    const { m } = behind()
    page(m, ['a2 romeo: two', 'a3 romeo: three'], { complete: true })
    m.step({ on: 'gaps-closed' })
    m.leave('t1')
    m.hear(gone('juliet', { codes: [110] }))
    m.join('t1')
    m.step({ on: 'disco', features: WITH_ARCHIVE })

    const effects = m.hear(self(), ...['a1', 'a2', 'a3'].map((id) => told('romeo', id, id)), subject(''))

    expect([stored(effects), kinds(effects).includes('catch-up')]).toEqual([[], false])
  })

  test('is cut only at what has an id: the same word may have been said twice', () => {
    const m = inRoom()
    m.hear(said('romeo', 'ok'))
    m.lose()
    m.back()
    const delay = { from: ROOM, stamp: '2030-01-01T00:00:00Z' }

    const effects = letIn(m, { history: [said('romeo', 'hark', { id: 'i1', delay }), said('romeo', 'ok', { delay })] })

    expect(stored(effects).map(([body]) => body)).toEqual(['hark'])
  })
})
