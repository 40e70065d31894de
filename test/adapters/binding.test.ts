import { describe, expect, test } from 'vitest'
import { Binding, BindingRefused, isFeatures } from '../../src/adapters/binding.ts'
import type { XmlNode } from '../../src/protocol/xml.ts'
import { errorXml, stanza, xml } from '../support/fakes/xml.ts'

const NS_BIND = 'urn:ietf:params:xml:ns:xmpp-bind'
const NS_SM = 'urn:xmpp:sm:3'
const features = (inside: string): XmlNode =>
  xml(`<s:features xmlns:s='http://etherx.jabber.org/streams'>${inside}</s:features>`)
const BIND = `<bind xmlns='${NS_BIND}'/>`
const SM = `<sm xmlns='${NS_SM}'/>`
const JID = 'juliet@capulet.example/web-1'
const BOUND = stanza(`<iq type='result' id='bind'><bind xmlns='${NS_BIND}'><jid>${JID}</jid></bind></iq>`)
const sm = (words: string): XmlNode => xml(`<${words.replace(/^\w+/, `$& xmlns='${NS_SM}'`)}/>`)
const RESUME = { id: 's1', fullJid: 'juliet@capulet.example/before', taken: 7 }

/** Lets the server say this, one after the other. @returns what was written, and what came of it */
function talk(words: readonly XmlNode[], resume?: typeof RESUME) {
  const written: string[] = []
  const binding = new Binding(resume, 'web-1', ({ name, attrs }) => {
    const { previd, h } = attrs
    written.push(previd === undefined ? name : `${name} ${previd} ${h}`)
  })
  return { bounds: words.map((word) => binding.take(word)), written }
}

describe('a new session', () => {
  test('is bound under our resource', () => {
    const { bounds, written } = talk([features(BIND), BOUND])

    expect(written).toEqual(['iq'])
    expect(bounds).toEqual([undefined, { fullJid: JID, session: 'new', handled: undefined, managed: undefined }])
  })

  test('is there only when the server counts, where it can', () => {
    const { bounds, written } = talk([features(BIND + SM), BOUND, sm("enabled id='s2' resume='true'")])

    expect(written).toEqual(['iq', 'enable'])
    expect(bounds).toEqual([
      undefined,
      undefined,
      { fullJid: JID, session: 'new', handled: undefined, managed: { id: 's2' } },
    ])
  })

  test.each([
    ['counts, but cannot go on', sm('enabled'), { id: undefined }],
    ['does not want to count after all', sm('failed'), undefined],
  ])('is there though the server %s', (_what, answer, managed) => {
    expect(talk([features(BIND + SM), BOUND, answer]).bounds[2]).toMatchObject({ session: 'new', managed })
  })
})

describe('the session before', () => {
  test('goes on where the server still has it, and nothing is bound', () => {
    const { bounds, written } = talk([features(BIND + SM), sm("resumed previd='s1' h='3'")], RESUME)

    expect(written).toEqual(['resume s1 7'])
    expect(bounds[1]).toEqual({ fullJid: RESUME.fullJid, session: 'resumed', handled: 3, managed: { id: 's1' } })
  })

  test.each([
    ['and says what it had handled', "failed h='3'", 3],
    ['and says no more', 'failed', undefined],
  ])('is over where the server has not: a new one is bound (%s)', (_what, failed, handled) => {
    const words = [features(BIND + SM), sm(failed), BOUND, sm("enabled id='s2' resume='1'")]

    const { bounds, written } = talk(words, RESUME)

    expect(written).toEqual(['resume s1 7', 'iq', 'enable'])
    expect(bounds.at(-1)).toEqual({ fullJid: JID, session: 'new', handled, managed: { id: 's2' } })
  })

  test('is not asked for where the server cannot manage streams any more', () => {
    const { bounds, written } = talk([features(BIND), BOUND], RESUME)

    expect(written).toEqual(['iq'])
    expect(bounds[1]).toMatchObject({ session: 'new', managed: undefined })
  })
})

describe('a server that will not bind', () => {
  const refusal = (condition: string, type: string): XmlNode =>
    stanza(`<iq type='error' id='bind'>${errorXml(condition, { type })}</iq>`)

  test.each([
    ['resource-constraint', 'wait', true],
    ['not-allowed', 'cancel', false],
    ['bad-request', 'modify', false],
  ])('with %s (%s) gives no session; another try may get one: %s', (condition, type, passes) => {
    const trying = () => talk([features(BIND), refusal(condition, type)])

    expect(trying).toThrow(BindingRefused)
    expect(trying).toThrow(expect.objectContaining({ passes, message: expect.stringContaining(condition) }))
  })

  test.each([
    ['says no address', `<iq type='result' id='bind'><bind xmlns='${NS_BIND}'/></iq>`],
    ['says nothing', "<iq type='result' id='bind'/>"],
  ])('and %s gives no session', (_what, text) => {
    expect(() => talk([features(BIND), stanza(text)])).toThrow(BindingRefused)
  })
})

describe('words that are not the answer', () => {
  const OTHERS = [
    stanza('<message><body>early</body></message>'),
    stanza("<iq type='result' id='other'/>"),
    stanza(
      "<iq type='get' id='bind'/>".replace("'get'", "'get' from='mallory@example'").replace("id='bind'", "id='x'"),
    ),
    sm('r'),
    sm("a h='1'"),
    xml("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"),
  ]

  test('are passed over at every step of a new session', () => {
    const words = [...OTHERS, features(BIND + SM), ...OTHERS, BOUND, ...OTHERS, sm("enabled id='s2' resume='true'")]

    const { bounds, written } = talk(words)

    expect(written).toEqual(['iq', 'enable'])
    expect(bounds.filter((bound) => bound !== undefined)).toEqual([bounds.at(-1)])
  })

  test('are passed over while the session before is asked for', () => {
    const { bounds, written } = talk(
      [features(BIND + SM), ...OTHERS, sm("enabled id='x' resume='true'"), sm("resumed h='1'")],
      RESUME,
    )

    expect(written).toEqual(['resume s1 7'])
    expect(bounds.at(-1)).toMatchObject({ session: 'resumed', handled: 1 })
  })

  test('are not taken for the end of what was not asked for', () => {
    const { bounds } = talk([features(BIND + SM), sm("resumed h='1'"), BOUND, sm("resumed h='1'")])

    expect(bounds).toEqual([undefined, undefined, undefined, undefined])
  })
})

test.each([
  [features(BIND), true],
  [features("<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"), true],
  [features(''), true],
  [xml(`<features xmlns='x'>${BIND}</features>`), false],
  [xml("<s:error xmlns:s='http://etherx.jabber.org/streams'/>"), false],
])('features of a stream are known: %#', (node, are) => {
  expect(isFeatures(node)).toBe(are)
})

test('features without binding are those of a stream that is not signed in: nothing is asked for', () => {
  expect(talk([features(SM)]).written).toEqual([])
  expect(talk([features(SM), features(BIND)]).written).toEqual(['iq'])
})
