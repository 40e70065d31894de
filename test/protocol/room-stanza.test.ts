import { describe, expect, test } from 'vitest'
import { isOwnArrival, readRoomStanza } from '../../src/protocol/room-stanza.ts'
import { gone, notice, present, ROOM, said, subject, told } from '../support/fakes/room-xml.ts'
import { stanza } from '../support/fakes/xml.ts'

const read = (text: string) => readRoomStanza(stanza(text), ROOM)
const USER = (inside: string): string => `<x xmlns='http://jabber.org/protocol/muc#user'>${inside}</x>`

describe('a presence', () => {
  test('of an occupant says who, what and how', () => {
    const text = present('Romeo', {
      role: 'moderator',
      affiliation: 'admin',
      jid: 'romeo@montague.example/orchard',
      occupantId: 'o1',
      show: 'away',
      status: 'lunch',
      codes: [100],
    })

    expect(read(text)).toEqual({
      kind: 'presence',
      available: true,
      nick: 'Romeo',
      muc: {
        items: [
          {
            affiliation: 'admin',
            role: 'moderator',
            jid: 'romeo@montague.example/orchard',
            nick: undefined,
            actor: undefined,
            reason: undefined,
          },
        ],
        codes: [100],
        destroy: undefined,
      },
      show: 'away',
      status: 'lunch',
      hats: [],
      avatarHash: undefined,
      occupantId: 'o1',
    })
  })

  test('of type unavailable is one of somebody who has gone', () => {
    expect(read(gone('Romeo'))).toMatchObject({ kind: 'presence', available: false, nick: 'Romeo' })
  })

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'a/b', '<b>'])(
    'can be of the nick %s',
    (nick) => {
      expect(read(present(nick))).toMatchObject({ kind: 'presence', nick })
    },
  )

  test.each([
    ['', 'online'],
    ['<show/>', 'online'],
    ['<show>chat</show>', 'chat'],
    ['<show>away</show>', 'away'],
    ['<show>xa</show>', 'xa'],
    ['<show>dnd</show>', 'dnd'],
    ['<show>busy</show>', 'online'],
    ['<show>online</show>', 'online'],
    ['<show>constructor</show>', 'online'],
    ["<show xmlns='urn:other'>dnd</show>", 'online'],
  ])('with %j shows %s', (inside, show) => {
    const text = `<presence from='${ROOM}/n'>${inside}<x xmlns='http://jabber.org/protocol/muc#user'/></presence>`

    expect(read(text)).toMatchObject({ show })
  })

  test('keeps no more of a text than anybody reads, and none of what is no id or hash', () => {
    const long = 'x'.repeat(100_000)
    const hats = Array.from({ length: 500 }, (_, n) => `<hat uri='u${n}' title='${long}'/>`).join('')
    const text = `<presence from='${ROOM}/Romeo'>${USER("<item role='none' affiliation='none'/>")}<status>${long}</status>
      <hats xmlns='urn:xmpp:hats:0'><hat uri='${long}'/>${hats}</hats><occupant-id xmlns='urn:xmpp:occupant-id:0' id='${long}'/>
      <x xmlns='vcard-temp:x:update'><photo>${long}</photo></x></presence>`

    const presence = read(text)

    expect(JSON.stringify(presence).length).toBeLessThan(20_000)
    expect(presence).toMatchObject({ nick: 'Romeo', occupantId: undefined, avatarHash: undefined })
  })

  test('of a nick that no server takes is none', () => {
    expect(read(present('x'.repeat(2_000)))).toBeUndefined()
  })

  test('may have no item at all', () => {
    const text = `<presence from='${ROOM}/n'><x xmlns='http://jabber.org/protocol/muc#user'/></presence>`

    expect(read(text)).toMatchObject({ kind: 'presence', available: true, muc: { items: [], codes: [] } })
  })

  test.each([
    [
      'capabilities of the room itself',
      `<presence from='${ROOM}'><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='v'/></presence>`,
    ],
    ['an avatar of the room itself', `<presence from='${ROOM}'><x xmlns='vcard-temp:x:update'><photo/></x></presence>`],
    ['the room itself as unavailable', `<presence from='${ROOM}' type='unavailable'/>`],
    ['an occupant without muc#user', `<presence from='${ROOM}/n'/>`],
    ['an occupant with an empty nick', present('')],
    [
      'a subscription',
      `<presence from='${ROOM}/n' type='subscribe'><x xmlns='http://jabber.org/protocol/muc#user'/></presence>`,
    ],
    ['a probe', `<presence from='${ROOM}/n' type='probe'><x xmlns='http://jabber.org/protocol/muc#user'/></presence>`],
    ['nobody', "<presence><x xmlns='http://jabber.org/protocol/muc#user'/></presence>"],
  ])('of %s means nothing', (_what, text) => {
    expect(read(text)).toBeUndefined()
  })
})

describe('a message', () => {
  test('of an occupant keeps its whole stanza beside what was read', () => {
    const text = said('Romeo', 'But soft', { id: 'i1', originId: 'i1', archiveId: 'a1', occupantId: 'o1' })

    expect(read(text)).toEqual({
      kind: 'message',
      nick: 'Romeo',
      archiveId: 'a1',
      originId: 'i1',
      stanzaId: 'i1',
      body: 'But soft',
      delayMs: undefined,
      occupantId: 'o1',
      stanza: stanza(text),
    })
  })

  test('from the history of the room carries the time at which the room received it', () => {
    expect(read(told('Romeo', 'hark', 'a1', '2026-11-22T05:36:05Z'))).toMatchObject({
      delayMs: Date.UTC(2026, 10, 22, 5, 36, 5),
    })
  })

  test('that the own server held back during a resumed session is not history', () => {
    const delay = { from: 'juliet@capulet.example', stamp: '2026-11-22T05:36:05Z' }

    expect(read(said('Romeo', 'hark', { delay }))).toMatchObject({ kind: 'message', delayMs: undefined })
  })

  test('with an archive id by somebody else has none', () => {
    const text = `<message type='groupchat' from='${ROOM}/n'><body>b</body><stanza-id xmlns='urn:xmpp:sid:0' by='n@evil.example' id='1'/></message>`

    expect(read(text)).toMatchObject({ archiveId: undefined })
  })

  test('of the room itself has no nick', () => {
    expect(read(said(undefined, 'This room is logged'))).toMatchObject({ kind: 'message', nick: undefined })
  })

  test('without a body is a message without one', () => {
    expect(read(said('n', undefined))).toMatchObject({ kind: 'message', body: undefined })
  })

  test('with subject and body is no change of the subject', () => {
    const text = `<message type='groupchat' from='${ROOM}/n'><subject>s</subject><body>b</body></message>`

    expect(read(text)).toMatchObject({ kind: 'message', body: 'b' })
  })

  test('for everybody is from somebody', () => {
    expect(read("<message type='groupchat'><body>b</body></message>")).toBeUndefined()
  })
})

describe('a message to us alone', () => {
  test.each(['chat', 'normal', 'headline'])('of type %s is a private one where an occupant says something', (type) => {
    const text = `<message type='${type}' from='${ROOM}/Romeo' id='p1'><body>psst</body></message>`

    expect(read(text)).toEqual({
      kind: 'private-message',
      nick: 'Romeo',
      stanzaId: 'p1',
      originId: undefined,
      occupantId: undefined,
      body: 'psst',
      delayMs: undefined,
      stanza: stanza(text),
    })
  })

  test('carries what makes it one, and when the room held it back', () => {
    const inside =
      "<origin-id xmlns='urn:xmpp:sid:0' id='o1'/><occupant-id xmlns='urn:xmpp:occupant-id:0' id='r1'/>" +
      `<delay xmlns='urn:xmpp:delay' from='${ROOM}' stamp='2026-11-22T05:36:05Z'/>`

    expect(read(`<message type='chat' from='${ROOM}/n'><body>psst</body>${inside}</message>`)).toMatchObject({
      originId: 'o1',
      occupantId: 'r1',
      delayMs: Date.UTC(2026, 10, 22, 5, 36, 5),
    })
  })

  test.each([
    ['an occupant who says nothing', `<message type='chat' from='${ROOM}/n'><active xmlns='urn:chat'/></message>`],
    ['an occupant who says an empty text', `<message type='chat' from='${ROOM}/n'><body/></message>`],
    ['the room itself, which only talks', `<message from='${ROOM}'><body>hello</body></message>`],
    ['the room itself, without a word', `<message from='${ROOM}'>${USER('')}</message>`],
    [
      'the room itself, which passes an invitation on',
      `<message from='${ROOM}'>${USER("<invite from='a@b'/>")}</message>`,
    ],
  ])('of %s means nothing', (_who, text) => {
    expect(read(text)).toBeUndefined()
  })
})

describe('a notice of the room itself', () => {
  test('to everybody is of its configuration', () => {
    expect(read(notice([104, 172]))).toEqual({
      kind: 'notice',
      muc: { items: [], codes: [104, 172], destroy: undefined },
    })
  })

  test.each(['', " type='normal'", " type='headline'"])('with %j is of somebody who is not there', (type) => {
    expect(read(notice([], "<item jid='a@b' affiliation='member'/>", type))).toMatchObject({
      kind: 'notice',
      muc: { items: [{ jid: 'a@b', affiliation: 'member' }], codes: [] },
    })
  })

  test('with a text is a message like any other', () => {
    const text = `<message type='groupchat' from='${ROOM}'><body>This room is logged</body>${USER("<status code='104'/>")}</message>`

    expect(read(text)).toMatchObject({ kind: 'message', body: 'This room is logged' })
  })

  test('cannot be made by an occupant', () => {
    const text = `<message type='groupchat' from='${ROOM}/evil'>${USER("<status code='104'/>")}</message>`

    expect(read(text)).toMatchObject({ kind: 'message', nick: 'evil', body: undefined })
  })
})

test('an address with nothing behind its slash is neither the room nor an occupant', () => {
  const subject = '<subject>x</subject>'

  expect(read(`<message type='groupchat' from='${ROOM}'>${subject}</message>`)).toMatchObject({ kind: 'subject' })
  expect(read(`<message type='groupchat' from='${ROOM}/'>${subject}</message>`)).toBeUndefined()
})

describe('a request for voice', () => {
  const form = (inside: string): string =>
    `<x xmlns='jabber:x:data' type='form'><field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#request</value></field>${inside}</x>`
  const visitor = form("<field var='muc#roomnick'><value>romeo</value></field>")

  test('is put before us by the room', () => {
    expect(read(`<message from='${ROOM}'>${visitor}</message>`)).toEqual({
      kind: 'voice-request',
      request: { nick: 'romeo', role: 'participant' },
    })
  })

  test('cannot be made by an occupant', () => {
    expect(read(`<message from='${ROOM}/evil'>${visitor}</message>`)).toBeUndefined()
  })

  test.each(["<invite to='a@b'/>", "<decline to='a@b'/>"])(
    'cannot be put beside %s, which the room passes on',
    (word) => {
      expect(read(`<message from='${ROOM}'>${USER(word)}${visitor}</message>`)).toBeUndefined()
    },
  )
})

test.each([
  [`<presence from='${ROOM}/n'>${USER("<status code='110'/>")}</presence>`, true],
  [`<presence from='${ROOM}/n'>${USER("<item/><status code='201'/><status code='110'/>")}</presence>`, true],
  [`<presence from='${ROOM}/n'>${USER('<item/>')}</presence>`, false],
  [`<presence from='${ROOM}/n' type='unavailable'>${USER("<status code='110'/>")}</presence>`, false],
  [`<presence from='${ROOM}/n' type='error'>${USER("<status code='110'/>")}</presence>`, false],
  [`<presence from='${ROOM}/n'/>`, false],
  [`<message from='${ROOM}/n'>${USER("<status code='110'/>")}</message>`, false],
])('%s says that we are in: %s', (text, arrived) => {
  expect(isOwnArrival(stanza(text))).toBe(arrived)
})

describe('a subject', () => {
  test('says who set it and when', () => {
    expect(read(subject('Verona', { nick: 'Romeo', stamp: '2026-11-22T05:36:05Z' }))).toEqual({
      kind: 'subject',
      nick: 'Romeo',
      text: 'Verona',
      delayMs: Date.UTC(2026, 10, 22, 5, 36, 5),
      stanzaId: undefined,
    })
  })

  test('may be empty, and by nobody', () => {
    expect(read(subject(''))).toMatchObject({ kind: 'subject', nick: undefined, text: '', delayMs: undefined })
  })
})

describe('an error', () => {
  test('to a presence names the nick that was asked for', () => {
    const text = `<presence type='error' from='${ROOM}/taken' id='j1'><error type='cancel'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>`

    expect(read(text)).toMatchObject({
      kind: 'presence-error',
      id: 'j1',
      nick: 'taken',
      error: { condition: 'conflict' },
    })
  })

  test('to a message comes from the room itself', () => {
    const text = `<message type='error' from='${ROOM}' id='m1'><body>may I?</body><error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`

    expect(read(text)).toMatchObject({
      kind: 'message-error',
      id: 'm1',
      nick: undefined,
      error: { condition: 'forbidden' },
    })
  })

  test.each(['presence', 'message'])('without <error/> is an answer to a %s all the same', (kind) => {
    expect(read(`<${kind} type='error' from='${ROOM}/n'/>`)).toMatchObject({
      kind: `${kind}-error`,
      id: undefined,
      error: { condition: 'undefined-condition', type: 'cancel' },
    })
  })

  test('to a groupchat message with a subject is no subject', () => {
    expect(read(`<message type='error' from='${ROOM}' id='s2'><subject>s</subject></message>`)).toMatchObject({
      kind: 'message-error',
    })
  })
})

test.each([
  [`<iq type='error' from='${ROOM}' id='1'/>`],
  [`<iq type='result' from='${ROOM}' id='1'/>`],
  [`<iq type='get' from='${ROOM}/n' id='1'/>`],
])('%s is no presence and no message of the room', (text) => {
  expect(read(text)).toBeUndefined()
})
