import { describe, expect, test } from 'vitest'
import { iq, message, presence, readEnvelope } from '../../src/protocol/stanza.ts'
import { stanza, xml } from '../support/fakes/xml.ts'

describe('readEnvelope', () => {
  test('reads the four attributes as they are written', () => {
    const node = stanza("<message type='chat' id='1' from='a@b/c' to='d@e'/>")

    expect(readEnvelope(node)).toEqual({ kind: 'message', type: 'chat', id: '1', from: 'a@b/c', to: 'd@e' })
  })

  test.each(['message', 'presence', 'iq'])('takes a bare %s', (kind) => {
    expect(readEnvelope(stanza(`<${kind}/>`))).toEqual({ kind })
  })

  test.each([
    "<r xmlns='urn:xmpp:sm:3'/>",
    "<message xmlns='urn:xmpp:sm:3'/>",
    '<message/>',
    "<a xmlns='jabber:client'/>",
    "<Message xmlns='jabber:client'/>",
    "<stream:error xmlns:stream='http://etherx.jabber.org/streams'/>",
    "<constructor xmlns='jabber:client'/>",
  ])('is nothing for %s', (text) => {
    expect(readEnvelope(xml(text))).toBeUndefined()
  })
})

test('a stanza without an address has no such attribute', () => {
  expect(presence({})).toEqual(stanza('<presence/>'))
})

test('a message carries its addressing and its children', () => {
  const made = message({ to: 'r@m', id: '1', type: 'groupchat' }, xml("<x xmlns='urn:x'/>"), undefined)

  expect(made).toEqual(stanza("<message to='r@m' id='1' type='groupchat'><x xmlns='urn:x'/></message>"))
})

test('an answer to a request without a sender has no address', () => {
  expect(iq({ type: 'result', id: '1', to: undefined })).toEqual(stanza("<iq type='result' id='1'/>"))
})
