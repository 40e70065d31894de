import { expect, test } from 'vitest'
import { groupchatMessage } from '../../src/protocol/room-message.ts'
import { stanza } from '../support/fakes/xml.ts'

test('a message to a room carries its id as origin id, too', () => {
  expect(groupchatMessage('r@m', 'm1', 'a < b')).toEqual(
    stanza(
      "<message to='r@m' id='m1' type='groupchat'><body>a &lt; b</body><origin-id xmlns='urn:xmpp:sid:0' id='m1'/></message>",
    ),
  )
})
