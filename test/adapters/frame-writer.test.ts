import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readFrame } from '../../src/adapters/frame-reader.ts'
import { writeFrame } from '../../src/adapters/frame-writer.ts'
import { groupchatMessage } from '../../src/protocol/room-message.ts'
import { el, textEl, type XmlNode } from '../../src/protocol/xml.ts'
import { anyText } from '../support/fakes/any-text.ts'
import { stanza } from '../support/fakes/xml.ts'

const there = (node: XmlNode): XmlNode | undefined => readFrame(writeFrame(node))

describe('what is written is read again', () => {
  test.each([
    ["<presence to='r@m/n'><x xmlns='http://jabber.org/protocol/muc'><password>a&lt;b</password></x></presence>"],
    [
      "<message to='r@m' type='groupchat' xml:lang='en'><body>one &amp; two</body><body xml:lang='de'>eins</body></message>",
    ],
    ["<iq type='get' id='1'><query xmlns='urn:a'><c xmlns='jabber:client'/></query></iq>"],
    ["<message><constructor xmlns='urn:a'/><__proto__ xmlns='urn:a'/></message>"],
  ])('as in %s', (text) => {
    expect(there(stanza(text))).toEqual(stanza(text))
  })

  test.each(["' i='2", '"/><evil/>', '<', '>', '&amp;', '&', ']]>', '\t', 'é😀', '__proto__'])(
    'with the attribute %j',
    (value) => {
      expect(there(el('urn:a', 'n', { i: value }))).toEqual(el('urn:a', 'n', { i: value }))
    },
  )

  test.each(['</body><body>', '<![CDATA[', ']]>', '&lt;', '\n\n', '  ', '<!-- -->', '\u{10ffff}', '\u007f'])(
    'with the text %j',
    (text) => {
      expect(there(groupchatMessage('r@m', '1', text))).toEqual(groupchatMessage('r@m', '1', text))
    },
  )

  test('whatever tree it is', () => {
    const word = fc.constantFrom('a', 'body', 'constructor', '__proto__', 'toString', 'x-y')
    const ns = fc.constantFrom('urn:a', 'jabber:client', 'http://b.example/?c=1&d=2', '')
    // What XML can hold; the carriage return is normalised away by other readers than ours.
    const text = anyText({ minLength: 1 }).filter((t) => [...t].every(isChar))
    const attrs = fc.dictionary(fc.constantFrom('id', 'to', 'constructor', 'xml:lang'), text)
    const { tree } = fc.letrec<{ tree: XmlNode }>((tie) => ({
      tree: fc.record({
        name: word,
        ns,
        attrs: attrs.map((found) => ({ ...found })),
        // No two texts side by side: XML cannot say where one ends.
        children: fc.oneof(
          { depthSize: 'small', withCrossShrink: true },
          fc.constant([]),
          text.map((only) => [only]),
          fc.tuple(text, tie('tree')).map(([before, inner]) => [before, inner]),
          fc.array(tie('tree'), { maxLength: 3 }),
        ),
      }),
    }))

    fc.assert(
      fc.property(tree, (node) => {
        expect(there(node)).toEqual(node)
      }),
    )
  })
})

/** XML 1.0, section 2.2. */
const isChar = (character: string): boolean => {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd
  return (code < 0xd800 || code > 0xdfff) && code !== 0xfffe && code !== 0xffff
}

describe('what XML cannot hold', () => {
  test.each([
    ['a null', 'a\u0000b'],
    ['a bell', 'a\u0007b'],
    ['a vertical tab', 'a\u000bb'],
    ['an escape', 'a\u001bb'],
    ['the first half of a surrogate pair', 'a\ud83db'],
    ['the second half of a surrogate pair', 'a\ude00b'],
    ['no character at all', 'a\ufffeb'],
    ['no character at all either', 'a\uffffb'],
  ])('%s is replaced in text and attributes', (_what, text) => {
    const node = el('urn:a', 'n', { i: text }, textEl('urn:a', 'b', text))

    expect(there(node)).toEqual(el('urn:a', 'n', { i: 'a\ufffdb' }, textEl('urn:a', 'b', 'a\ufffdb')))
  })

  test('two halves in the wrong order are two replacements', () => {
    expect(there(groupchatMessage('r@m', '1', '\ude00\ud83d'))).toEqual(groupchatMessage('r@m', '1', '\ufffd\ufffd'))
  })

  test('a whole pair stays', () => {
    expect(there(groupchatMessage('r@m', '1', '😀'))).toEqual(groupchatMessage('r@m', '1', '😀'))
  })

  test('no text whatever breaks the frame', () => {
    fc.assert(
      fc.property(anyText(), fc.integer({ min: 0, max: 0xffff }), (text, unit) => {
        const body = text + String.fromCharCode(unit)
        expect(there(groupchatMessage('r@m', '1', body))?.name).toBe('message')
      }),
    )
  })
})

test('only where the namespace changes it is written', () => {
  const written = writeFrame(groupchatMessage('r@m', '1', 'hi'))

  expect(written).toBe(
    '<message xmlns="jabber:client" to="r@m" id="1" type="groupchat"><body>hi</body><origin-id xmlns="urn:xmpp:sid:0" id="1"/></message>',
  )
})
