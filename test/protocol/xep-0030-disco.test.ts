import { expect, test } from 'vitest'
import { discoInfoEl, discoInfoRequest, readDiscoInfo, readDiscoItems } from '../../src/protocol/xep-0030-disco.ts'
import { stanza, xml } from '../support/fakes/xml.ts'

const INFO = 'http://jabber.org/protocol/disco#info'

test('a request asks the entity for its information', () => {
  expect(discoInfoRequest('r@m', '1')).toEqual(stanza(`<iq type='get' to='r@m' id='1'><query xmlns='${INFO}'/></iq>`))
})

test('an answer gives identities and features', () => {
  const info = readDiscoInfo(
    stanza(
      `<iq type='result' id='1'><query xmlns='${INFO}'><identity category='conference' type='text' name='A room'/>` +
        "<feature var='http://jabber.org/protocol/muc'/><feature var='urn:xmpp:occupant-id:0'/></query></iq>",
    ),
  )

  expect(info?.identities).toEqual([{ category: 'conference', type: 'text', name: 'A room' }])
  expect([...(info?.features ?? [])]).toEqual(['http://jabber.org/protocol/muc', 'urn:xmpp:occupant-id:0'])
})

test('features with names of the language are features like others', () => {
  const info = readDiscoInfo(
    stanza(`<iq type='result'><query xmlns='${INFO}'><feature var='__proto__'/><feature/></query></iq>`),
  )

  expect(info?.features.has('__proto__')).toBe(true)
  expect(info?.features.has('constructor')).toBe(false)
})

test.each(["<iq type='result'/>", "<iq type='error'><query xmlns='jabber:iq:roster'/></iq>"])(
  '%s holds no information',
  (text) => {
    expect(readDiscoInfo(stanza(text))).toBeUndefined()
  },
)

test('an answer of ours says what we are and can, and repeats what was asked for', () => {
  const identity = { category: 'client', type: 'web', name: 'minimix' }

  const query = discoInfoEl(identity, ['urn:a', 'urn:b'], 'https://a.example#v')

  expect(query).toEqual(
    xml(
      `<query xmlns='${INFO}' node='https://a.example#v'><identity category='client' type='web' name='minimix'/><feature var='urn:a'/><feature var='urn:b'/></query>`,
    ),
  )
  expect(discoInfoEl(identity, [], undefined).attrs).toEqual({})
})

test('a list gives addresses in normal form, without nodes and what is no address', () => {
  const items = readDiscoItems(
    stanza(
      "<iq type='result'><query xmlns='http://jabber.org/protocol/disco#items'><item jid='Rooms.example' name='Rooms'/>" +
        "<item jid='hall@rooms.example'/><item jid='a@b' node='x'/><item jid='@'/><item/></query></iq>",
    ),
  )

  expect(items).toEqual([{ jid: 'rooms.example', name: 'Rooms' }, { jid: 'hall@rooms.example' }])
  expect(readDiscoItems(stanza(`<iq type='result'><query xmlns='${INFO}'/></iq>`))).toBeUndefined()
})
