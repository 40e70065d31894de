import { expect, test } from 'vitest'
import { chatStateMessage, readChatState } from '../../src/protocol/xep-0085-chat-states.ts'
import { stanza } from '../support/fakes/xml.ts'

const NS = "xmlns='http://jabber.org/protocol/chatstates'"

test.each([
  ['a state by itself', `<composing ${NS}/>`, 'composing'],
  ['one beside words', `<body>hello</body><active ${NS}/>`, 'active'],
  ['a word that is no state', `<dreaming ${NS}/>`, undefined],
  ['a state of another protocol', "<composing xmlns='urn:other'/>", undefined],
  ['words alone', '<body>composing</body>', undefined],
])('of a message with %s', (_what, inside, expected) => {
  expect(readChatState(stanza(`<message>${inside}</message>`))).toBe(expected)
})

test('a state goes out with nothing else, and is not to be kept', () => {
  expect(chatStateMessage('r@m', 'groupchat', 'i1', 'paused')).toEqual(
    stanza(`<message to='r@m' id='i1' type='groupchat'><paused ${NS}/><no-store xmlns='urn:xmpp:hints'/></message>`),
  )
})
