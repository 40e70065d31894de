import { describe, expect, test } from 'vitest'
import { iq } from '../../src/protocol/stanza.ts'
import { errorEl, readStanzaError } from '../../src/protocol/stanza-error.ts'
import { stanza } from '../support/fakes/xml.ts'

const STANZAS = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'"
const read = (inside: string) => readStanzaError(stanza(`<presence type='error'>${inside}</presence>`))

describe('readStanzaError', () => {
  test('reads type, condition and text', () => {
    const error = read(`<error type='auth'><forbidden ${STANZAS}/><text ${STANZAS}>banned</text></error>`)

    expect(error).toEqual({ type: 'auth', condition: 'forbidden', text: 'banned', address: undefined })
  })

  test('finds the condition behind the text', () => {
    expect(read(`<error type='wait'><text ${STANZAS}>later</text><conflict ${STANZAS}/></error>`).condition).toBe(
      'conflict',
    )
  })

  test('reads where a room has gone', () => {
    const error = read(`<error type='cancel'><gone ${STANZAS}>xmpp:other@muc.localhost?join</gone></error>`)

    expect(error.address).toBe('xmpp:other@muc.localhost?join')
  })

  test('takes no condition of an application for one of the RFC', () => {
    const error = read("<error type='cancel'><forbidden xmlns='urn:example:app'/></error>")

    expect(error.condition).toBe('undefined-condition')
  })

  test('finds the error behind the payload that some servers send back', () => {
    const error = read(
      `<x xmlns='http://jabber.org/protocol/muc'><password>nope</password></x><error type='auth'><not-authorized ${STANZAS}/></error>`,
    )

    expect(error.condition).toBe('not-authorized')
  })

  test.each(['', '<error/>', "<error xmlns='urn:other' type='auth'/>", '<error><text>?</text></error>'])(
    'is an undefined condition for %j: it is an answer all the same',
    (inside) => {
      expect(read(inside)).toEqual({
        type: 'cancel',
        condition: 'undefined-condition',
        text: undefined,
        address: undefined,
      })
    },
  )
})

describe('errorEl', () => {
  test('is the error of an IQ answer', () => {
    const answer = iq({ type: 'error', id: '1' }, errorEl('cancel', 'service-unavailable'))

    expect(answer).toEqual(
      stanza(`<iq type='error' id='1'><error type='cancel'><service-unavailable ${STANZAS}/></error></iq>`),
    )
  })

  test('carries a text where there is one', () => {
    const answer = iq({ type: 'error', id: '1' }, errorEl('modify', 'bad-request', 'no <query/>'))

    expect(readStanzaError(answer).text).toBe('no <query/>')
  })
})
