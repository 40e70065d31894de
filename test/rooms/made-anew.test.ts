import { describe, expect, test } from 'vitest'
import type { Effect } from '../../src/rooms/effects.ts'
import {
  inRoom,
  joining,
  letIn,
  type Machine,
  OCCUPANT_IDS,
  presencesTo,
  ROMEO,
  self,
  sent,
  toldKinds,
  toldTo,
} from '../support/fakes/room-machine.ts'
import { gone, ROOM, said, subject } from '../support/fakes/room-xml.ts'
import { stanza } from '../support/fakes/xml.ts'

const NEW = self({ codes: [201, 110] })
const ENDS = gone('juliet', { inside: '<destroy/>' })

describe('a room that has ended, and that something of ours on its way there has made anew', () => {
  const destroys = (effects: readonly Effect[]): boolean => {
    const [request, ...more] = sent(effects)
    return (
      more.length === 0 &&
      JSON.stringify(request) ===
        JSON.stringify(
          stanza(
            `<iq type='set' to='${ROOM}' id='${request?.attrs['id']}'><query xmlns='http://jabber.org/protocol/muc#owner'><destroy/></query></iq>`,
          ),
        )
    )
  }

  test('is ended again: it may be one that stays when all are out', () => {
    const m = inRoom()
    m.hear(ENDS)

    expect(destroys(m.hear(NEW))).toBe(true)
    expect(m.room.occupancy.at).toBe('out')
  })

  test('by somebody else is theirs: we only leave it', () => {
    const m = inRoom()
    m.hear(ENDS)

    expect(presencesTo(m.hear(self()))).toEqual([`unavailable ${ROOM}/juliet`])
  })

  test('is let be where a tab wants it by then', () => {
    const m = inRoom()
    m.hear(ENDS)
    m.join('t1')

    expect(sent(m.hear(NEW, subject('')))).toEqual([])
    expect(toldKinds(m.disco(), 't1')).toContain('configuration-needed')
  })
})

test.each<[string, (m: Machine) => Effect[]]>([
  ['threw us out', (m) => m.hear(gone('juliet', { codes: [110, 307] }))],
  ['was left', (m) => [...m.leave('t1'), ...m.hear(gone('juliet', { codes: [110] }))]],
])('a room that %s and lets us in when nobody waits any more is only left', (_, happens) => {
  const m = inRoom()
  happens(m)

  expect(presencesTo(m.hear(NEW))).toEqual([`unavailable ${ROOM}/juliet`])
  expect(m.room.occupancy.at).toBe('out')
})

describe('a room in which we seemed to be, and that a presence of ours has made anew', () => {
  /** `romeo` seems to be there, too. */
  function remade(): { readonly m: Machine; readonly effects: Effect[] } {
    const m = inRoom()
    m.show({ show: 'away' })
    return { m, effects: [...m.hear(NEW, subject('')), ...m.step({ on: 'disco', features: OCCUPANT_IDS })] }
  }

  test('is empty, and for one of its tabs to configure', () => {
    const { m, effects } = remade()

    expect(toldKinds(effects, 't1')).toEqual(['interrupted', 'occupant-left', 'resumed', 'configuration-needed'])
    expect([...m.room.roster.byNick.keys()]).toEqual(['juliet'])
    expect(m.room.occupancy.at).toBe('in')
  })

  test('is not joined once more: we are in', () => {
    expect(presencesTo(remade().effects)).toEqual([])
  })

  test('takes its defaults where nobody configures it before it is left', () => {
    expect(sent(remade().m.leave('t1')).map(({ name }) => name)).toEqual(['iq', 'presence'])
  })

  test('has what is said in it from the beginning', () => {
    const { m } = remade()

    const told = toldTo(m.hear(ROMEO, said('romeo', 'hark', { archiveId: 'a1' })), 't1')

    expect(told.map(({ kind }) => kind)).toEqual(['occupant-joined', 'message'])
  })

  test('is the one that we made where nobody has come or configured it since: then it is no news', () => {
    const m = joining()
    letIn(m, { others: [], codes: [110, 201] })
    m.disco()

    expect(m.hear(NEW)).toEqual([])
  })
})
