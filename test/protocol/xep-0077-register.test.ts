import { describe, expect, test } from 'vitest'
import { readStanzaError } from '../../src/protocol/stanza-error.ts'
import { submitForm } from '../../src/protocol/xep-0004-forms.ts'
import {
  readReservedNick,
  registerRequest,
  registrationOf,
  registrationRequest,
  reservedNickRequest,
} from '../../src/protocol/xep-0077-register.ts'
import { type Server, trace } from '../support/fakes/traces.ts'
import { stanza, xml } from '../support/fakes/xml.ts'

const QUERY = "<query xmlns='jabber:iq:register'>"
const DISCO = "<query xmlns='http://jabber.org/protocol/disco#info' node='x-roomuser-item'>"

describe('registration', () => {
  test('is asked for, and given', () => {
    const form = submitForm('http://jabber.org/protocol/muc#register', { 'muc#register_roomnick': 'bob' })

    expect(registrationRequest('r@m', '1')).toEqual(stanza(`<iq type='get' to='r@m' id='1'>${QUERY}</query></iq>`))
    expect(registerRequest('r@m', '1', form)).toEqual(
      stanza(
        `<iq type='set' to='r@m' id='1'>${QUERY}<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/muc#register</value></field><field var='muc#register_roomnick'><value>bob</value></field></x></query></iq>`,
      ),
    )
  })

  test('says whether we are, and under which nick', () => {
    const result = stanza(`<iq type='result'>${QUERY}<registered/><username>bob</username></query></iq>`)

    expect(registrationOf(result)).toMatchObject({ registered: true, nick: 'bob' })
  })

  test('holds a form where we are not', () => {
    const registration = registrationOf(stanza(`<iq type='result'>${QUERY}<x xmlns='jabber:x:data'/></query></iq>`))

    expect(registration?.registered).toBe(false)
    expect(registration).not.toHaveProperty('nick')
    expect(registration?.query.children).toHaveLength(1)
  })

  test('is not in another answer', () => {
    expect(registrationOf(stanza("<iq type='result'/>"))).toBeUndefined()
  })
})

test.each<[Server, string]>([
  ['prosody', 'registration-required'],
  ['prosody13', 'registration-required'],
  ['ejabberd', 'service-unavailable'],
])('%s refuses to register with a room where it does not do so, and that is no registration', (server, condition) => {
  const answers = trace(server, '61')
    .filter(({ direction, who }) => direction === 'to client' && who === 'bob/one')
    .map((frame) => xml(frame.xml))
    .filter(({ name }) => name === 'iq')

  expect(answers.map((answer) => readStanzaError(answer).condition)).toEqual([condition, condition])
  // ejabberd gives the question back with its refusal: an empty query, in which nobody is registered.
  for (const answer of answers) expect(registrationOf(answer)?.registered ?? false).toBe(false)
})

describe('the reserved nick', () => {
  test('is asked for', () => {
    expect(reservedNickRequest('r@m', '1')).toEqual(stanza(`<iq type='get' to='r@m' id='1'>${DISCO}</query></iq>`))
  })

  test('is the name of the identity', () => {
    expect(
      readReservedNick(
        stanza(`<iq type='result'>${DISCO}<identity category='conference' name='bob' type='text'/></query></iq>`),
      ),
    ).toBe('bob')
  })

  test.each([
    ['an empty result (Prosody)', `<iq type='result'>${DISCO}</query></iq>`],
    [
      'an identity without a name',
      `<iq type='result'>${DISCO}<identity category='conference' type='text'/></query></iq>`,
    ],
    [
      'item-not-found (ejabberd)',
      "<iq type='error'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
    ],
    [
      'feature-not-implemented (the XEP)',
      "<iq type='error'><error type='cancel'><feature-not-implemented xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
    ],
  ])('is none for %s', (_what, text) => {
    expect(readReservedNick(stanza(text))).toBeUndefined()
  })
})
