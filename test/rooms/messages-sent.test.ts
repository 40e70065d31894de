import { describe, expect, test } from 'vitest'
import {
  inRoom,
  joining,
  kinds,
  machine,
  OCCUPANT_IDS,
  only,
  outcome,
  sent,
  toldTo,
} from '../support/fakes/room-machine.ts'
import { gone, messageError, present, ROOM, said, subject } from '../support/fakes/room-xml.ts'
import { stanza } from '../support/fakes/xml.ts'

describe('a tab sends', () => {
  test('and it goes out once, under the id that the tab chose', () => {
    const m = inRoom()

    const effects = m.send('t1', 'good night', { id: 'x1' })

    expect(sent(effects)).toEqual([
      stanza(
        `<message to='${ROOM}' id='x1' type='groupchat'><body>good night</body><origin-id xmlns='urn:xmpp:sid:0' id='x1'/></message>`,
      ),
    ])
    expect(outcome(effects, m.call)).toBeUndefined()
  })

  test('and is noted before it goes out: a server may answer within the call', () => {
    const m = inRoom()

    m.send('t1', 'good night', { id: 'x1' })

    expect(m.room.sending.has('x1')).toBe(true)
  })

  test('and is answered with the message that the room reflected, once it is stored and told', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })
    m.send('t1', 'good night', { id: 'x1' })

    const effects = m.hear(said('juliet', 'good night', { id: 'x1', originId: 'x1', archiveId: 'a1' }))

    expect(kinds(effects)).toEqual(['append', 'tell', 'drop-outbox', 'stop-waiting', 'answer', 'displayed'])
    expect(outcome(effects, m.call)).toMatchObject({
      id: 'a1',
      originId: 'x1',
      own: true,
      state: 'delivered',
      tab: 't1',
    })
    expect(toldTo(effects, 't2')).toMatchObject([{ kind: 'message', message: { id: 'a1', tab: 't1' } }])
  })

  test('and is answered once: an error that comes later is nobody’s', () => {
    const m = inRoom()
    m.send('t1', 'good night', { id: 'x1' })
    m.hear(said('juliet', 'good night', { originId: 'x1', archiveId: 'a1' }))

    expect(m.hear(messageError('x1', 'forbidden'))).toEqual([])
    expect(m.room.sending.size).toBe(0)
  })

  test.each([
    ['its origin id', { id: 'rewritten', originId: 'x1' }],
    ['the id of the stanza, where the origin id was lost', { id: 'x1' }],
    ['the id of the stanza, where the origin id is another', { id: 'x1', originId: 'foreign' }],
  ])('and its reflection is known by %s', (_what, words) => {
    const m = inRoom()
    m.send('t1', 'good night', { id: 'x1' })

    expect(outcome(m.hear(said('juliet', 'good night', { ...words, archiveId: 'a1' })), m.call)).toMatchObject({
      id: 'a1',
    })
  })

  test('and a message of somebody else under the same id is not its reflection', () => {
    const m = inRoom()
    m.send('t1', 'good night', { id: 'x1' })

    const effects = m.hear(said('romeo', 'good night', { id: 'x1', originId: 'x1', archiveId: 'a1' }))

    expect(outcome(effects, m.call)).toBeUndefined()
    expect(only(effects, 'append')[0]?.message).not.toHaveProperty('tab')
    expect(
      outcome(m.hear(said('juliet', 'good night', { id: 'x1', originId: 'x1', archiveId: 'a2' })), m.call),
    ).toMatchObject({ id: 'a2' })
  })

  test.each([
    ['says something else', 'good morning', { id: 'phone', originId: 'phone' }],
    ['says something else without an origin id', 'good morning', { id: 'phone' }],
    ['says the same under an origin id of its own', 'good night', { id: 'phone', originId: 'phone' }],
  ])('and our other device %s: that is not its reflection', (_what, body, words) => {
    const m = inRoom()
    m.send('t1', 'good night', { id: 'x1' })

    const effects = m.hear(said('juliet', body, { ...words, archiveId: 'a1' }))

    expect(outcome(effects, m.call)).toBeUndefined()
    expect(only(effects, 'append')[0]?.message).toMatchObject({ own: true })
  })

  const long = 'x'.repeat(500)
  test.each([
    ['the whole text', 'good night', 'good night', true],
    ['its first line', 'good night\nand farewell', 'good night', true],
    ['a long beginning', long, long.slice(0, 400), true],
    ['a short beginning', long, long.slice(0, 399), false],
    ['another text', 'good night', 'good', false],
    ['no text', 'good night', '', false],
  ])('and a gateway that keeps no id reflects %s: it is known by that or not', (_what, body, came, known) => {
    const m = inRoom()
    m.send('t1', body, { id: 'x1' })

    expect(outcome(m.hear(said('juliet', came, { id: 'gateway', archiveId: 'a1' })), m.call) !== undefined).toBe(known)
  })

  test('and our other device says the same without an origin id: a room that kept an id before keeps this one, too', () => {
    const m = inRoom()
    m.send('t1', 'good morning', { id: 'x1' })
    m.hear(said('juliet', 'good morning', { id: 'x1', originId: 'x1', archiveId: 'a1' }))
    m.send('t1', 'good night', { id: 'x2' })

    expect(outcome(m.hear(said('juliet', 'good night', { id: 'phone', archiveId: 'a2' })), m.call)).toBeUndefined()
  })

  test('and a gateway reflects the text of somebody else: it is not known by that', () => {
    const m = inRoom()
    m.send('t1', 'good night', { id: 'x1' })

    expect(outcome(m.hear(said('romeo', 'good night', { archiveId: 'a1' })), m.call)).toBeUndefined()
  })

  test('twice the same, and a gateway keeps no id: each is answered with a reflection of its own', () => {
    const m = inRoom()
    m.send('t1', 'good night')
    m.send('t1', 'good night')

    const effects = m.hear(said('juliet', 'good night'), said('juliet', 'good night'))

    expect([m.call - 1, m.call].map((call) => outcome(effects, call))).toMatchObject([{ own: true }, { own: true }])
  })

  test('and the reflection comes after a nick change of ours', () => {
    const m = inRoom()
    m.send('t1', 'good night', { id: 'x1' })
    m.hear(gone('juliet', { codes: [303, 110], newNick: 'capulet' }), present('capulet', { codes: [110] }))

    expect(outcome(m.hear(said('capulet', 'good night', { originId: 'x1', archiveId: 'a1' })), m.call)).toMatchObject({
      id: 'a1',
    })
  })

  test('two messages with the same text, and each is answered with its own', () => {
    const m = inRoom()
    m.send('t1', 'good night', { id: 'x1' })
    m.send('t1', 'good night', { id: 'x2' })

    const effects = m.hear(
      said('juliet', 'good night', { originId: 'x2', archiveId: 'a1' }),
      said('juliet', 'good night', { originId: 'x1', archiveId: 'a2' }),
    )

    expect([m.call - 1, m.call].map((call) => (outcome(effects, call) as { id: string }).id)).toEqual(['a2', 'a1'])
  })

  test('two tabs send at once, and only the one who wrote it is named', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })
    m.send('t1', 'one', { id: 'x1' })
    m.send('t2', 'two', { id: 'x2' })

    const appended = only(
      m.hear(said('juliet', 'one', { originId: 'x1' }), said('juliet', 'two', { originId: 'x2' })),
      'append',
    )

    expect(appended.map(({ message }) => [message.body, message.tab])).toEqual([
      ['one', 't1'],
      ['two', 't2'],
    ])
  })

  test('and the room takes its time: the call is answered with the message as it stands', () => {
    const m = inRoom()

    const waits = only(m.send('t1', 'good night', { id: 'x1', waitMs: 5000 }), 'wait')
    const effects = m.time('send x1')

    expect(waits).toEqual([{ do: 'wait', name: 'send x1', ms: 5000 }])
    expect(outcome(effects, m.call)).toMatchObject({
      id: 'x1',
      originId: 'x1',
      body: 'good night',
      state: 'sent',
      tab: 't1',
    })
  })

  test('without waiting, and is answered at once', () => {
    const m = inRoom()

    expect(outcome(m.send('t1', 'good night', { waitMs: 0 }), m.call)).toMatchObject({ state: 'sent' })
  })

  test('and the reflection that comes after the answer is told like any message', () => {
    const m = inRoom()
    m.send('t1', 'good night', { id: 'x1', waitMs: 0 })

    const effects = m.hear(said('juliet', 'good night', { originId: 'x1', archiveId: 'a1' }))

    expect(toldTo(effects, 't1')).toMatchObject([{ kind: 'message', message: { id: 'a1', tab: 't1' } }])
    expect(only(effects, 'answer')).toEqual([])
  })

  test('and dies: the reflection is told to the others, and nobody is answered', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })
    m.send('t1', 'good night', { id: 'x1' })
    m.step({ on: 'tab-gone', tab: 't1' })

    const effects = m.hear(said('juliet', 'good night', { originId: 'x1', archiveId: 'a1' }))

    expect(only(effects, 'answer')).toEqual([])
    expect(toldTo(effects, 't2')).toHaveLength(1)
  })
})

describe('a send fails', () => {
  test.each([
    ['that never joined', () => machine()],
    ['that waits to be in', () => joining()],
  ])('of a tab %s, with not-joined', (_what, make) => {
    const m = make()

    const effects = m.send('t1', 'hark')

    expect(outcome(effects, m.call)).toBe('not-joined')
    expect(sent(effects)).toEqual([])
  })

  test('of a tab that has left, though others are in', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })
    m.leave('t1')

    expect(outcome(m.send('t1', 'hark'), m.call)).toBe('not-joined')
  })

  test.each([
    ['forbidden', 'forbidden'],
    ['item-not-found', 'room-not-found'],
    ['gone', 'room-gone'],
    ['remote-server-not-found', 'room-unreachable'],
    ['remote-server-timeout', 'room-unreachable'],
    ['policy-violation', 'stanza-error'],
    ['resource-constraint', 'stanza-error'],
    ['constructor', 'stanza-error'],
  ])('that the room refuses with %s, with %s, and only for its sender', (condition, code) => {
    const m = inRoom({ tabs: ['t1', 't2'] })
    m.send('t1', 'may I?', { id: 'x1' })

    const effects = m.hear(messageError('x1', condition, { text: 'no' }))

    expect(only(effects, 'fail')).toMatchObject([{ call: m.call, error: { code, condition, text: 'no' } }])
    expect(only(effects, 'tell')).toEqual([])
    expect(only(effects, 'append')).toEqual([])
  })

  test('that nobody waits for any more: the tab that said it is told that it failed', () => {
    const m = inRoom()
    m.send('t1', 'may I?', { id: 'x1', waitMs: 0 })

    const effects = m.hear(messageError('x1', 'forbidden'))

    expect(only(effects, 'fail')).toEqual([])
    expect(m.room.sending.size).toBe(0)
    expect(toldTo(effects, 't1')).toMatchObject([{ kind: 'message-updated', message: { id: 'x1', state: 'failed' } }])
  })
})

describe('an error', () => {
  test('that answers nothing of ours changes nothing', () => {
    const m = inRoom()
    m.send('t1', 'may I?', { id: 'x1' })

    expect(m.hear(messageError('other', 'forbidden'))).toEqual([])
    expect(m.hear(`<message type='error' from='${ROOM}'/>`)).toEqual([])
    expect(m.room.sending.size).toBe(1)
  })

  test('without <error/> ends the send all the same', () => {
    const m = inRoom()
    m.send('t1', 'may I?', { id: 'x1' })

    expect(outcome(m.hear(`<message type='error' from='${ROOM}' id='x1'/>`), m.call)).toBe('stanza-error')
  })
})

test('a message sent just before a technical removal is found again in the history of the rejoin', () => {
  const m = inRoom()
  m.send('t1', 'good night', { id: 'x1' })
  m.hear(gone('juliet', { codes: [110, 333] }))
  m.time('rejoin')
  m.step({ on: 'disco', features: OCCUPANT_IDS })
  m.hear(
    present('juliet', { codes: [110] }),
    said('juliet', 'good night', {
      id: 'x1',
      originId: 'x1',
      archiveId: 'a1',
      delay: { from: ROOM, stamp: '2030-01-01T00:00:00Z' },
    }),
  )

  const effects = m.hear(subject(''))

  expect(outcome(effects, m.call)).toMatchObject({ id: 'a1', state: 'delivered' })
})
