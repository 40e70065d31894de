import SaxLtx from 'ltx/lib/parsers/ltx.js'
import type { XmlChild, XmlNode } from '../protocol/xml.ts'

/** Deeper than anything that XMPP nests; what is deeper wants to exhaust somebody's stack. */
const DEEPEST = 64

type Open = {
  readonly written: string
  readonly node: { name: string; ns: string; attrs: Record<string, string>; children: XmlChild[] }
  readonly spaces: ReadonlyMap<string, string>
}

/** `stream` is declared by the stream's header over TCP; Prosody 13 takes that for granted in a frame, too. */
const ROOT_SPACES: ReadonlyMap<string, string> = new Map([
  ['xml', 'http://www.w3.org/XML/1998/namespace'],
  ['stream', 'http://etherx.jabber.org/streams'],
])

const CDATA = /<!\[CDATA\[([\s\S]*?)\]\]>/g

/**
 * One frame of a WebSocket, which is one whole element (RFC 7395 section 3.1), as plain data with its namespaces
 * resolved.
 *
 * Each frame has a parser of its own: what is broken in one must not reach the next.
 *
 * The parser is the library's, and lenient in what no server writes: the last of two attributes of one name counts, an
 * ampersand may stand for itself, and a value without quotation marks swallows what follows up to the next of them.
 *
 * @returns `undefined` where the frame is not exactly one well-formed element
 */
export function readFrame(frame: string): XmlNode | undefined {
  if (!frame.trimEnd().endsWith('>')) return undefined
  const sax = new SaxLtx()
  const open: Open[] = []
  let root: XmlNode | undefined
  let broken = false

  sax.on('startElement', (written, attrs) => {
    const parent = open.at(-1)
    if ((!parent && root) || open.length === DEEPEST) broken = true
    if (broken) return
    const begun = begin(written, attrs, parent)
    if (!begun) {
      broken = true
      return
    }
    if (parent) parent.node.children.push(begun.node)
    else root = begun.node
    open.push(begun)
  })
  sax.on('endElement', (written) => {
    if (open.pop()?.written !== written) broken = true
  })
  sax.on('text', (text) => {
    const parent = open.at(-1)
    if (parent) parent.node.children.push(text)
    else if (text.trim() !== '') broken = true
  })

  try {
    // The parser loses the text behind a CDATA section: as text it is the same.
    sax.write(frame.includes('<![CDATA[') ? frame.replace(CDATA, (_, text: string) => escaped(text)) : frame)
  } catch {
    // An entity that XML does not define: the parser throws.
    return undefined
  }
  return broken || open.length > 0 ? undefined : root
}

function begin(written: string, attrs: Record<string, string>, parent: Open | undefined): Open | undefined {
  let spaces = parent?.spaces ?? ROOT_SPACES
  const kept: Record<string, string> = {}
  for (const key in attrs) {
    const value = attrs[key] ?? ''
    const prefix = key === 'xmlns' ? '' : key.startsWith('xmlns:') ? key.slice('xmlns:'.length) : undefined
    if (prefix !== undefined) spaces = new Map(spaces).set(prefix, value)
    if (prefix !== '') kept[key] = value
  }
  const colon = written.indexOf(':')
  const ns = spaces.get(colon === -1 ? '' : written.slice(0, colon))
  // A prefix that nothing declares: the element could mean anything.
  if (ns === undefined && colon !== -1) return undefined
  return { written, node: { name: written.slice(colon + 1), ns: ns ?? '', attrs: kept, children: [] }, spaces }
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
