import { describe, expect, test } from 'vitest'
import { quoteOf, readSaid, sayWords } from '../../src/protocol/said.ts'
import { NS_CLIENT } from '../../src/protocol/stanza.ts'
import { childText, el } from '../../src/protocol/xml.ts'
import { stanza } from '../support/fakes/xml.ts'

const reply = "<reply xmlns='urn:xmpp:reply:0' id='a1' to='garden@rooms.example/romeo'/>"
const fallback = (range: string, of = 'urn:xmpp:reply:0'): string =>
  `<fallback xmlns='urn:xmpp:fallback:0' for='${of}'>${range}</fallback>`
const mark = (uri: string, at = ''): string =>
  `<reference xmlns='urn:xmpp:reference:0' type='mention' ${at} uri='${uri}'/>`
const read = (body: string, inside: string) => readSaid(stanza(`<message><body/>${inside}</message>`), body)

describe('an answer', () => {
  test('is shown without what stands in for it, counted in code points', () => {
    expect(read('> 😀\nwell', reply + fallback("<body start='0' end='4'/>"))).toEqual({
      body: 'well',
      said: { replyTo: 'a1' },
    })
  })

  test.each([
    ['no range', fallback('')],
    ['all of it', fallback("<body start='0' end='8'/>")],
    ['more than there is', fallback("<body start='0' end='99'/>")],
    ['a range that is none', fallback("<body start='4' end='1'/>")],
    ['numbers that are none', fallback("<body start='x' end='-1'/>")],
    ['a range for something else', fallback("<body start='0' end='4'/>", 'urn:xmpp:other')],
  ])('with %s is shown as it is', (_what, inside) => {
    expect(read('> a\nwell', reply + inside)).toEqual({ body: '> a\nwell', said: { replyTo: 'a1' } })
  })

  test('is none without an id, and what it would stand in for is not cut', () => {
    const inside = `<reply xmlns='urn:xmpp:reply:0' to='x'/>${fallback("<body start='0' end='4'/>")}`

    expect(read('> a\nwell', inside)).toEqual({ body: '> a\nwell', said: {} })
  })
})

describe('a mark of a name', () => {
  test('says whom, and where in the text', () => {
    const marks =
      mark('xmpp:garden@rooms.example/lady%20j', "begin='2' end='8'") + mark('xmpp:romeo@montague.example?message')

    expect(read('o lady j', marks).said?.mentions).toEqual([
      { jid: 'garden@rooms.example/lady j', begin: 2, end: 8 },
      { jid: 'romeo@montague.example' },
    ])
  })

  test('moves with the text when what stands in for an answer is cut', () => {
    const inside =
      reply +
      fallback("<body start='0' end='4'/>") +
      mark('xmpp:a@b', "begin='4' end='6'") +
      mark('xmpp:c@d', "begin='2' end='3'")

    expect(read('> a\nwell', inside).said?.mentions).toEqual([{ jid: 'a@b', begin: 0, end: 2 }, { jid: 'c@d' }])
  })

  test.each([['https://x.example'], ['xmpp:'], ['xmpp:%'], ['xmpp:@'], ['xmpp:a@b/%00']])('of %s is none', (uri) => {
    expect(read('x', mark(uri)).said).toEqual({})
  })

  test.each([["begin='3' end='3'"], ["begin='-1' end='3'"], ["begin='x' end='3'"], ["begin='1'"]])(
    'at %s is nowhere',
    (at) => {
      expect(read('x', mark('xmpp:a@b', at)).said?.mentions).toEqual([{ jid: 'a@b' }])
    },
  )

  test('is read fifty times a message at most', () => {
    expect(read('x', mark('xmpp:a@b').repeat(60)).said?.mentions).toHaveLength(50)
  })
})

test('spoilers, with and without a hint, and calls for attention are read', () => {
  expect(read('x', "<spoiler xmlns='urn:xmpp:spoiler:0'>the end</spoiler>").said).toEqual({ spoiler: 'the end' })
  expect(read('x', "<spoiler xmlns='urn:xmpp:spoiler:0'/><attention xmlns='urn:xmpp:attention:0'/>").said).toEqual({
    spoiler: '',
    attention: true,
  })
})

describe('a sticker', () => {
  const shared = (target: string): string =>
    `<file-sharing xmlns='urn:xmpp:sfs:0'><file xmlns='urn:xmpp:file:metadata:0'><media-type>image/png</media-type><desc>a cat</desc></file><sources><url-data xmlns='http://jabber.org/protocol/url-data' target='${target}'/></sources></file-sharing>`

  test('is what its message says of it', () => {
    const inside = `<sticker xmlns='urn:xmpp:stickers:0' pack='cats'/>${shared('https://x.example/cat.png')}`

    expect(read('😺', inside).said).toEqual({
      sticker: { pack: 'cats', url: 'https://x.example/cat.png', mediaType: 'image/png', description: 'a cat' },
    })
  })

  test('has no address of a kind that a page must not open, and may say nothing at all', () => {
    const inside = "<sticker xmlns='urn:xmpp:stickers:0'/>"

    expect(read('x', inside + shared('javascript:alert(1)')).said?.sticker).not.toHaveProperty('url')
    expect(read('x', inside).said).toEqual({ sticker: {} })
  })
})

test('a message without any of it is left alone', () => {
  expect(read('> a', "<origin-id xmlns='urn:xmpp:sid:0' id='i'/>")).toEqual({ body: '> a' })
})

test('what is said is read as it was said', () => {
  const mentions = [{ jid: 'garden@rooms.example/lady j?#%', begin: 2, end: 6 }, { jid: 'a@b.example' }]
  const words = { body: '😀 lady', spoiler: '', attention: true as const, mentions }
  const node = el(
    NS_CLIENT,
    'message',
    {},
    ...sayWords({ ...words, reply: { id: 'a1', to: 'r@m/x', quote: '> x:\n' } }),
  )

  const { body, ...said } = words
  expect(childText(node, NS_CLIENT, 'body')).toBe(`> x:\n${body}`)
  expect(readSaid(node, `> x:\n${body}`)).toEqual({ body, said: { ...said, replyTo: 'a1' } })
})

test('a quotation marks every line, and ends where it is enough', () => {
  expect(quoteOf('romeo', 'a\nb')).toBe('> romeo:\n> a\n> b\n')
  expect(quoteOf('romeo', '')).toBe('> romeo:\n')
  expect(quoteOf('romeo', '😀'.repeat(400))).toBe(`> romeo:\n> ${'😀'.repeat(300)}…\n`)
})
