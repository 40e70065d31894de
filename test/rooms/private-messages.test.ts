import { describe, expect, test } from 'vitest'
import { inRoom, joining, type Machine, only, outcome, self, sent, toldTo } from '../support/fakes/room-machine.ts'
import { ACCOUNT, messageError, NS_MUC_USER, present, ROOM, subject, whispered } from '../support/fakes/room-xml.ts'
import { stanza } from '../support/fakes/xml.ts'

const NOW = Date.UTC(2030, 0, 1)
const two = () => inRoom({ tabs: ['t1', 't2'] })
const stored = (effects: ReturnType<Machine['step']>) => only(effects, 'append-private').map(({ message }) => message)

describe('a private message to us', () => {
  test('is stored, and then told to every tab that is in', () => {
    const effects = two().hear(whispered('romeo', 'psst', { id: 'w1' }))

    expect(effects.map((effect) => effect.do)).toEqual(['append-private', 'tell'])
    for (const tab of ['t1', 't2']) {
      expect(toldTo(effects, tab)).toMatchObject([
        {
          kind: 'private-message',
          message: {
            id: 'w1',
            nick: 'romeo',
            to: 'juliet',
            body: 'psst',
            own: false,
            state: 'delivered',
            stampMs: NOW,
          },
        },
      ])
    }
  })

  test('is no message of the room: it takes no place there', () => {
    const m = two()
    const { nextOrder } = m.room.timeline

    expect(only(m.hear(whispered('romeo', 'psst', { id: 'w1' })), 'append')).toEqual([])
    expect(m.room.timeline.nextOrder).toBe(nextOrder)
  })

  test('that comes again, for another device of ours, is one', () => {
    const m = two()
    m.hear(whispered('romeo', 'psst', { id: 'w1' }))

    expect(m.hear(whispered('romeo', 'psst', { id: 'w1' }))).toEqual([])
  })

  test.each([
    ['from somebody else', 'nurse', 'psst', 'w1'],
    ['of another text', 'romeo', 'hush', 'w1'],
    ['under another id', 'romeo', 'psst', 'w2'],
  ])('%s is another one', (_what, nick, body, id) => {
    const m = two()
    m.hear(whispered('romeo', 'psst', { id: 'w1' }))

    expect(stored(m.hear(whispered(nick, body, { id })))).toHaveLength(1)
  })

  test('that is said twice without any id is two', () => {
    expect(stored(two().hear(whispered('romeo', 'psst'), whispered('romeo', 'psst')))).toHaveLength(2)
  })

  test('says whose it is as far as the room shows that', () => {
    const m = two()
    m.hear(present('romeo', { jid: 'romeo@montague.example/x', occupantId: 'o-romeo' }))

    expect(stored(m.hear(whispered('romeo', 'psst')))).toMatchObject([{ jid: 'romeo@montague.example/x' }])
  })

  test('while the account comes back is heard by the tabs that were in', () => {
    const m = two()
    m.lose()
    m.back()
    m.hear(self())

    expect(toldTo(m.hear(whispered('romeo', 'psst', { id: 'w1' })), 't1')).toMatchObject([{ kind: 'private-message' }])
  })

  test('before we are in is none: nobody there can know our nick yet', () => {
    expect(joining().hear(whispered('romeo', 'psst', { id: 'w1' }))).toEqual([])
  })
})

describe('a private message of ours', () => {
  const whisper = (m = two()) => ({ m, effects: m.whisper('t1', 'romeo', 'psst', { id: 'w1' }), call: m.call })
  const passed = (m: Machine) => m.step({ on: 'post-passed', id: 'w1' })

  test('goes to the occupant, marked as of the room', () => {
    expect(sent(whisper().effects)).toEqual([
      stanza(
        `<message to='${ROOM}/romeo' id='w1' type='chat'><body>psst</body><x xmlns='${NS_MUC_USER}'/><origin-id xmlns='urn:xmpp:sid:0' id='w1'/></message>`,
      ),
    ])
  })

  test('that is not refused is stored, and every tab has a copy: no room reflects it', () => {
    const { m, call } = whisper()

    const effects = passed(m)

    expect(effects.map((effect) => effect.do)).toEqual(['append-private', 'tell', 'answer'])
    expect(outcome(effects, call)).toMatchObject({ nick: 'juliet', to: 'romeo', own: true, state: 'sent', tab: 't1' })
    expect(toldTo(effects, 't2')).toMatchObject([{ message: { body: 'psst', own: true, tab: 't1' } }])
  })

  test.each([
    ['item-not-found', 'stanza-error'],
    ['forbidden', 'forbidden'],
    ['policy-violation', 'stanza-error'],
  ])('that is refused with %s is nowhere, and its sender alone is told', (condition, code) => {
    const { m, call } = whisper()

    const effects = m.hear(messageError('w1', condition))

    expect(outcome(effects, call)).toBe(code)
    expect([stored(effects), toldTo(effects, 't2'), passed(m)]).toEqual([[], [], []])
  })

  test('to an occupant of any name goes to just that', () => {
    const m = two()

    expect(sent(m.whisper('t1', 'a/b <c>', 'psst'))[0]?.attrs['to']).toBe(`${ROOM}/a/b <c>`)
  })
})

test('a message of the account to itself is no private message of the room', () => {
  const m = two()
  m.hear(subject('Verona'))

  expect(m.hear(`<message from='${ACCOUNT}/phone' type='error' id='x'/>`)).toEqual([])
})
