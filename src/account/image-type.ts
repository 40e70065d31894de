/** How the images begin that an avatar may be; of WebP there are four bytes between the two. */
const SIGNATURES: readonly (readonly [type: string, first: string, eighth?: string])[] = [
  ['image/png', '\x89PNG\r\n\x1a\n'],
  ['image/jpeg', '\xff\xd8\xff'],
  ['image/gif', 'GIF8'],
  ['image/webp', 'RIFF', 'WEBP'],
]

/** What an image is by its first bytes, whatever it is said to be; `undefined` for what no avatar may be. */
export function imageType(bytes: Uint8Array): string | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, 12))
  return SIGNATURES.find(([, first, eighth = '']) => head.startsWith(first) && head.startsWith(eighth, 8))?.[0]
}
