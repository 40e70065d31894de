import { describe, expect, test } from 'vitest'
import { endOfError, endOfStreamError, isStreamClose } from '../../src/adapters/stream-end.ts'
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

describe('endOfError', () => {
  const named = (name: string, condition: string): Error =>
    Object.assign(new Error(`${condition} - text`), { name, condition })

  test.each([
    [named('SASLError', 'not-authorized'), 'not-authorized'],
    [named('SASLError', 'credentials-expired'), 'not-authorized'],
    [named('SASLError', 'account-disabled'), 'not-authorized'],
    [named('SASLError', 'temporary-auth-failure'), 'closed'],
    [named('SASLError', 'aborted'), 'closed'],
    [named('StreamError', 'conflict'), 'conflict'],
    [named('StreamError', 'policy-violation'), 'policy'],
    [named('StreamError', 'host-unknown'), 'unreachable'],
    [named('StreamError', 'system-shutdown'), 'closed'],
    [new TypeError('Invalid URL'), 'unreachable'],
    [new Error('no sign-in within 15000 ms'), 'unreachable'],
    ['a text', 'unreachable'],
    [undefined, 'unreachable'],
    [null, 'unreachable'],
    [{}, 'unreachable'],
  ])('%s is %s', (error, cause) => {
    expect(endOfError(error, 'wss://a.example/').cause).toBe(cause)
  })

  test('names the address', () => {
    expect(endOfError(new Error('refused'), 'wss://a.example/').text).toBe('wss://a.example/: refused')
  })

  test('has a text for an error that says nothing', () => {
    expect(endOfError(undefined, 'wss://a.example/').text).toBe('wss://a.example/: the connection failed')
  })
})
