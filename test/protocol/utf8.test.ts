import fc from 'fast-check'
import { expect, test } from 'vitest'
import { utf8Length } from '../../src/protocol/utf8.ts'

test.each([
  ['', 0],
  ['a', 1],
  ['\u007f\u0080', 3],
  ['é', 2],
  ['\u07ff\u0800', 5],
  ['€', 3],
  ['😀', 4],
  ['a😀é', 7],
])('%j has %d bytes', (text, bytes) => {
  expect(utf8Length(text)).toBe(bytes)
})

test('an unpaired surrogate counts as the replacement character that is sent for it', () => {
  const units = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 12 })

  fc.assert(
    fc.property(units, (codes) => {
      const text = String.fromCharCode(...codes)
      expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length)
    }),
  )
})
