import { describe, expect, test } from 'vitest'
import { elementsOf, type XmlNode } from '../../src/protocol/xml.ts'
import type { Effect } from '../../src/rooms/effects.ts'
import {
  inRoom,
  letIn,
  type Machine,
  machine,
  outcome,
  self,
  sent,
  shows,
  toldTo,
  waits,
} from '../support/fakes/room-machine.ts'
import { gone, present, ROOM, renamed, said } from '../support/fakes/room-xml.ts'

const NS = 'http://jabber.org/protocol/chatstates'

const types = (m: Machine, tab: string, typing = true): Effect[] => m.step({ on: 'tab-types', tab, call: 1000, typing })
const statesIn = (stanza: XmlNode): string[] => elementsOf(stanza).flatMap(({ ns, name }) => (ns === NS ? [name] : []))
/** The chat states that go out, those with a message apart. */
const states = (effects: readonly Effect[]): string[] =>
  sent(effects).flatMap((stanza) => (elementsOf(stanza).some(({ name }) => name === 'body') ? [] : statesIn(stanza)))
const stateOf = (nick: string, state: string, inside = ''): string =>
  said(nick, undefined).replace('</message>', `<${state} xmlns='${NS}'/>${inside}</message>`)
const typing = (effects: readonly Effect[], tab = 't1') =>
  toldTo(effects, tab).flatMap((event) => (event.kind === 'typing' ? [event.nicks] : []))
const pass = (m: Machine, ms: number): Effect[] => {
  m.world.nowMs += ms
  return m.time('typing')
}

describe('the account types', () => {
  test('while any tab does: one composing, and one paused when the last one stops', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })

    const said = [types(m, 't1'), types(m, 't2'), types(m, 't1'), types(m, 't1', false), types(m, 't2', false)]

    expect(said.map(states)).toEqual([['composing'], [], [], [], ['paused']])
    expect(outcome(said[0] ?? [], 1000)).toBe(null)
  })

  test('by a message to the room that no archive is to keep', () => {
    const [stanza] = sent(types(inRoom(), 't1'))

    expect(stanza?.attrs).toMatchObject({ to: ROOM, type: 'groupchat' })
    expect(stanza?.children).toContainEqual({ name: 'no-store', ns: 'urn:xmpp:hints', attrs: {}, children: [] })
    expect(stanza?.children).toHaveLength(2)
  })

  test('for 30 s after the last word of it', () => {
    const m = inRoom()

    expect(waits(types(m, 't1'))).toEqual({ typing: 30_000 })
    m.world.nowMs += 20_000
    expect(types(m, 't1')).toEqual([{ do: 'answer', call: 1000, value: null }])
    const first = pass(m, 10_000)
    const second = pass(m, 20_000)

    expect([states(first), waits(first)]).toEqual([[], { typing: 20_000 }])
    expect(states(second)).toEqual(['paused'])
  })

  test('no more in a tab that is gone', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })
    types(m, 't1')

    expect(states(m.step({ on: 'tab-gone', tab: 't1' }))).toEqual(['paused'])
  })

  test('no more in a tab that has said something, which is active', () => {
    const m = inRoom()
    types(m, 't1')

    const effects = m.send('t1', 'here it is')

    expect(sent(effects).map(statesIn)).toEqual([['active']])
    expect(states(types(m, 't1', false))).toEqual([])
    expect(sent(m.send('t1', 'and this')).map(statesIn)).toEqual([[]])
  })

  test('on, where another tab types still', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })
    types(m, 't1')
    types(m, 't2')

    expect(sent(m.send('t1', 'here it is')).map(statesIn)).toEqual([['active'], ['composing']])
  })

  test('unheard while the connection is away, and is told what is true then', () => {
    const m = inRoom()
    types(m, 't1')
    m.suspend()

    expect(states(types(m, 't1', false))).toEqual([])
    expect(states(m.resume())).toEqual(['paused'])
  })

  test('unheard in a session that is lost', () => {
    const m = inRoom()
    m.lose()

    expect(states(types(m, 't1'))).toEqual([])
  })

  test('is told anew to a room that it has to enter again', () => {
    const m = inRoom()
    types(m, 't1')
    m.lose()
    m.back()
    m.disco()

    expect(states(letIn(m))).toEqual(['composing'])
  })

  test('unheard as a visitor', () => {
    const m = inRoom()
    m.hear(present('juliet', { role: 'visitor', codes: [110], occupantId: 'o-juliet' }))

    expect(sent(types(m, 't1'))).toEqual([])
    expect(states(m.hear(self()))).toEqual(['composing'])
  })

  test('not in a tab that has not joined', () => {
    const m = inRoom()

    const effects = types(m, 't2')

    expect(outcome(effects, 1000)).toBe('not-joined')
    expect(sent(effects)).toEqual([])
    expect(outcome(types(machine(), 't1'), 1000)).toBe('not-joined')
  })
})

describe('others type', () => {
  test('which every tab is told once', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })

    const first = m.hear(stateOf('romeo', 'composing'))
    const again = m.hear(stateOf('romeo', 'composing'))

    expect([typing(first), typing(first, 't2')]).toEqual([[['romeo']], [['romeo']]])
    expect(typing(again)).toEqual([])
    expect(waits(first)).toEqual({ typing: 30_000 })
  })

  test.each(['paused', 'active', 'inactive', 'gone'])('until they say %s', (state) => {
    const m = inRoom()
    m.hear(stateOf('romeo', 'composing'))

    expect(typing(m.hear(stateOf('romeo', state)))).toEqual([[]])
  })

  test('until they have said it, which is told behind the message', () => {
    const m = inRoom()
    m.hear(stateOf('romeo', 'composing'))

    const effects = m.hear(said('romeo', 'hello', { id: 'm1', archiveId: 'a1' }))

    expect(toldTo(effects, 't1').map(({ kind }) => kind)).toEqual(['message', 'typing'])
    expect(typing(effects)).toEqual([[]])
  })

  test('until they leave', () => {
    const m = inRoom()
    m.hear(stateOf('romeo', 'composing'))

    expect(typing(m.hear(gone('romeo')))).toEqual([[]])
  })

  test('for 30 s without another word', () => {
    const m = inRoom()
    m.hear(stateOf('romeo', 'composing'))
    m.world.nowMs += 20_000
    m.hear(stateOf('romeo', 'composing'))

    expect(typing(pass(m, 10_000))).toEqual([])
    expect(typing(pass(m, 20_000))).toEqual([[]])
  })

  test('under another nick, where they change it', () => {
    const m = inRoom()
    m.hear(stateOf('romeo', 'composing'))

    expect(typing(m.hear(...renamed('romeo', 'montague', { occupantId: 'o-romeo' })))).toEqual([['montague']])
  })

  test('unknown as long as the connection is away', () => {
    const m = inRoom()
    m.hear(stateOf('romeo', 'composing'))

    expect(typing(m.suspend())).toEqual([[]])
  })

  test('before a tab comes in, which is shown it', () => {
    const m = inRoom()
    m.hear(stateOf('romeo', 'composing'))

    expect(shows(m.join('t2'))[0]?.view.picture.typing).toEqual(['romeo'])
    m.hear(stateOf('romeo', 'paused'))
    expect(shows(m.join('t3'))[0]?.view.picture).not.toHaveProperty('typing')
  })

  test('as far as the person wants to hear them', () => {
    const m = inRoom()
    m.world.isBlocked = (jid) => jid.startsWith('romeo@')
    m.hear(present('romeo', { jid: 'romeo@montague.example/1', occupantId: 'o-romeo' }))

    expect(typing(m.hear(stateOf('romeo', 'composing')))).toEqual([])
  })

  test('50 of them, and no more names are kept', () => {
    const m = inRoom()
    const nicks = Array.from({ length: 60 }, (_, at) => `n${at}`)
    for (const nick of nicks) m.hear(present(nick))

    const told = nicks.flatMap((nick) => typing(m.hear(stateOf(nick, 'composing'))))

    expect(told.at(-1)).toEqual(nicks.slice(0, 50))
  })
})

test.each([
  ['we ourselves, on another device', stateOf('juliet', 'composing')],
  ['somebody who is not there', stateOf('nobody', 'composing')],
  ['the room itself', stateOf('romeo', 'composing').replace(`${ROOM}/romeo`, ROOM)],
  [
    'somebody a while ago',
    stateOf('romeo', 'composing', `<delay xmlns='urn:xmpp:delay' from='${ROOM}' stamp='2029-12-31T12:00:00Z'/>`),
  ],
  ['somebody, by a word of another kind', stateOf('romeo', 'composing').replace(NS, 'urn:example:other')],
])('what %s said is nobody typing', (_, xml) => {
  expect(typing(inRoom().hear(xml))).toEqual([])
})
