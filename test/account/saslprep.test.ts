import { expect, test } from 'vitest'
import { saslPrep } from '../../src/account/saslprep.ts'

test.each([
  // RFC 4013 section 3.
  ['I\u00adX', 'IX'],
  ['user', 'user'],
  ['USER', 'USER'],
  ['\u00aa', 'a'],
  ['\u2168', 'IX'],
  // Its tables.
  ['a\u00a0b\u3000c', 'a b c'],
  ['a\u200cb\u2060c\ufeff', 'abc'],
  ['\ufb01sh', 'fish'],
  ['e\u0301', '\u00e9'],
  ['\u212b', '\u00c5'],
  ['пароль', 'пароль'],
  ['パスワード', 'パスワード'],
  ['ﾊﾟｽ', 'パス'],
  // Unicode 3.2 did not have it: allowed in a query (section 2.5).
  ['🔑', '🔑'],
  ['', ''],
  [' a ', ' a '],
])('%j is prepared to %j', (text, prepared) => {
  expect(saslPrep(text)).toBe(prepared)
})

test.each([
  ['a control character', '\u0007'],
  ['a line break', 'a\nb'],
  ['a control character beyond ASCII', '\u0085'],
  ['private use', '\ue000'],
  ['private use beyond the first plane', '\u{f0000}'],
  ['no character', '\ufdd0'],
  ['no character at the end of a plane', '\u{1ffff}'],
  ['half of a pair', '\ud800'],
  ['the replacement character', '\ufffd'],
  ['an ideographic description', '\u2ff0'],
  ['a mark of direction', 'a\u200fb'],
  ['an embedding', 'a\u202ab'],
  ['a line separator', '\u2028'],
  ['a tag', '\u{e0041}'],
])('%s is prohibited', (_what, text) => {
  expect(saslPrep(text)).toBeUndefined()
})

test('what is prepared is prepared to itself', () => {
  for (const text of ['I\u00adX', '\ufb01sh', 'a\u00a0b', 'ﾊﾟｽ']) {
    const prepared = saslPrep(text) ?? ''
    expect(saslPrep(prepared)).toBe(prepared)
  }
})
