import { describe, expect, test } from 'vitest'
import { child, childrenOf, childText, el, elementsOf, textEl, textOf } from '../../src/protocol/xml.ts'
import { xml } from '../support/fakes/xml.ts'

describe('el', () => {
  test('leaves out attributes that are undefined and keeps empty ones', () => {
    expect(el('urn:a', 'n', { there: '', gone: undefined }).attrs).toEqual({ there: '' })
  })

  test('writes numbers as text, 0 too', () => {
    expect(el('urn:a', 'n', { maxstanzas: 0 }).attrs).toEqual({ maxstanzas: '0' })
  })

  test('leaves out children that are undefined or false and keeps empty texts', () => {
    expect(el('urn:a', 'n', {}, undefined, false, '', 'b').children).toEqual(['', 'b'])
  })

  test('gives plain data, which a message port copies unchanged', () => {
    const node = el('urn:a', 'n', { a: '1' }, 'text', el('urn:b', 'm'))

    expect(structuredClone(node)).toEqual(node)
  })
})

describe('textEl', () => {
  test('is undefined without a text', () => {
    expect(textEl('urn:a', 'n', undefined)).toBeUndefined()
  })

  test('is an element for an empty text', () => {
    expect(textEl('urn:a', 'n', '')).toEqual({ name: 'n', ns: 'urn:a', attrs: {}, children: [''] })
  })
})

const MIXED = xml(
  "<r xmlns='urn:a'>one<n i='1'/>two<n i='2' xmlns='urn:b'/><n i='3'>three</n><m/><constructor/><__proto__/></r>",
)

describe('child', () => {
  test('is the first of that namespace and name', () => {
    expect(child(MIXED, 'urn:a', 'n')?.attrs['i']).toBe('1')
  })

  test('does not take an element of another namespace', () => {
    expect(child(MIXED, 'urn:b', 'n')?.attrs['i']).toBe('2')
    expect(child(MIXED, 'urn:b', 'm')).toBeUndefined()
  })

  test.each(['constructor', '__proto__'])('finds an element named %s as any other', (name) => {
    expect(child(MIXED, 'urn:a', name)?.name).toBe(name)
  })

  test.each(['toString', 'hasOwnProperty'])('finds no element named %s where there is none', (name) => {
    expect(child(MIXED, 'urn:a', name)).toBeUndefined()
  })
})

test('childrenOf gives all of that namespace and name in their order', () => {
  expect(childrenOf(MIXED, 'urn:a', 'n').map(({ attrs }) => attrs['i'])).toEqual(['1', '3'])
})

test('elementsOf gives no text', () => {
  expect(elementsOf(MIXED).map(({ name }) => name)).toEqual(['n', 'n', 'n', 'm', 'constructor', '__proto__'])
})

describe('textOf', () => {
  test.each([
    ['<a/>', ''],
    ['<a>one</a>', 'one'],
    ['<a>one<b>not this</b>two</a>', 'onetwo'],
    ['<a><b>not this</b></a>', ''],
    ['<a>a &lt;b/&gt;</a>', 'a <b/>'],
  ])('of %s is %j', (text, expected) => {
    expect(textOf(xml(text))).toBe(expected)
  })
})

describe('childText', () => {
  test('is undefined where there is no such child', () => {
    expect(childText(MIXED, 'urn:a', 'absent')).toBeUndefined()
  })

  test('is empty where the child is', () => {
    expect(childText(MIXED, 'urn:a', 'm')).toBe('')
  })

  test('is that of the first such child', () => {
    expect(childText(xml('<r><n>1</n><n>2</n></r>'), '', 'n')).toBe('1')
  })
})
