import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readFrame } from '../../src/adapters/frame-reader.ts'
import { elementsOf } from '../../src/protocol/xml.ts'
import { anyText } from '../support/fakes/any-text.ts'

const node = (name: string, ns: string, attrs: Record<string, string>, ...children: unknown[]) => ({
  name,
  ns,
  attrs,
  children,
})

describe('namespaces', () => {
  test('a default namespace holds for what is inside', () => {
    expect(readFrame("<a xmlns='urn:a' i='1'><b/></a>")).toEqual(node('a', 'urn:a', { i: '1' }, node('b', 'urn:a', {})))
  })

  test('an inner default namespace ends with its element', () => {
    const frame = "<a xmlns='urn:a'><b xmlns='urn:b'><c/></b><d/></a>"

    expect(readFrame(frame)).toEqual(
      node('a', 'urn:a', {}, node('b', 'urn:b', {}, node('c', 'urn:b', {})), node('d', 'urn:a', {})),
    )
  })

  test('a prefix stands for its namespace, and is no part of the name', () => {
    const frame = "<stream:features xmlns:stream='urn:s' xmlns='urn:a'><b/></stream:features>"

    expect(readFrame(frame)).toEqual(node('features', 'urn:s', { 'xmlns:stream': 'urn:s' }, node('b', 'urn:a', {})))
  })

  test('a prefix can be declared by the element that uses it, behind other attributes', () => {
    expect(readFrame("<p:a i='1' xmlns:p='urn:p'/>")).toEqual(node('a', 'urn:p', { i: '1', 'xmlns:p': 'urn:p' }))
  })

  test('a prefix declared by a neighbour is not declared', () => {
    expect(readFrame("<a><b xmlns:p='urn:p'/><p:c/></a>")).toBeUndefined()
  })

  test('the prefix of an attribute stays with it', () => {
    expect(readFrame("<a xmlns='urn:a' xml:lang='en'/>")).toEqual(node('a', 'urn:a', { 'xml:lang': 'en' }))
  })

  test('without a default namespace there is none', () => {
    expect(readFrame('<a/>')).toEqual(node('a', '', {}))
  })

  test('the prefix xml needs no declaration', () => {
    expect(readFrame('<xml:a/>')).toEqual(node('a', 'http://www.w3.org/XML/1998/namespace', {}))
  })

  test('the prefix stream needs no declaration: Prosody 13 sends its stream errors without one', () => {
    const frame = "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"

    expect(readFrame(frame)).toEqual(
      node(
        'error',
        'http://etherx.jabber.org/streams',
        {},
        node('conflict', 'urn:ietf:params:xml:ns:xmpp-streams', {}),
      ),
    )
  })

  test('the prefix stream can be declared to be something else', () => {
    expect(readFrame("<stream:a xmlns:stream='urn:other'/>")?.ns).toBe('urn:other')
  })

  test.each([
    '<p:a/>',
    "<a xmlns='urn:a'><p:b/></a>",
    "<constructor:a xmlns='urn:a'/>",
    "<__proto__:a xmlns='urn:a'/>",
  ])('%s uses a prefix that nobody declared', (frame) => {
    expect(readFrame(frame)).toBeUndefined()
  })
})

describe('names of the language', () => {
  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('%s can be an element', (name) => {
    expect(readFrame(`<${name} xmlns='urn:a'><${name}/></${name}>`)).toEqual(
      node(name, 'urn:a', {}, node(name, 'urn:a', {})),
    )
  })

  test.each(['constructor', 'toString', 'hasOwnProperty'])('%s can be an attribute', (name) => {
    expect(readFrame(`<a ${name}='x'/>`)?.attrs).toEqual({ [name]: 'x' })
  })

  test('an attribute __proto__ changes nobody, and the others are read', () => {
    const read = readFrame("<a __proto__='x' id='1' __proto__:y='2'/>")

    expect(read?.attrs['id']).toBe('1')
    expect(Object.getPrototypeOf(read?.attrs)).toBe(Object.prototype)
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  test.each(['__proto__', 'constructor'])('a prefix %s is a prefix', (prefix) => {
    expect(readFrame(`<${prefix}:a xmlns:${prefix}='urn:p'/>`)?.ns).toBe('urn:p')
  })
})

describe('text', () => {
  test.each([
    ['&lt;&gt;&amp;&quot;&apos;', '<>&"\''],
    ['&#65;&#x42;&#x1F600;', 'AB😀'],
    ['  spaces  ', '  spaces  '],
    ['line\nbreak', 'line\nbreak'],
    ['<![CDATA[<b/>&amp;]]>', '<b/>&amp;'],
    ['&amp;lt;', '&lt;'],
  ])('%j is %j', (written, text) => {
    expect(readFrame(`<a>${written}</a>`)?.children).toEqual([text])
  })

  test('goes on behind a CDATA section', () => {
    const children = readFrame('<a>one<![CDATA[ <two> ]]>three</a>')?.children

    expect(children?.join('')).toBe('one <two> three')
  })

  test('keeps its place among elements', () => {
    expect(readFrame('<a>one<b/>two</a>')?.children).toEqual(['one', node('b', '', {}), 'two'])
  })

  test.each([
    [`<a i='&lt;&apos;"'/>`, `<'"`],
    [`<a i="it's"/>`, "it's"],
    ["<a i=''/>", ''],
    ["<a\n i = 'x'\n/>", 'x'],
    ["<a i='a=b/c>d'/>", 'a=b/c>d'],
  ])('the attribute of %s is %j', (frame, value) => {
    expect(readFrame(frame)?.attrs['i']).toBe(value)
  })
})

describe('a frame that is not exactly one well-formed element', () => {
  test.each([
    ['nothing', ''],
    ['only spaces', '  \n'],
    ['only text', 'hello'],
    ['text before the element', 'x<a/>'],
    ['text behind the element', '<a/>x'],
    ['two elements', '<a/><b/>'],
    ['a second element that is not complete', '<a/><b'],
    ['an end without a beginning', '</a>'],
    ['one end too many', '<a/></a>'],
    ['a beginning without an end', '<a>'],
    ['an inner element without an end', '<a><b></a>'],
    ['elements that overlap', '<a><b></a></b>'],
    ['an end of another case', '<a></A>'],
    ['an end with another prefix for the same namespace', "<p:a xmlns:p='u' xmlns:q='u'></q:a>"],
    ['a tag that is not complete', '<a'],
    ['an attribute without a value', '<a b/>'],
    ['an attribute without quotation marks', '<a b=1/>'],
    ['an inner attribute without quotation marks', '<a><b c=1/></a>'],
    ['an attribute without its second quotation mark', "<a b='1/>"],
    ['an entity that XML does not define', '<a>&nbsp;</a>'],
    ['an entity in an attribute that XML does not define', "<a b='&eacute;'/>"],
    ['an entity named after the language', '<a>&constructor;</a>'],
    ['a character that XML does not know', '<a>&#0;</a>'],
    ['half of a surrogate pair as a number', '<a>&#xD83D;</a>'],
    ['a number that is none', '<a>&#x;</a>'],
    ['a declared entity', "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"],
    ['a declared entity that is not used', "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"],
    ['a document type', '<!DOCTYPE a><a/>'],
    ['a document type with two brackets, which the parser takes for a comment', '<!DOCTYPE a [[]]><a/>'],
    ['a comment before the element', '<!-- x --><a/>'],
    ['a comment in it', '<a><!-- x --></a>'],
    ['a comment behind it', '<a/><!-- x -->'],
    ['a processing instruction', '<?php x ?><a/>'],
    ['a processing instruction in it', '<a><?php x ?></a>'],
    ['an XML declaration that is not at the beginning', "<a><?xml version='1.0'?></a>"],
    ['a CDATA section that never ends', '<a><![CDATA[x</a>'],
  ])('%s is nothing', (_what, frame) => {
    expect(readFrame(frame)).toBeUndefined()
  })
})

describe('what is not well-formed, and no server writes, but the parser lets pass', () => {
  test.each([
    ['of the same attribute twice the last counts', "<a b='1' b='2'/>", node('a', '', { b: '2' })],
    ['an ampersand may stand for itself', '<a>Fish & chips</a>', node('a', '', {}, 'Fish & chips')],
    ['a tag behind the element that never ends is not seen', '<a/><b c=1/>', node('a', '', {})],
    [
      'an attribute without quotation marks lasts until there are some',
      "<a><b c=1>text</b><d e='2'/></a>",
      node('a', '', {}, node('b', '', { c: '2' })),
    ],
  ])('%s', (_what, frame, read) => {
    expect(readFrame(frame)).toEqual(read)
  })
})

test('an XML declaration is allowed, if needless (RFC 7395 section 3.3.3)', () => {
  expect(readFrame("<?xml version='1.0' encoding='UTF-8'?><a/>")).toEqual(node('a', '', {}))
})

test('what looks like a comment in a CDATA section is text', () => {
  expect(readFrame('<a><![CDATA[<!-- x --><?y ?>]]></a>')?.children.join('')).toBe('<!-- x --><?y ?>')
})

describe('depth', () => {
  const nested = (depth: number): string => '<a>'.repeat(depth) + '</a>'.repeat(depth)
  const depthOf = (read: ReturnType<typeof readFrame>): number =>
    read === undefined ? 0 : 1 + Math.max(0, ...elementsOf(read).map(depthOf))

  test('64 elements inside of each other are read', () => {
    expect(readFrame(nested(64))).toBeDefined()
  })

  test.each([65, 300_000])('of %d elements inside of each other the outer 64 are, and what is beside them', (depth) => {
    const read = readFrame(`<a>${nested(depth)}<b/></a>`)

    expect(depthOf(read)).toBe(64)
    expect(read?.children).toEqual([expect.anything(), node('b', '', {})])
  })

  test('what is too deep is no frame where it is not well-formed', () => {
    expect(readFrame(`<a>${nested(64)}</a>`)).toBeDefined()
    expect(readFrame(`<a>${'<a>'.repeat(70)}</b>${'</a>'.repeat(70)}`)).toBeUndefined()
  })

  test('many elements beside each other are', () => {
    expect(readFrame(`<a>${'<b/>'.repeat(10_000)}</a>`)?.children).toHaveLength(10_000)
  })
})

test('a broken frame leaves nothing behind for the next', () => {
  readFrame("<a xmlns:p='urn:p' b='")

  expect(readFrame('<a><b/></a>')).toEqual(node('a', '', {}, node('b', '', {})))
  expect(readFrame('<p:a/>')).toBeUndefined()
})

test('no text whatever makes it throw', () => {
  const piece = fc.constantFrom(
    '<a',
    '>',
    '</a>',
    '/>',
    "'",
    '"',
    '=',
    ' ',
    '&',
    ';',
    '&#',
    '<![CDATA[',
    ']]>',
    '<!--',
    '?>',
    'x',
  )

  fc.assert(
    fc.property(
      fc.oneof(
        anyText(),
        fc.array(piece).map((pieces) => pieces.join('')),
      ),
      (text) => {
        expect(() => readFrame(text)).not.toThrow()
      },
    ),
  )
})

test('what is read is plain data', () => {
  const read = readFrame("<a xmlns='urn:a' i='1'>t<b/></a>")

  expect(structuredClone(read)).toEqual(read)
})

test.each([
  '<a/><b c=1>',
  '<a></a><b c=1>',
  '<a/><!-- begun >',
  '<a></a><!-- begun >',
  '<a/><?begun >',
  '<a><b></a>',
  '<a>&nope;</a>',
  '<a><b c=1></a>',
  '<a/> \n',
  '<a/></b>',
])('whatever %s was, the next frame is read as if it were the first', (before) => {
  const next = `<message xmlns='jabber:client'><body>good</body></message>`
  const alone = readFrame(next)
  readFrame(before)

  expect(readFrame(next)).toEqual(alone)
})
