import type { Message, SharedFile } from 'minimix-web'
import { domainPart } from './address.ts'

/** What a message says besides the address of its file. */
export function wordsBeside({ body, file }: Message): string {
  return file && body.endsWith(file.url) ? body.slice(0, -file.url.length).trim() : body
}

/** By its own word, or where it has none, by its name. */
export function isPicture({ mediaType, url }: SharedFile): boolean {
  return mediaType === undefined ? /\.(?:png|jpe?g|gif|webp|avif)(?:\?|$)/i.test(url) : mediaType.startsWith('image/')
}

/** Whoever serves a file sees who looks at it: only the own server may without being asked. */
export function isOfOwnServer({ url }: SharedFile, account: string): boolean {
  const { hostname } = new URL(url)
  const domain = domainPart(account)
  return hostname === domain || hostname.endsWith(`.${domain}`)
}

export function nameOf({ name, url }: SharedFile): string {
  if (name !== undefined) return name
  const last = new URL(url).pathname.split('/').at(-1) ?? ''
  try {
    return decodeURIComponent(last) || url
  } catch {
    return last
  }
}

/** Of a picture, so that its place is known before it is loaded. */
export async function sizeOf(file: Blob): Promise<{ readonly width?: number; readonly height?: number }> {
  if (!file.type.startsWith('image/')) return {}
  try {
    const bitmap = await createImageBitmap(file)
    const { width, height } = bitmap
    bitmap.close()
    return { width, height }
  } catch {
    return {} // it says that it is one
  }
}
