import { Element } from '@xmpp/xml'
import type { XmlNode } from '../protocol/xml.ts'

/** What XML 1.0 cannot hold, escaped or not: one such character in a message would end the stream. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the control characters are what is looked for (XML 1.0 section 2.2)
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu

const legal = (text: string): string => text.replace(NOT_XML, '\ufffd')

/** Plain data as the library's element, to be written to the stream. */
export function toElement(node: XmlNode, outerNs = ''): Element {
  const attrs: Record<string, string> = {}
  if (node.ns !== outerNs) attrs['xmlns'] = node.ns
  for (const [key, value] of Object.entries(node.attrs)) attrs[key] = legal(value)
  const element = new Element(node.name, attrs)
  for (const child of node.children) {
    if (typeof child === 'string') element.t(legal(child))
    else element.cnode(toElement(child, node.ns))
  }
  return element
}
