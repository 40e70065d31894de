import { describe, expect, test } from 'vitest'
import type { RoomConfig } from '../../src/contract/model.ts'
import {
  inRoom,
  joining,
  kinds,
  type Machine,
  only,
  outcome,
  presencesTo,
  ROMEO,
  self,
  sent,
  toldKinds,
  toldTo,
} from '../support/fakes/room-machine.ts'
import { NS_MUC, NS_OCCUPANT_ID, notice, present, ROOM, subject } from '../support/fakes/room-xml.ts'
import { stanza } from '../support/fakes/xml.ts'

/** Of a moderator, as Prosody and ejabberd write it. */
const voiceRequest = (nick: string): string =>
  `<message from='${ROOM}'><x xmlns='jabber:x:data' type='form'><field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#request</value></field><field var='muc#roomnick'><value>${nick}</value></field></x></message>`
const CONFIG: RoomConfig = {
  name: 'The garden',
  membersOnly: false,
  moderated: true,
  passwordProtected: false,
  persistent: true,
  public: true,
  nonAnonymous: false,
  archived: false,
  features: [NS_OCCUPANT_ID],
}
const asksForAll = (m: Machine, effects: ReturnType<Machine['step']>): boolean =>
  sent(effects).some(
    (node) =>
      JSON.stringify(node) ===
      JSON.stringify(
        stanza(
          `<presence to='${ROOM}/juliet' id='${node.attrs['id']}'><x xmlns='${NS_MUC}'><history maxstanzas='0'/></x></presence>`,
        ),
      ),
  ) && m.room.occupancy.at === 'in'
const codesOf = (m: Machine): unknown => (outcome(m.join('late'), m.call) as { codes: readonly number[] }).codes

describe('a room that says that it is configured anew', () => {
  test('is told by its codes, and is asked what it is now, which is told when it has said so', () => {
    const m = inRoom()

    const said = m.hear(notice([104]))
    const answered = m.step({ on: 'disco', features: new Set(CONFIG.features), config: CONFIG })

    expect(toldTo(said, 't1')).toEqual([{ kind: 'config', room: ROOM, codes: [104] }])
    expect(kinds(said)).toContain('disco')
    expect(toldTo(answered, 't1')).toEqual([{ kind: 'config', room: ROOM, codes: [], config: CONFIG }])
  })

  test('and is what it was: nobody hears of that', () => {
    const m = inRoom()
    m.step({ on: 'disco', features: new Set(CONFIG.features), config: CONFIG })

    expect(m.step({ on: 'disco', features: new Set(CONFIG.features), config: { ...CONFIG } })).toEqual([])
  })

  test.each([[[170]], [[171]], [[102, 103]]])('by %j, which changes nothing in what we see, is told', (codes) => {
    const effects = inRoom().hear(notice(codes))

    expect(kinds(effects)).toEqual(['tell'])
    expect(toldTo(effects, 't1')).toMatchObject([{ codes }])
  })

  test('by codes of something else says nothing', () => {
    expect(inRoom().hear(notice([100, 999]))).toEqual([])
  })

  test('while we are not in yet says nothing that the join will not', () => {
    expect(joining().hear(notice([104]))).toEqual([])
  })
})

describe('who may see whose JID changes', () => {
  test.each([
    [172, [110, 100]],
    [173, [110]],
    [174, [110]],
  ])('by %d: everybody is asked for again, and a later tab is told %j', (code, codes) => {
    const m = inRoom()

    const effects = m.hear(notice([104, code]))

    expect(asksForAll(m, effects)).toBe(true)
    expect(codesOf(m)).toEqual(codes)
  })

  test('to everybody, twice: a later tab is told so once', () => {
    const m = inRoom()
    m.hear(notice([172]), notice([172]))

    expect(codesOf(m)).toEqual([110, 100])
  })

  test('and what the room says then is news only where there is some', () => {
    const m = inRoom()
    m.hear(notice([172]))

    const effects = m.hear(ROMEO, self({ jid: 'juliet@capulet.example/web-1' }), subject(''))
    const shown = m.hear(present('romeo', { occupantId: 'o-romeo', jid: 'romeo@montague.example/x' }))

    expect(toldKinds(effects, 't1').filter((kind) => kind !== 'subject')).toEqual([])
    expect(toldKinds(shown, 't1')).toEqual(['occupant-changed'])
  })
})

describe('we become, or cease to be, a moderator', () => {
  const asked = (m: Machine, ...xml: readonly string[]): readonly boolean[] =>
    xml.map((each) => asksForAll(m, m.hear(each)))

  test('by our role: the JIDs that we may see now come with no presence of their own', () => {
    const m = inRoom()

    expect(asked(m, self({ role: 'moderator' }), self({ role: 'participant' }))).toEqual([true, true])
  })

  test('by our affiliation: not every room sends everybody by itself', () => {
    expect(asked(inRoom(), self({ role: 'moderator', affiliation: 'admin' }))).toEqual([true])
  })

  test('not at all, by an affiliation or a role that is less: nothing is asked', () => {
    expect(asked(inRoom(), self({ affiliation: 'member' }), self({ role: 'visitor' }))).toEqual([false, false])
  })

  test('where everybody sees every JID already: nothing is asked', () => {
    const m = inRoom()
    m.hear(notice([172]))

    expect(asked(m, self({ role: 'moderator' }))).toEqual([false])
  })

  test('and it is somebody else: nothing is asked', () => {
    expect(asked(inRoom(), present('romeo', { occupantId: 'o-romeo', role: 'moderator' }))).toEqual([false])
  })
})

describe('somebody who is not there', () => {
  const item = (attributes: string, inside = ''): string => notice([], `<item ${attributes}>${inside}</item>`, '')

  test('and becomes something else is told by JID, with whose doing it was', () => {
    const effects = inRoom().hear(
      item(
        "jid='nurse@capulet.example' affiliation='outcast' role='none'",
        "<actor nick='romeo'/><reason>gossip</reason>",
      ),
    )

    expect(toldTo(effects, 't1')).toEqual([
      {
        kind: 'affiliation-changed',
        room: ROOM,
        jid: 'nurse@capulet.example',
        affiliation: 'outcast',
        reason: 'gossip',
        actor: 'romeo',
      },
    ])
  })

  test('and whom the room does not name is nobody’s news', () => {
    expect(inRoom().hear(item("affiliation='member' role='none'"))).toEqual([])
  })
})

describe('a visitor who wants to speak', () => {
  test('is told to every tab that is in', () => {
    const effects = inRoom({ tabs: ['t1', 't2'] }).hear(voiceRequest('romeo'))

    for (const tab of ['t1', 't2']) {
      expect(toldTo(effects, tab)).toEqual([
        { kind: 'voice-request', room: ROOM, request: { nick: 'romeo', role: 'participant' } },
      ])
    }
  })

  test('is the room’s word alone', () => {
    expect(only(inRoom().hear(voiceRequest('x').replace(`'${ROOM}'`, `'${ROOM}/evil'`)), 'tell')).toEqual([])
  })
})

test('the account shows something else: where we are in it is one presence, which enters nothing', () => {
  const m = inRoom()

  expect(presencesTo(m.show({ show: 'away' }))).toEqual([`${ROOM}/juliet`])
  expect(
    sent(m.show({ show: 'dnd', status: 'supper' }))[0]?.children.map((each) => (each as { name: string }).name),
  ).toEqual(['show', 'status'])
  m.lose()
  expect(m.show({ show: 'online' })).toEqual([])
})
