import { expect, test } from 'vitest'
import { answerRequest, ownCaps } from '../../src/broker/responder.ts'
import { readEnvelope } from '../../src/protocol/stanza.ts'
import { readDiscoInfo } from '../../src/protocol/xep-0030-disco.ts'
import { capsText, readCaps } from '../../src/protocol/xep-0115-caps.ts'
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

test('who asks what program this is gets its name and version', () => {
  expect(answer("<iq type='get' id='1' from='a@b/c'><query xmlns='jabber:iq:version'/></iq>")).toEqual(
    stanza(
      "<iq type='result' to='a@b/c' id='1'><query xmlns='jabber:iq:version'><name>minimix-web</name><version>0.1.0</version></query></iq>",
    ),
  )
})

test('who asks for the time gets it in UTC, and not where the person is', () => {
  expect(answer("<iq type='get' id='1' from='a@b/c'><time xmlns='urn:xmpp:time'/></iq>")).toEqual(
    stanza(
      "<iq type='result' to='a@b/c' id='1'><time xmlns='urn:xmpp:time'><tzo>+00:00</tzo><utc>2030-01-01T00:00:00.000Z</utc></time></iq>",
    ),
  )
})

test('who asks what we can do, by the capabilities of our presence, gets just what they are the hash of', async () => {
  const texts: string[] = []
  const presence = stanza('<presence/>')
  const caps = await ownCaps(async (text) => {
    texts.push(text)
    return 'the-hash'
  })
  const announced = readCaps({ ...presence, children: [caps] })

  const info = answer(
    `<iq type='get' id='1' from='a@b/c'><query xmlns='http://jabber.org/protocol/disco#info' node='${announced?.node}#${announced?.ver}'/></iq>`,
  )

  const { identities = [], features = new Set<string>() } = (info && readDiscoInfo(info)) ?? {}
  const [{ category, type, name = '' } = { category: '', type: '', name: '' }] = identities
  expect(texts).toEqual([capsText({ category, type, name }, features)])
  expect(features.has('urn:xmpp:bookmarks:1+notify')).toBe(true)
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
