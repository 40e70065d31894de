import { describe, expect, test } from 'vitest'
import { childText } from '../../src/protocol/xml.ts'
import { subjectOf } from '../../src/rooms/subject.ts'
import { inRoom, type Machine, outcome, sent, toldTo, waits } from '../support/fakes/room-machine.ts'
import { gone, messageError, ROOM, subject } from '../support/fakes/room-xml.ts'

const NOW = Date.UTC(2030, 0, 1)
const read = (text: string, delayMs?: number) =>
  subjectOf({ kind: 'subject', nick: undefined, text, delayMs, stanzaId: undefined }, NOW)

describe('the time of a subject', () => {
  test('is what the room says', () => {
    expect(read('Verona', 5000)).toEqual({ text: 'Verona', stampMs: 5000 })
  })

  test('is when we heard of it where the room says nothing', () => {
    expect(read('Verona')).toEqual({ text: 'Verona', stampMs: NOW })
  })

  test('is none where the room has no subject and never had one', () => {
    expect(read('')).toEqual({ text: '' })
  })
})

test('a change is told to every tab that is in', () => {
  const m = inRoom({ tabs: ['t1', 't2'] })

  const effects = m.hear(subject('Verona', { nick: 'romeo' }))

  for (const tab of ['t1', 't2']) {
    expect(toldTo(effects, tab)).toEqual([
      { kind: 'subject', room: ROOM, subject: { text: 'Verona', nick: 'romeo', stampMs: NOW } },
    ])
  }
})

test('a subject can be taken away', () => {
  const m = inRoom()
  m.hear(subject('Verona', { nick: 'romeo' }))

  m.hear(subject('', { nick: 'romeo' }))

  expect(m.room.subject).toEqual({ text: '', nick: 'romeo' })
})

test('one that says nothing new, as the room sends it with the list of occupants, is nobody’s news', () => {
  const m = inRoom()
  m.hear(subject('Verona', { nick: 'romeo' }))
  const before = m.room.subject

  expect(m.hear(subject('Verona', { nick: 'romeo', stamp: '2029-12-31T12:00:00Z' }))).toEqual([])
  expect(m.room.subject).toBe(before)
})

describe('a tab that sets the subject', () => {
  const setting = (text = 'Verona', m = inRoom({ tabs: ['t1', 't2'] })) => {
    const effects = m.setSubject('t1', text)
    return { m, effects, call: m.call, id: sent(effects)[0]?.attrs['id'] ?? '' }
  }

  test.each(['Verona', ''])('to %j sends just that', (text) => {
    const { effects, id } = setting(text)

    expect(sent(effects)).toHaveLength(1)
    expect(sent(effects)[0]).toMatchObject({ name: 'message', attrs: { to: ROOM, id, type: 'groupchat' } })
    expect(sent(effects).map((node) => childText(node, 'jabber:client', 'subject'))).toEqual([text])
  })

  test.each<[string, (id: string) => object]>([
    ['by its id, which most rooms keep', (id) => ({ id })],
    ['by our nick and its text, where the room gives no id', () => ({})],
  ])('is answered when the room has told it, known %s', (_what, words) => {
    const { m, call, id } = setting()

    const effects = m.hear(subject('Verona', { nick: 'juliet', ...words(id) }))

    expect(outcome(effects, call)).toBeNull()
    expect(toldTo(effects, 't2')).toMatchObject([{ kind: 'subject', subject: { text: 'Verona', nick: 'juliet' } }])
  })

  test.each([
    ['somebody else sets the same', { nick: 'romeo' }],
    ['our other device sets the same', { nick: 'juliet', id: 'phone' }],
  ])('and %s: it goes on waiting', (_what, words) => {
    const { m, call, id } = setting()

    expect(outcome(m.hear(subject('Verona', words)), call)).toBeUndefined()
    expect(outcome(m.hear(subject('Verona', { nick: 'juliet', id })), call)).toBeNull()
  })

  test('twice to the same is answered once for each time that the room tells it', () => {
    const { m, call } = setting()
    m.setSubject('t2', 'Verona')

    const first = m.hear(subject('Verona', { nick: 'juliet' }))
    const second = m.hear(subject('Verona', { nick: 'juliet' }))

    expect([outcome(first, call), outcome(first, m.call), outcome(second, m.call)]).toEqual([null, undefined, null])
  })

  test.each<[string, (made: { m: Machine; id: string }) => ReturnType<Machine['step']>, string]>([
    ['is refused', ({ m, id }) => m.hear(messageError(id, 'forbidden')), 'forbidden'],
    ['gets no answer in time', ({ m, id }) => m.time(`subject ${id}`), 'timeout'],
    ['loses the connection', ({ m }) => m.lose(), 'offline'],
    ['is thrown out', ({ m }) => m.hear(gone('juliet', { codes: [307, 110] })), 'not-joined'],
  ])('and %s hears that alone, and the subject stays', (_what, end, code) => {
    const made = setting()

    const effects = end(made)

    expect(outcome(effects, made.call)).toBe(code)
    expect(toldTo(effects, 't2').filter(({ kind }) => kind === 'subject')).toEqual([])
    expect(made.m.room.subject).toEqual({ text: '' })
  })

  test('waits no longer than fifteen seconds, and not at all for what has been answered', () => {
    const { m, effects, id } = setting()
    expect(waits(effects)).toEqual({ [`subject ${id}`]: 15_000 })

    const told = m.hear(subject('Verona', { nick: 'juliet', id }))

    expect(told).toContainEqual({ do: 'stop-waiting', name: `subject ${id}` })
    expect(m.time(`subject ${id}`)).toEqual([])
  })
})
