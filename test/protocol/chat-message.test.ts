import { describe, expect, test } from 'vitest'
import { chatMessage, readChatWord } from '../../src/protocol/chat-message.ts'
import { sayWords } from '../../src/protocol/said.ts'
import { stanza } from '../support/fakes/xml.ts'

const ME = 'me@m'
const word = (at: string, inside: string) => readChatWord(stanza(`<message ${at}>${inside}</message>`), ME)
const chat = (inside: string, at = '') => word(`from='you@m/x' to='${ME}/web' type='chat' id='i1' ${at}`, inside)
const stanzaId = (by: string) => `<stanza-id xmlns='urn:xmpp:sid:0' by='${by}' id='a1'/>`

test('a message to one person carries its id as origin id, and asks what becomes of it', () => {
  const what = sayWords({ body: 'hi' })
  const said = "<body>hi</body><origin-id xmlns='urn:xmpp:sid:0' id='m1'/>"
  const asks = "<request xmlns='urn:xmpp:receipts'/><markable xmlns='urn:xmpp:chat-markers:0'/>"

  expect(chatMessage('you@m', 'm1', what, true)).toEqual(
    stanza(`<message to='you@m' id='m1' type='chat'>${said}${asks}</message>`),
  )
  expect(chatMessage('you@m', 'm1', what, false)).toEqual(
    stanza(`<message to='you@m' id='m1' type='chat'>${said}</message>`),
  )
})

describe('what somebody says', () => {
  test('is between the account and them, under the id that the account’s own archive gave it', () => {
    expect(chat(`<body>hi</body>${stanzaId('you@m')}${stanzaId(ME)}`)).toMatchObject({
      peer: 'you@m',
      from: 'you@m/x',
      own: false,
      means: { kind: 'message', nick: 'you@m', body: 'hi', archiveId: 'a1', stanzaId: 'i1' },
    })
    expect(chat(`<body>hi</body>${stanzaId('you@m')}`)).toMatchObject({ means: { archiveId: undefined } })
  })

  test('without a type is said all the same', () => {
    expect(word(`from='you@m/x' to='${ME}'`, '<body>hi</body>')).toMatchObject({ means: { body: 'hi' } })
  })

  test.each([
    ['a headline', "type='headline'"],
    ['to everybody in a room', "type='groupchat'"],
  ])('is nothing of a chat where it is %s', (_what, type) => {
    expect(word(`from='you@m/x' to='${ME}' ${type}`, '<body>hi</body>')).toBeUndefined()
  })

  test('is nothing of a chat where it comes by way of a room', () => {
    expect(chat("<body>hi</body><x xmlns='http://jabber.org/protocol/muc#user'/>")).toBeUndefined()
  })

  test('is nothing where it is between two others', () => {
    expect(word("from='you@m/x' to='they@m' type='chat'", '<body>hi</body>')).toBeUndefined()
  })

  test.each(['', '<composing xmlns="urn:other"/>', '<body/>'])('is nothing in %j', (inside) => {
    expect(chat(inside)).toBeUndefined()
  })

  test('later than our own server got it, was kept by that server, and by nobody else', () => {
    const delay = (from: string) => `<delay xmlns='urn:xmpp:delay' from='${from}' stamp='2030-01-01T00:00:00Z'/>`

    expect(chat(`<body>hi</body>${delay('m')}`)).toMatchObject({ means: { delayMs: Date.UTC(2030, 0, 1) } })
    expect(chat(`<body>hi</body>${delay('you@m')}`)).toMatchObject({ means: { delayMs: undefined } })
  })
})

test('what the account says is of the chat with whom it says it to', () => {
  expect(word(`from='${ME}/phone' to='you@m/x' type='chat'`, '<body>hi</body>')).toMatchObject({
    peer: 'you@m',
    own: true,
    means: { nick: ME },
  })
  expect(word("to='you@m' type='chat'", '<body>hi</body>')).toMatchObject({ peer: 'you@m', own: true })
  expect(word(`from='${ME}/phone' to='${ME}' type='chat'`, '<body>hi</body>')).toMatchObject({ peer: ME, own: true })
})

test.each([
  ['delivered', "<received xmlns='urn:xmpp:receipts' id='m1'/>"],
  ['displayed', "<displayed xmlns='urn:xmpp:chat-markers:0' id='m1'/>"],
])('a message is %s where they say so', (is, inside) => {
  expect(chat(inside)).toMatchObject({ means: { kind: 'receipt', is, id: 'm1' } })
})

test('an error is told of the message that it is about', () => {
  const error = "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"

  expect(word(`from='you@m' to='${ME}/web' type='error' id='m1'`, error)).toMatchObject({
    means: { kind: 'message-error', id: 'm1', error: { condition: 'service-unavailable' } },
  })
})

test('that they type is no message with a text', () => {
  expect(chat("<composing xmlns='http://jabber.org/protocol/chatstates'/>")).toMatchObject({
    means: { kind: 'message', body: undefined },
  })
})

test('a correction and a reaction do something to an earlier message', () => {
  expect(chat("<body>hi</body><replace xmlns='urn:xmpp:message-correct:0' id='m1'/>")).toMatchObject({
    means: { amends: { kind: 'correction', target: 'm1' } },
  })
  expect(chat("<reactions xmlns='urn:xmpp:reactions:0' id='m1'><reaction>👍</reaction></reactions>")).toMatchObject({
    means: { amends: { kind: 'reaction', target: 'm1', emojis: ['👍'] } },
  })
})
