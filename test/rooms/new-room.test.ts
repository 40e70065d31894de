import { expect, test } from 'vitest'
import {
  inRoom,
  joining,
  letIn,
  type Machine,
  machine,
  NO_PAST,
  OCCUPANT_IDS,
  self,
  sent,
  toldKinds,
} from '../support/fakes/room-machine.ts'
import { gone, present, ROOM, said, subject } from '../support/fakes/room-xml.ts'
import { stanza } from '../support/fakes/xml.ts'

/** `t1` is in a room that its join has made. */
function made(): Machine {
  const m = joining()
  letIn(m, { others: [], codes: [110, 201] })
  m.disco() // before it was there it could not say what it can do
  return m
}

const configures = (effects: Parameters<typeof sent>[0]): boolean =>
  sent(effects).some(({ name, children }) => name === 'iq' && JSON.stringify(children).includes('muc#owner'))

test('a new room that nobody will configure takes its defaults before it is left', () => {
  const stanzas = sent(made().leave('t1'))

  expect(stanzas.map(({ name }) => name)).toEqual(['iq', 'presence'])
  expect(stanzas[0]).toEqual(
    stanza(
      `<iq type='set' to='${ROOM}' id='${stanzas[0]?.attrs['id']}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query></iq>`,
    ),
  )
})

test('a new room whose only tab died takes its defaults when it does not come back', () => {
  const m = made()
  m.step({ on: 'tab-gone', tab: 't1' })

  expect(configures(m.time('grace'))).toBe(true)
})

test.each<[string, (m: Machine) => void]>([
  ['has its configuration', (m) => m.step({ on: 'configured' })],
  ['had a guest', (m) => m.hear(present('romeo'), gone('romeo'))],
  ['has heard a word', (m) => m.hear(said('juliet', 'hark', { archiveId: 'a1' }))],
])('a new room that %s is left as it is', (_, happens) => {
  const m = made()
  happens(m)

  expect(configures(m.leave('t1'))).toBe(false)
})

test('a room that was there before is left as it is', () => {
  expect(configures(inRoom().leave('t1'))).toBe(false)
})

test('a tab that comes when the one that was to configure the room has died is asked to', () => {
  const m = made()
  m.step({ on: 'tab-gone', tab: 't1' })

  expect(toldKinds(m.join('t2'), 't2')).toContain('configuration-needed')
})

test('a tab that comes while another one is to configure the room is not asked to', () => {
  expect(toldKinds(made().join('t2'), 't2')).not.toContain('configuration-needed')
})

test('a room that is made by a bookmark is to be configured by the first tab that comes', () => {
  const m = machine()
  m.keep()
  m.step({ on: 'loaded', past: NO_PAST })
  letIn(m, { others: [], codes: [110, 201] })
  m.disco() // before it was there it could not say what it can do

  expect(toldKinds(m.join('t1'), 't1')).toContain('configuration-needed')
})

test.each([
  ['believed where it says so once it is there', OCCUPANT_IDS, 'o-juliet'],
  ['not believed where it does not', undefined, undefined],
])('the ids of a new room, which could say nothing before, are %s', (_, features, id) => {
  const m = machine()
  m.join('t1')
  m.step({ on: 'loaded', past: NO_PAST })
  m.step({ on: 'disco', features: undefined })
  m.hear(self({ codes: [110, 201] }), subject(''))
  m.step({ on: 'disco', features })

  expect(m.room.occupancy.at).toBe('in')
  expect(m.room.roster.byNick.get('juliet')?.occupantId).toBe(id)
})
