import { describe, expect, test } from 'vitest'
import { BindingRefused } from '../../src/adapters/binding.ts'
import { endOfError, endOfSaslFailure, endOfStreamError, isStreamClose } from '../../src/adapters/stream-end.ts'
import { xml } from '../support/fakes/xml.ts'

const ERRORS = "xmlns='urn:ietf:params:xml:ns:xmpp-streams'"
const streamError = (inside: string) =>
  endOfStreamError(xml(`<stream:error xmlns:stream='http://etherx.jabber.org/streams'>${inside}</stream:error>`))

describe('isStreamClose', () => {
  test("is the framing's close", () => {
    expect(isStreamClose(xml("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>"))).toBe(true)
  })

  test.each([
    "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>",
    "<close xmlns='http://jabber.org/protocol/bytestreams'/>",
    '<close/>',
  ])('is not %s', (text) => {
    expect(isStreamClose(xml(text))).toBe(false)
  })
})

describe('endOfStreamError', () => {
  test.each([
    ['conflict', 'conflict'],
    ['not-authorized', 'not-authorized'],
    ['policy-violation', 'policy'],
    ['unsupported-version', 'policy'],
    ['host-unknown', 'unreachable'],
    ['host-gone', 'unreachable'],
    ['system-shutdown', 'closed'],
    ['connection-timeout', 'closed'],
    ['undefined-condition', 'closed'],
    ['constructor', 'closed'],
  ])('%s ends the stream as %s', (condition, cause) => {
    expect(streamError(`<${condition} ${ERRORS}/>`)).toEqual({ cause, text: condition })
  })

  test('carries the text of the server', () => {
    expect(streamError(`<conflict ${ERRORS}/><text ${ERRORS}>Replaced by new connection</text>`)).toEqual({
      cause: 'conflict',
      text: 'conflict: Replaced by new connection',
    })
  })

  test('finds the condition behind the text', () => {
    expect(streamError(`<text ${ERRORS}>Replaced</text><conflict ${ERRORS}/>`)?.cause).toBe('conflict')
  })

  test.each(['', "<conflict xmlns='urn:other'/>", '<conflict/>'])(
    'without a condition in %j is just an end',
    (inside) => {
      expect(streamError(inside)).toEqual({ cause: 'closed', text: 'undefined-condition' })
    },
  )

  test.each([
    "<stream:features xmlns:stream='http://etherx.jabber.org/streams'/>",
    "<error xmlns='jabber:client'/>",
    "<message xmlns='jabber:client' type='error'><error type='cancel'/></message>",
  ])('is not in %s', (text) => {
    expect(endOfStreamError(xml(text))).toBeUndefined()
  })
})

describe('endOfSaslFailure', () => {
  const failure = (inside: string) =>
    endOfSaslFailure(xml(`<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>${inside}</failure>`))

  // All of RFC 6120 section 6.5.
  test.each([
    ['aborted', 'closed'],
    ['account-disabled', 'not-authorized'],
    ['credentials-expired', 'not-authorized'],
    ['encryption-required', 'not-authorized'],
    ['incorrect-encoding', 'not-authorized'],
    ['invalid-authzid', 'not-authorized'],
    ['invalid-mechanism', 'not-authorized'],
    ['malformed-request', 'not-authorized'],
    ['mechanism-too-weak', 'not-authorized'],
    ['not-authorized', 'not-authorized'],
    ['temporary-auth-failure', 'closed'],
    ['constructor', 'not-authorized'],
  ])('%s ends the stream as %s', (condition, cause) => {
    expect(failure(`<${condition}/>`)).toEqual({ cause, text: condition })
  })

  test('carries the text of the server, on whichever side of the condition', () => {
    const end = { cause: 'not-authorized', text: 'not-authorized: Invalid username or password' }

    expect(failure('<not-authorized/><text>Invalid username or password</text>')).toEqual(end)
    expect(failure('<text>Invalid username or password</text><not-authorized/>')).toEqual(end)
  })

  test('without a condition is a refusal', () => {
    expect(failure('')).toEqual({ cause: 'not-authorized', text: 'not-authorized' })
  })
})

describe('endOfError', () => {
  test.each([
    [new BindingRefused('no session: resource-constraint', true), 'closed'],
    [new BindingRefused('no session: not-allowed', false), 'policy'],
    [new TypeError('Invalid URL'), 'unreachable'],
    ['a text', 'unreachable'],
    [undefined, 'unreachable'],
    [null, 'unreachable'],
  ])('%s is %s', (error, cause) => {
    expect(endOfError(error).cause).toBe(cause)
  })

  test('says what it says', () => {
    expect(endOfError(new Error('refused')).text).toBe('refused')
  })
})
