import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bareOf, domainOf, normalResource, parseJid, resourceOf } from '../../src/protocol/jid.ts'
import { anyText } from '../support/fakes/any-text.ts'

describe('parseJid', () => {
  test.each([
    ['juliet@capulet.example', 'juliet@capulet.example'],
    ['Juliet@Capulet.Example/Balcony', 'juliet@capulet.example/Balcony'],
    ['capulet.example', 'capulet.example'],
    ['capulet.example/x', 'capulet.example/x'],
    ['juliet@capulet.example.', 'juliet@capulet.example'],
    ['ＪＵＬＩＥＴ@capulet.example', 'juliet@capulet.example'],
    ['Ünïcode@bücher.example', 'ünïcode@bücher.example'],
    ['a@b/one/two@three', 'a@b/one/two@three'],
    ['a@b/e\u0301', 'a@b/\u00e9'],
    ['a@b/non\u00a0breaking', 'a@b/non breaking'],
    ['a@[::1]', 'a@[::1]'],
    ['constructor@__proto__/toString', 'constructor@__proto__/toString'],
  ])('reads %j as %j', (text, full) => {
    expect(parseJid(text)?.full).toBe(full)
  })

  test('takes an address apart', () => {
    expect(parseJid('Juliet@Capulet.Example/Balcony')).toEqual({
      local: 'juliet',
      domain: 'capulet.example',
      resource: 'Balcony',
      bare: 'juliet@capulet.example',
      full: 'juliet@capulet.example/Balcony',
    })
  })

  test.each([
    ['nothing', ''],
    ['no domain', 'juliet@'],
    ['no localpart before the @', '@capulet.example'],
    ['no domain before the resource', '/balcony'],
    ['only a dot', 'juliet@.'],
    ['an empty label in the domain', 'juliet@capulet..example'],
    ['two dots at the end', 'juliet@capulet..'],
    ['an empty resource', 'a@b/'],
    ['a resource of spaces', 'a@b/ \u00a0'],
    ['two @', 'a@b@c'],
    ['a space in the localpart', 'a b@c'],
    ['a space in the domain', 'a@b c'],
    ['a quotation mark', 'a"b@c'],
    ['an apostrophe', "a'b@c"],
    ['an ampersand', 'a&b@c'],
    ['a colon in the localpart', 'a:b@c'],
    ['an angle bracket', 'a@b<c'],
    ['a character that is written as a slash', '℀@b'],
    ['a control character in the localpart', 'a\u0007b@c'],
    ['a control character in the resource', 'a@b/c\u0000d'],
    ['a line break in the resource', 'a@b/c\nd'],
    ['half of a surrogate pair', 'a@b/\ud83d'],
    ['half of a surrogate pair in the domain', 'a@b\udc00'],
  ])('gives nothing for %s', (_what, text) => {
    expect(parseJid(text)).toBeUndefined()
  })

  test('allows 1,023 bytes a part and no more', () => {
    expect(parseJid(`${'a'.repeat(1023)}@b`)).toBeDefined()
    expect(parseJid(`${'a'.repeat(1024)}@b`)).toBeUndefined()
    expect(parseJid(`a@b/${'x'.repeat(1023)}`)).toBeDefined()
    expect(parseJid(`a@b/${'x'.repeat(1024)}`)).toBeUndefined()
  })

  test('counts bytes, not characters', () => {
    expect(parseJid(`a@b/${'é'.repeat(511)}`)).toBeDefined()
    expect(parseJid(`a@b/${'é'.repeat(512)}`)).toBeUndefined()
  })

  test('what it has read, it reads again unchanged', () => {
    fc.assert(
      fc.property(anyText({ maxLength: 40 }), (text) => {
        const once = parseJid(text)
        if (once) expect(parseJid(once.full)).toEqual(once)
      }),
    )
  })
})

describe('normalResource', () => {
  test.each([
    ['Juliet', 'Juliet'],
    ['  spaces stay  ', '  spaces stay  '],
    ['a/b', 'a/b'],
    ['__proto__', '__proto__'],
    ['👍🏽', '👍🏽'],
  ])('of %j is %j', (nick, expected) => {
    expect(normalResource(nick)).toBe(expected)
  })

  test.each([[''], [' '], ['\u3000\u2003'], ['\u0085'], ['a\tb'], ['\ud800'], ['é'.repeat(512)]])(
    'refuses %j',
    (nick) => {
      expect(normalResource(nick)).toBeUndefined()
    },
  )
})

test.each([
  ['r@m/nick', 'r@m', 'nick', 'm'],
  ['r@m', 'r@m', undefined, 'm'],
  ['m', 'm', undefined, 'm'],
  ['m/x', 'm', 'x', 'm'],
  ['r@m/a/b@c', 'r@m', 'a/b@c', 'm'],
  ['r@m/', 'r@m', undefined, 'm'],
  ['', '', undefined, ''],
  ['@/x', '@', 'x', ''],
  ['r@m/__proto__', 'r@m', '__proto__', 'm'],
])('%j from the network is bare %j, resource %j, domain %j', (address, bare, resource, domain) => {
  expect([bareOf(address), resourceOf(address), domainOf(address)]).toEqual([bare, resource, domain])
})
