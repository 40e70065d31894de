import { expect, test } from 'vitest'
import { groupchatMessage, privateMessage, subjectMessage } from '../../src/protocol/room-message.ts'
import { stanza, writeXml, xml } from '../support/fakes/xml.ts'

test('a message to a room carries its id as origin id, too', () => {
  expect(groupchatMessage('r@m', 'm1', 'a < b')).toEqual(
    stanza(
      "<message to='r@m' id='m1' type='groupchat'><body>a &lt; b</body><origin-id xmlns='urn:xmpp:sid:0' id='m1'/></message>",
    ),
  )
})

test('a message to one occupant is marked as one of the room', () => {
  expect(privateMessage('r@m/romeo', 'p1', 'psst')).toEqual(
    stanza(
      "<message to='r@m/romeo' id='p1' type='chat'><body>psst</body><x xmlns='http://jabber.org/protocol/muc#user'/><origin-id xmlns='urn:xmpp:sid:0' id='p1'/></message>",
    ),
  )
})

test.each(['Verona', ''])('a change of the subject to %j holds nothing else', (text) => {
  expect(xml(writeXml(subjectMessage('r@m', 's1', text)))).toEqual(
    stanza(`<message to='r@m' id='s1' type='groupchat'><subject>${text}</subject></message>`),
  )
})
