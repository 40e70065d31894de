import { describe, expect, test } from 'vitest'
import {
  ack,
  enableManagement,
  NS_SM,
  nextCount,
  readStreamWord,
  requestAck,
  resumeStream,
  stepsBetween,
} from '../../src/protocol/xep-0198-stream-management.ts'
import { SERVERS, trace } from '../support/fakes/traces.ts'
import { xml } from '../support/fakes/xml.ts'

const read = (name: string, attributes = '', inside = '') =>
  readStreamWord(xml(`<${name} xmlns='${NS_SM}' ${attributes}>${inside}</${name}>`))

describe('readStreamWord', () => {
  test.each([
    ['r', '', { is: 'request' }],
    ['a', "h='0'", { is: 'ack', h: 0 }],
    ['a', "h='4294967295'", { is: 'ack', h: 4_294_967_295 }],
    ['enabled', "id='s1' resume='true' max='600'", { is: 'enabled', id: 's1', maxMs: 600_000 }],
    ['enabled', "id='s1' resume='1'", { is: 'enabled', id: 's1', maxMs: undefined }],
    ['enabled', '', { is: 'enabled', id: undefined, maxMs: undefined }],
    ['resumed', "h='7' previd='s1'", { is: 'resumed', h: 7 }],
    ['failed', "h='7'", { is: 'failed', h: 7 }],
    ['failed', '', { is: 'failed', h: undefined }],
  ])('understands <%s %s/>', (name, attributes, word) => {
    expect(read(name, attributes)).toEqual(word)
  })

  test.each([
    ['without resume', "id='s1'"],
    ['where the server says no', "id='s1' resume='false'"],
    ['without an id', "resume='true'"],
    ['with an empty id', "id='' resume='true'"],
  ])('gives no id by which a session could go on %s', (_what, attributes) => {
    expect(read('enabled', attributes)).toMatchObject({ is: 'enabled', id: undefined })
  })

  test.each(['', '-1', '1.5', '4294967296', '99999999999', '0x10', ' 1', '1e3', 'Infinity'])(
    'makes nothing of an acknowledgement of %j stanzas',
    (h) => {
      expect(read('a', `h='${h}'`)).toBeUndefined()
      expect(read('resumed', `h='${h}'`)).toBeUndefined()
      expect(read('failed', `h='${h}'`)).toEqual({ is: 'failed', h: undefined })
    },
  )

  test.each(["<a xmlns='urn:xmpp:sm:2' h='1'/>", "<message xmlns='jabber:client'/>", `<ack xmlns='${NS_SM}' h='1'/>`])(
    'makes nothing of %s',
    (text) => {
      expect(readStreamWord(xml(text))).toBeUndefined()
    },
  )
})

test.each(SERVERS)('what %s says of a session that goes on is understood', (server) => {
  const words = trace(server, '50')
    .filter(({ direction, xml: text }) => direction === 'to client' && text.startsWith('<') && text.includes(NS_SM))
    .flatMap(({ xml: text }) => readStreamWord(xml(text)) ?? [])

  const kinds = new Set(words.map(({ is }) => is))
  expect([...kinds]).toEqual(expect.arrayContaining(['request', 'ack']))
  for (const word of words) if (word.is === 'resumed') expect(word.h).toBe(1)
})

test('what we say is what the XEP says', () => {
  expect([enableManagement(), resumeStream('s1', 7), requestAck(), ack(0)]).toEqual(
    ["enable resume='true'", "resume previd='s1' h='7'", 'r', "a h='0'"].map((words) =>
      xml(`<${words.replace(' ', ` xmlns='${NS_SM}' `)}/>`.replace('<r/>', `<r xmlns='${NS_SM}'/>`)),
    ),
  )
})

test.each([
  [0, 0, 0],
  [0, 5, 5],
  [4_294_967_295, 0, 1],
  [4_294_967_290, 4, 10],
  [5, 4, 4_294_967_295],
])('from %d to %d there are %d steps', (from, to, steps) => {
  expect(stepsBetween(from, to)).toBe(steps)
})

test('behind the highest count comes 0', () => {
  expect([nextCount(0), nextCount(4_294_967_294), nextCount(4_294_967_295)]).toEqual([1, 4_294_967_295, 0])
})
