import { describe, expect, test } from 'vitest'
import { archiveQuery, NS_MAM, readArchiveFin, readArchiveResult } from '../../src/protocol/xep-0313-mam.ts'
import { SERVERS, trace } from '../support/fakes/traces.ts'
import { stanza, writeXml, xml } from '../support/fakes/xml.ts'

const RSM = 'http://jabber.org/protocol/rsm'

describe('archiveQuery', () => {
  test.each([
    [{ max: 5 }, '', '<max>5</max>'],
    [{ max: 5, after: 'a1' }, '', '<max>5</max><after>a1</after>'],
    [{ max: 5, before: '' }, '', '<max>5</max><before/>'],
    [
      { max: 5, startMs: Date.UTC(2026, 10, 22) },
      "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'><value>urn:xmpp:mam:2</value></field><field var='start'><value>2026-11-22T00:00:00.000Z</value></field></x>",
      '<max>5</max>',
    ],
    [
      { max: 5, with: 'romeo@m' },
      "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'><value>urn:xmpp:mam:2</value></field><field var='with'><value>romeo@m</value></field></x>",
      '<max>5</max>',
    ],
  ])('%j', (wish, form, page) => {
    const [query] = archiveQuery('r@m', 'i1', 'q1', wish).children
    const expected = xml(`<query xmlns='${NS_MAM}' queryid='q1'>${form}<set xmlns='${RSM}'>${page}</set></query>`)

    expect(typeof query === 'object' && xml(writeXml(query))).toEqual(expected)
  })

  test('goes to the room, as a request that has an answer', () => {
    expect(archiveQuery('r@m', 'i1', 'q1', { max: 5 }).attrs).toEqual({ to: 'r@m', id: 'i1', type: 'set' })
  })
})

describe('readArchiveResult', () => {
  const MESSAGE = "<message xmlns='jabber:client' from='r@m/romeo'/>"
  const result = (attributes: string, inside = `<forwarded xmlns='urn:xmpp:forward:0'>${MESSAGE}</forwarded>`) =>
    readArchiveResult(
      stanza(`<message from='r@m'><result xmlns='${NS_MAM}' ${attributes}>${inside}</result></message>`),
    )

  test('is a message under its id, for the query that asked for it', () => {
    expect(result("queryid='q1' id='a1'")).toEqual({
      queryId: 'q1',
      id: 'a1',
      message: xml(MESSAGE),
      stampMs: undefined,
    })
  })

  test.each([
    ['no query', "id='a1'", undefined],
    ['no id', "queryid='q1'", undefined],
    ['an empty id', "queryid='q1' id=''", undefined],
    ['nothing forwarded', "queryid='q1' id='a1'", ''],
  ])('is nothing with %s', (_what, attributes, inside) => {
    expect(result(attributes, inside)).toBeUndefined()
  })
})

describe('readArchiveFin', () => {
  const fin = (attributes: string, inside = '') =>
    readArchiveFin(
      stanza(`<iq type='result'><fin xmlns='${NS_MAM}' ${attributes}><set xmlns='${RSM}'>${inside}</set></fin></iq>`),
    )

  test.each([
    ["complete='true'", true],
    ["complete='1'", true],
    ["complete='false'", false],
    ['', false],
    ["complete='yes'", false],
  ])('of %j is complete: %s', (attributes, complete) => {
    expect(fin(attributes)?.complete).toBe(complete)
  })

  test('has the ends of the page', () => {
    expect(fin('', '<last>l</last><first>f</first>')).toEqual({ complete: false, first: 'f', last: 'l' })
  })

  test('is not there in another answer', () => {
    expect(readArchiveFin(stanza("<iq type='result'><fin xmlns='urn:xmpp:mam:1'/></iq>"))).toBeUndefined()
  })
})

describe.each(SERVERS)('the archive of a room of %s', (server) => {
  const frames = trace(server, '30').filter(({ xml: text }) => text.startsWith('<'))
  const queries = frames.filter(({ direction, xml: text }) => direction === 'to server' && text.includes('queryid='))
  const pages = queries.map(({ xml: text, who }) => {
    const asked = xml(text)
    const [query] = asked.children
    const queryId = typeof query === 'object' ? query.attrs['queryid'] : undefined
    const answers = frames
      .filter((frame) => frame.direction === 'to client' && frame.who === who)
      .map((each) => xml(each.xml))
    const answer = answers.find(({ name, attrs }) => name === 'iq' && attrs['id'] === asked.attrs['id'])
    const results = answers.flatMap((each) => readArchiveResult(each) ?? []).filter((each) => each.queryId === queryId)
    return { asked: text, answer, results }
  })

  test('gives pages whose ends are the first and the last of their messages', () => {
    const whole = pages.filter(({ results }) => results.length > 0)
    expect(whole.length).toBeGreaterThan(2)
    for (const { answer, results } of whole) {
      const fin = answer && readArchiveFin(answer)
      expect([fin?.first, fin?.last]).toEqual([results[0]?.id, results.at(-1)?.id])
    }
  })

  test('gives each message a time, and the messages in their order', () => {
    for (const { results } of pages) {
      const stamps = results.map(({ stampMs }) => stampMs)
      expect(stamps.every((stamp) => stamp !== undefined)).toBe(true)
      expect(stamps).toEqual(stamps.toSorted((a, b) => (a ?? 0) - (b ?? 0)))
    }
  })
})

// What `broker/archive.ts` must be ready for: none of them says the same where it has lost the message to begin behind.
test.each([
  ['prosody', 'an error'],
  ['prosody13', 'nothing, and that nothing follows'],
  ['ejabberd', 'the beginning of the archive'],
  ['ejabberd24', 'the beginning of the archive'],
] as const)('behind a message that it does not have %s gives %s', (server, what) => {
  const frames = trace(server, '30').filter(({ xml: text }) => text.startsWith('<'))
  const asked = frames.find(({ xml: text }) => text.includes('<after>no-such-id</after>'))
  const id = asked && xml(asked.xml).attrs['id']
  const answer = frames
    .map(({ xml: text }) => xml(text))
    .find(({ attrs }) => attrs['id'] === id && attrs['type'] !== 'set')
  const fin = answer && readArchiveFin(answer)

  const said =
    answer?.attrs['type'] === 'error'
      ? 'an error'
      : fin?.complete && fin.first === undefined
        ? 'nothing, and that nothing follows'
        : 'the beginning of the archive'
  expect(said).toBe(what)
})
