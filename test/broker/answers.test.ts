import { expect, test } from 'vitest'
import { resultOf } from '../../src/broker/answers.ts'
import { errorXml, stanza } from '../support/fakes/xml.ts'

test('a result is the answer itself', () => {
  const answer = stanza("<iq type='result' id='1'><query xmlns='u'/></iq>")

  expect(resultOf(answer, 'list of r@m')).toEqual({ result: answer })
})

test('no answer is a timeout, with what was asked', () => {
  expect(resultOf(undefined, 'list of r@m')).toEqual({
    error: { code: 'timeout', message: 'list of r@m: no answer', retry: true },
  })
})

test.each([
  ['forbidden', 'forbidden'],
  ['not-allowed', 'forbidden'],
  ['not-acceptable', 'not-acceptable'],
  ['registration-required', 'room-members-only'],
  ['gone', 'room-gone'],
  ['remote-server-not-found', 'room-unreachable'],
  ['remote-server-timeout', 'room-unreachable'],
  ['item-not-found', 'stanza-error'],
  ['constructor', 'stanza-error'],
])('the error %s is %s, with its condition and text', (condition, code) => {
  const answer = stanza(`<iq type='error' id='1'>${errorXml(condition, { text: 'no' })}</iq>`)

  expect(resultOf(answer, 'list of r@m')).toMatchObject({
    error: { code, condition, text: 'no', message: `list of r@m: ${condition} (no)` },
  })
})

test.each(["<iq type='error' id='1'/>", "<iq id='1'/>", "<iq type='get' id='1'/>"])(
  '%s is an error that says nothing',
  (text) => {
    expect(resultOf(stanza(text), 'x')).toMatchObject({
      error: { code: 'stanza-error', condition: 'undefined-condition' },
    })
  },
)
