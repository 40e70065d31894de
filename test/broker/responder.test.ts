import { expect, test } from 'vitest'
import { answerRequest } from '../../src/broker/responder.ts'
import { readEnvelope } from '../../src/protocol/stanza.ts'
import { stanza } from '../support/fakes/xml.ts'

const answer = (text: string) => {
  const node = stanza(text)
  const envelope = readEnvelope(node)
  return envelope && answerRequest(envelope, node, Date.UTC(2030, 0, 1))
}

test('a ping is answered', () => {
  expect(answer("<iq type='get' id='1' from='a@b/c'><ping xmlns='urn:xmpp:ping'/></iq>")).toEqual(
    stanza("<iq type='result' to='a@b/c' id='1'/>"),
  )
})

test('a ping of the own server without a name is answered without an address', () => {
  expect(answer("<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>")).toEqual(
    stanza("<iq type='result' id='1'/>"),
  )
})

test.each([
  "<iq type='get' id='1' from='a@b/c'><query xmlns='jabber:iq:roster'/></iq>",
  "<iq type='get' id='1' from='a@b/c'><query xmlns='http://jabber.org/protocol/disco#info' node='elsewhere'/></iq>",
  "<iq type='set' id='1' from='a@b/c'><query xmlns='jabber:iq:version'/></iq>",
  "<iq type='get' id='1' from='a@b/c'/>",
  "<iq type='set' id='1' from='a@b/c'><ping xmlns='urn:xmpp:ping'/></iq>",
  "<iq type='get' id='1' from='a@b/c'><ping xmlns='urn:other'/></iq>",
])('%s is refused: an IQ request must be answered', (text) => {
  expect(answer(text)).toEqual(
    stanza(
      "<iq type='error' to='a@b/c' id='1'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
    ),
  )
})

test.each([
  "<iq type='result' id='1' from='a@b/c'><ping xmlns='urn:xmpp:ping'/></iq>",
  "<iq type='error' id='1' from='a@b/c'/>",
  "<iq id='1' from='a@b/c'><ping xmlns='urn:xmpp:ping'/></iq>",
  "<iq type='constructor' id='1' from='a@b/c'/>",
  "<iq type='get' from='a@b/c'><ping xmlns='urn:xmpp:ping'/></iq>",
])('%s is not answered: answers to answers would never end', (text) => {
  expect(answer(text)).toBeUndefined()
})
