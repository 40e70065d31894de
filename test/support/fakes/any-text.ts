import fc from 'fast-check'

/**
 * Any text: code points of Unicode from all over, halves of surrogate pairs among them. (The library's own
 * `fc.string({ unit: 'binary' })` makes tables of all of them first, for seconds on a busy machine.)
 */
export function anyText(length: { readonly minLength?: number; readonly maxLength?: number } = {}) {
  return fc
    .array(fc.oneof(fc.nat(0x7f), fc.nat(0xffff), fc.nat(0x10_ffff)), length)
    .map((points) => String.fromCodePoint(...points))
}
