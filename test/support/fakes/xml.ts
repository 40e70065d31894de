import { readFrame } from '../../../src/adapters/frame-reader.ts'
import type { XmlNode } from '../../../src/protocol/xml.ts'

/** The node that this XML is. @throws Error where it is not one well-formed element */
export function xml(text: string): XmlNode {
  const node = readFrame(text)
  if (!node) throw new Error(`not one well-formed element: ${text}`)
  return node
}

/** A stanza written as the RFCs and XEPs show them: without the namespace of the stream, which is put in here. */
export function stanza(text: string): XmlNode {
  return xml(text.replace(/^<(message|presence|iq)\b/, "<$1 xmlns='jabber:client'"))
}

/** Text as it may stand in an attribute or between tags. */
export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll("'", '&apos;')
    .replaceAll('"', '&quot;')
}
