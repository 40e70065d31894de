import { expect, test } from 'vitest'
import { imageType } from '../../src/account/image-type.ts'

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0))

test.each([
  ['\x89PNG\r\n\x1a\n....', 'image/png'],
  ['\xff\xd8\xff\xe0....', 'image/jpeg'],
  ['GIF89a......', 'image/gif'],
  ['GIF87a', 'image/gif'],
  ['RIFF\x00\x01\x02\x03WEBPVP8 ', 'image/webp'],
  ['RIFF\x00\x01\x02\x03WAVEfmt ', undefined],
  ['<svg xmlns="http://www.w3.org/2000/svg"/>', undefined],
  [' \x89PNG\r\n\x1a\n', undefined],
  ['\x89PNG', undefined],
  ['', undefined],
])('what begins with %j is %s', (text, type) => {
  expect(imageType(bytes(text))).toBe(type)
})
