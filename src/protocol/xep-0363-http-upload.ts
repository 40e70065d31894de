// XEP-0363: HTTP File Upload, version 1.1.0
// https://xmpp.org/extensions/xep-0363.html
import { formValue, readForm } from './xep-0004-forms.ts'
import { NS_DISCO_INFO, readDiscoInfo } from './xep-0030-disco.ts'
import { child, childrenOf, el, textOf, type XmlNode } from './xml.ts'

export const NS_UPLOAD = 'urn:xmpp:http:upload:0'

/** Where a file goes, what is to be said with it, and where it is then. */
export interface Slot {
  readonly put: string
  readonly headers: Readonly<Record<string, string>>
  readonly get: string
}

/** What an entity says of itself, where it takes files: the most bytes of one, as far as it says. */
export function readUploadService(info: XmlNode): { readonly maxBytes: number | undefined } | undefined {
  if (!readDiscoInfo(info)?.features.has(NS_UPLOAD)) return undefined
  const query = child(info, NS_DISCO_INFO, 'query')
  const text = formValue(query && readForm(query), 'max-file-size') ?? ''
  return { maxBytes: /^\d+$/.test(text) ? Number(text) : undefined }
}

/** Asks for a slot (section 4). */
export function slotRequest(file: {
  readonly name: string
  readonly size: number
  readonly mediaType: string
}): XmlNode {
  return el(NS_UPLOAD, 'request', { filename: file.name, size: file.size, 'content-type': file.mediaType })
}

/** The answer; `undefined` where it leads to where nothing is to be sent. Of its headers those that it may want. */
export function readSlot(result: XmlNode): Slot | undefined {
  const slot = child(result, NS_UPLOAD, 'slot')
  const [put, get] = ['put', 'get'].map((name) => slot && child(slot, NS_UPLOAD, name))
  const [to, at] = [put?.attrs['url'], get?.attrs['url']]
  if (!put || !isSafe(to) || !isSafe(at)) return undefined
  const headers: Record<string, string> = {}
  for (const header of childrenOf(put, NS_UPLOAD, 'header')) {
    const name = header.attrs['name']?.replace(NEWLINES, '') ?? ''
    if (/^(?:authorization|cookie|expires)$/i.test(name)) headers[name] = textOf(header).replace(NEWLINES, '')
  }
  return { put: to, headers, get: at }
}

const NEWLINES = /[\r\n]/g

/** Nobody on the way can read or change what goes there. */
const isSafe = (url: string | undefined): url is string =>
  url !== undefined &&
  /^(?:https:\/\/[^/?#]|http:\/\/(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?(?:[/?#]|$))/i.test(url)
