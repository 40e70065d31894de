// XEP-0449: Stickers, version 0.1.1
// https://xmpp.org/extensions/xep-0449.html
import { child, childText, type XmlNode } from './xml.ts'

const NS_FILE = 'urn:xmpp:file:metadata:0'
const NS_SHARED = 'urn:xmpp:sfs:0'

/** A picture in place of words; the body of its message is what stands in for it. */
export interface Sticker {
  /** The name of the pack that it is from. */
  readonly pack?: string
  /** Where the picture is, by `https:` or `http:`. */
  readonly url?: string
  readonly mediaType?: string
  readonly description?: string
}

export function readSticker(message: XmlNode): Sticker | undefined {
  const sticker = child(message, 'urn:xmpp:stickers:0', 'sticker')
  if (!sticker) return undefined
  const shared = child(message, NS_SHARED, 'file-sharing')
  const file = shared && child(shared, NS_FILE, 'file')
  const sources = shared && child(shared, NS_SHARED, 'sources')
  const url = sources && child(sources, 'http://jabber.org/protocol/url-data', 'url-data')?.attrs['target']
  const { pack } = sticker.attrs
  const mediaType = file && childText(file, NS_FILE, 'media-type')
  const description = file && childText(file, NS_FILE, 'desc')
  return {
    ...(pack && { pack }),
    ...(url && /^https?:/i.test(url) && { url }),
    ...(mediaType && { mediaType }),
    ...(description && { description }),
  }
}
