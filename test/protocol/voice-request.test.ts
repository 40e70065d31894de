import { describe, expect, test } from 'vitest'
import { answerVoiceRequest, readVoiceRequest, requestVoiceMessage } from '../../src/protocol/voice-request.ts'
import { stanza } from '../support/fakes/xml.ts'

const field = (name: string, value: string): string => `<field var='${name}'><value>${value}</value></field>`
const FORM_TYPE = `<field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/muc#request</value></field>`
const asked = (inside: string, type = 'form') =>
  readVoiceRequest(stanza(`<message from='r@m'><x xmlns='jabber:x:data' type='${type}'>${inside}</x></message>`))

test('a visitor asks the room for a role', () => {
  expect(requestVoiceMessage('r@m', '1')).toEqual(
    stanza(
      `<message to='r@m' id='1'><x xmlns='jabber:x:data' type='submit'>${FORM_TYPE}${field('muc#role', 'participant')}</x></message>`,
    ),
  )
})

describe('readVoiceRequest', () => {
  test('reads who asks for what', () => {
    const inside =
      FORM_TYPE + field('muc#role', 'participant') + field('muc#jid', 'bob@m/1') + field('muc#roomnick', 'bob')

    expect(asked(inside)).toEqual({ nick: 'bob', jid: 'bob@m/1', role: 'participant' })
  })

  test('needs no address, and takes the role of a participant for granted', () => {
    expect(asked(FORM_TYPE + field('muc#roomnick', 'bob'))).toEqual({ nick: 'bob', role: 'participant' })
  })

  test.each([
    ['a form of something else', field('FORM_TYPE', 'urn:other') + field('muc#roomnick', 'bob'), 'form'],
    ['a form that is an answer', FORM_TYPE + field('muc#roomnick', 'bob'), 'submit'],
    ['a form without a nick', FORM_TYPE, 'form'],
    ['a form of nothing', '', 'form'],
  ])('is nothing for %s', (_what, inside, type) => {
    expect(asked(inside, type)).toBeUndefined()
  })

  test('is nothing without a form', () => {
    expect(readVoiceRequest(stanza("<message from='r@m'/>"))).toBeUndefined()
  })
})

test.each([
  [true, 'true'],
  [false, 'false'],
])('a moderator decides: %s', (allow, written) => {
  const answer = answerVoiceRequest('r@m', '1', { nick: 'bob', jid: 'bob@m/1', role: 'participant' }, allow)

  expect(answer).toEqual(
    stanza(
      `<message to='r@m' id='1'><x xmlns='jabber:x:data' type='submit'>${FORM_TYPE}${field('muc#role', 'participant')}${field('muc#jid', 'bob@m/1')}${field('muc#roomnick', 'bob')}${field('muc#request_allow', written)}</x></message>`,
    ),
  )
})
