import { describe, expect, test } from 'vitest'
import { readSelfPing, selfPing } from '../../src/protocol/xep-0410-self-ping.ts'
import { SERVERS, trace } from '../support/fakes/traces.ts'
import { stanza, xml } from '../support/fakes/xml.ts'

const error = (condition: string) =>
  stanza(
    `<iq type='error' id='1'><error type='cancel'><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>`,
  )

test('we ask our own occupant', () => {
  expect(selfPing('r@m/juliet', '1')).toEqual(
    stanza("<iq type='get' to='r@m/juliet' id='1'><ping xmlns='urn:xmpp:ping'/></iq>"),
  )
})

describe('the answer', () => {
  test('result means that we are in', () => {
    expect(readSelfPing(stanza("<iq type='result' id='1'/>"))).toBe('in')
  })

  test('that never comes means nothing certain', () => {
    expect(readSelfPing(undefined)).toBe('unknown')
  })

  test.each([
    ['service-unavailable', 'in'],
    ['feature-not-implemented', 'in'],
    ['item-not-found', 'in'],
    ['remote-server-not-found', 'unknown'],
    ['remote-server-timeout', 'unknown'],
    ['not-acceptable', 'out'],
    ['not-allowed', 'out'],
    ['bad-request', 'out'],
    ['undefined-condition', 'out'],
    ['constructor', 'out'],
  ])('%s means that we are %s', (condition, where) => {
    expect(readSelfPing(error(condition))).toBe(where)
  })

  test('that is an error without a word means that we are out', () => {
    expect(readSelfPing(stanza("<iq type='error' id='1'/>"))).toBe('out')
  })
})

test.each(SERVERS)('on %s, in while we are and out when we have left', (server) => {
  const frames = trace(server, '32').filter(({ who }) => who === 'bob/one')
  const asked = frames
    .filter(({ direction }) => direction === 'to server')
    .map((frame) => xml(frame.xml))
    .filter(
      ({ name, attrs }) => name === 'iq' && attrs['to']?.endsWith('/bob') && attrs['to'].includes('@muc.localhost'),
    )
  const answers = new Map(
    frames
      .filter(({ direction }) => direction === 'to client')
      .map((frame) => xml(frame.xml))
      .filter(({ name }) => name === 'iq')
      .map((node) => [node.attrs['id'], node]),
  )

  const [first, second] = asked.map(({ attrs }) => readSelfPing(answers.get(attrs['id'])))

  expect([first, second]).toEqual(['in', 'out'])
})

test.each(SERVERS)('on %s, in for the one session of ours that is, and out for the other', (server) => {
  const found = trace(server, '33')
    .filter(({ direction }) => direction === 'to client')
    .map((frame) => [frame.who, xml(frame.xml)] as const)
    .filter(([, { name, attrs }]) => name === 'iq' && attrs['id']?.startsWith('sp'))
    .map(([who, node]) => [who, readSelfPing(node)])

  expect(found).toEqual([
    ['bob/one', 'in'],
    ['bob/one', 'in'],
    ['bob/two', 'out'],
  ])
})
