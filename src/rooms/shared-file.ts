import { readSharedFile, type SharedFile } from '../protocol/xep-0447-file-sharing.ts'
import type { XmlNode } from '../protocol/xml.ts'

/** The file that a stanza is about, as a field of its message. */
export function fileOf(stanza: XmlNode): { readonly file?: SharedFile } {
  const file = readSharedFile(stanza)
  return file ? { file } : {}
}
