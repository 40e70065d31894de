// XEP-0447: Stateless File Sharing, version 0.3.0; XEP-0446: File Metadata Element, version 0.2.0; XEP-0300: Use of
// Cryptographic Hash Functions, version 1.0.0; XEP-0103: URL Address Information, version 0.9.0; XEP-0066: Out of Band
// Data, version 1.5
// https://xmpp.org/extensions/xep-0447.html
import { child, childrenOf, childText, el, textEl, textOf, type XmlNode } from './xml.ts'

const NS_SHARING = 'urn:xmpp:sfs:0'
const NS_FILE = 'urn:xmpp:file:metadata:0'
const NS_HASHES = 'urn:xmpp:hashes:2'
const NS_URL = 'http://jabber.org/protocol/url-data'
const NS_OOB = 'jabber:x:oob'

/** A file that a message is about. All but the address is the word of its sender. */
export interface SharedFile {
  /** `https:` or `http:`. */
  readonly url: string
  /** Without any folders. */
  readonly name?: string
  readonly mediaType?: string
  /** Bytes. */
  readonly size?: number
  /** In base64. */
  readonly sha256?: string
  /** Pixels. */
  readonly width?: number
  readonly height?: number
}

/** The file that a message is about: as it says itself, or as an address beside its text. */
export function readSharedFile(message: XmlNode): SharedFile | undefined {
  const sharing = child(message, NS_SHARING, 'file-sharing')
  const sources = sharing && child(sharing, NS_SHARING, 'sources')
  const targets = sources ? childrenOf(sources, NS_URL, 'url-data').map(({ attrs }) => attrs['target']) : []
  const url = targets.find(isWebUrl)
  const file = sharing && child(sharing, NS_FILE, 'file')
  if (url !== undefined && file) return { url, ...readMetadata(file) }
  const oob = child(message, NS_OOB, 'x')
  const beside = oob && childText(oob, NS_OOB, 'url')?.trim()
  return isWebUrl(beside) ? { url: beside } : undefined
}

const isWebUrl = (url: string | undefined): url is string => url !== undefined && /^https?:\/\/[^\s/?#]\S*$/i.test(url)

function readMetadata(file: XmlNode): Omit<SharedFile, 'url'> {
  const name = childText(file, NS_FILE, 'name')?.replace(/^.*[/\\]/s, '')
  const mediaType = childText(file, NS_FILE, 'media-type')
  const hash = childrenOf(file, NS_HASHES, 'hash').find(({ attrs }) => attrs['algo'] === 'sha-256')
  const sha256 = hash && textOf(hash).trim()
  const numbers = (['size', 'width', 'height'] as const).flatMap((each) => {
    const text = childText(file, NS_FILE, each) ?? ''
    return /^\d{1,15}$/.test(text) ? [[each, Number(text)]] : []
  })
  return {
    ...(name && { name }),
    ...(mediaType && { mediaType }),
    ...(sha256 && /^[A-Za-z0-9+/]{43}=$/.test(sha256) && { sha256 }),
    ...Object.fromEntries(numbers),
  }
}

/** What a message says of the file that it is about: for whoever reads that, and for whoever knows only addresses. */
export function sharedFileEls({ url, name, mediaType, size, sha256, width, height }: SharedFile): XmlNode[] {
  const file = el(
    NS_FILE,
    'file',
    undefined,
    textEl(NS_FILE, 'media-type', mediaType),
    textEl(NS_FILE, 'name', name),
    textEl(NS_FILE, 'size', size?.toString()),
    textEl(NS_FILE, 'width', width?.toString()),
    textEl(NS_FILE, 'height', height?.toString()),
    sha256 !== undefined && el(NS_HASHES, 'hash', { algo: 'sha-256' }, sha256),
  )
  const sources = el(NS_SHARING, 'sources', undefined, el(NS_URL, 'url-data', { target: url }))
  return [
    el(NS_SHARING, 'file-sharing', { disposition: 'inline' }, file, sources),
    el(NS_OOB, 'x', undefined, el(NS_OOB, 'url', undefined, url)),
  ]
}
