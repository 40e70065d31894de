import type { XmlNode } from '../protocol/xml.ts'

/** What XML 1.0 cannot hold, escaped or not: one such character in a message would end the stream. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the control characters are what is looked for (XML 1.0 section 2.2)
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

const escaped = (text: string, what: RegExp): string =>
  text.replace(NOT_XML, '\ufffd').replace(what, (each) => ESCAPES[each] ?? each)

/** Plain data as XML, to be sent as one frame. A namespace is written where it changes. */
export function writeFrame({ name, ns, attrs, children }: XmlNode, outerNs = ''): string {
  let written = `<${name}`
  if (ns !== outerNs) written += ` xmlns="${escaped(ns, /["&'<>]/g)}"`
  for (const [key, value] of Object.entries(attrs)) written += ` ${key}="${escaped(value, /["&'<>]/g)}"`
  if (children.length === 0) return `${written}/>`
  written += '>'
  for (const child of children) written += typeof child === 'string' ? escaped(child, /[&<>]/g) : writeFrame(child, ns)
  return `${written}</${name}>`
}
