import { describe, expect, test } from 'vitest'
import { readInlineBound } from '../../src/protocol/xep-0386-bind2.ts'
import { readSasl2, readSasl2Success } from '../../src/protocol/xep-0388-sasl2.ts'
import { readToken } from '../../src/protocol/xep-0484-fast.ts'
import { readTrace } from '../support/fakes/traces.ts'
import { xml } from '../support/fakes/xml.ts'

const said = (what: RegExp): ReturnType<typeof xml> =>
  xml(readTrace('prosody13', '01-connect-scram').find((frame) => what.test(frame.xml))?.xml ?? '')

describe('what Prosody 13 says', () => {
  test('before anybody has signed in, is its offer', () => {
    const { mechanisms, inline } = readSasl2(said(/^<stream:features.*urn:xmpp:sasl:2/)) ?? {}

    expect(mechanisms?.toSorted()).toEqual(['PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-256'])
    expect(inline).toEqual({
      resumes: true,
      features: ['urn:xmpp:carbons:2', 'urn:xmpp:csi:0', 'urn:xmpp:sm:3'],
      tokens: ['HT-SHA-256-NONE'],
    })
  })

  test('behind it, is no offer any more', () => {
    expect(readSasl2(said(/^<stream:features(?!.*urn:xmpp:sasl:2)/))).toBeUndefined()
  })

  test('with a success, is the session and the token', () => {
    const success = said(/^<success/)

    expect(readSasl2Success(success)).toMatchObject({ jid: expect.stringMatching(/^alice@localhost\/one~/) })
    expect(readInlineBound(success)).toMatchObject({
      is: 'bound',
      management: { is: 'enabled', id: expect.any(String) },
      carbons: false,
    })
    expect(readToken(success)).toEqual({
      secret: expect.stringMatching(/^secret-token:/),
      expiresMs: Date.parse('2026-12-13T05:36:03.582Z'),
    })
  })
})

test('a token without a secret is none, one without a date has none', () => {
  const token = (attrs: string): ReturnType<typeof xml> =>
    xml(`<success xmlns='urn:xmpp:sasl:2'><token xmlns='urn:xmpp:fast:0' ${attrs}/></success>`)

  expect(readToken(token(''))).toBeUndefined()
  expect(readToken(token("token=''"))).toBeUndefined()
  expect(readToken(token("token='t' expiry='some day'"))).toEqual({ secret: 't', expiresMs: undefined })
})

test('a binding that failed says why, whichever way it is written', () => {
  const condition = "<conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
  const failed = (inside: string): ReturnType<typeof xml> =>
    xml(`<success xmlns='urn:xmpp:sasl:2'><failed xmlns='urn:xmpp:bind:0'>${inside}</failed></success>`)

  expect(readInlineBound(failed(condition))).toEqual({ is: 'failed', condition: 'conflict' })
  expect(readInlineBound(failed(`<error type='cancel'>${condition}</error>`))).toEqual({
    is: 'failed',
    condition: 'conflict',
  })
  expect(readInlineBound(failed(''))).toEqual({ is: 'failed', condition: 'undefined-condition' })
})
