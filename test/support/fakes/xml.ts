import { readFrame } from '../../../src/adapters/frame-reader.ts'
import { writeFrame } from '../../../src/adapters/frame-writer.ts'
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

/** A node as it is sent. */
export const writeXml = (node: XmlNode): string => writeFrame(node)

const NS_STANZAS = 'urn:ietf:params:xml:ns:xmpp-stanzas'

/** The `<error/>` of a stanza (RFC 6120 section 8.3). `address`: what the condition holds. */
export function errorXml(
  condition: string,
  {
    type = 'cancel',
    text,
    address = '',
  }: { readonly type?: string; readonly text?: string; readonly address?: string } = {},
): string {
  const words = text === undefined ? '' : `<text xmlns='${NS_STANZAS}'>${escapeXml(text)}</text>`
  return `<error type='${type}'><${condition} xmlns='${NS_STANZAS}'>${escapeXml(address)}</${condition}>${words}</error>`
}
