import { expect, test } from 'vitest'
import { displayedMarker, isMarkable } from '../../src/protocol/xep-0333-markers.ts'
import { stanza } from '../support/fakes/xml.ts'

test.each([
  ['one that asks for it', "<message><body>hi</body><markable xmlns='urn:xmpp:chat-markers:0'/></message>", true],
  ['one that does not', '<message><body>hi</body></message>', false],
  ['the word of another protocol', "<message><markable xmlns='urn:other'/></message>", false],
  ['a marker itself', "<message><displayed xmlns='urn:xmpp:chat-markers:0' id='a1'/></message>", false],
])('of a message that is %s: %s', (_what, text, expected) => {
  expect(isMarkable(stanza(text))).toBe(expected)
})

test('a marker goes to all in the room, and names the message by the id that the room gave it', () => {
  expect(displayedMarker('r@m', 'i1', 'a1')).toEqual(
    stanza("<message to='r@m' id='i1' type='groupchat'><displayed xmlns='urn:xmpp:chat-markers:0' id='a1'/></message>"),
  )
})
