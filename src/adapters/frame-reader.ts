import SaxLtx from 'ltx/src/parsers/ltx.js'
import type { XmlChild, XmlNode } from '../protocol/xml.ts'

/**
 * Deeper than anything that XMPP nests; what is deeper wants to exhaust somebody's stack, and is left out. To refuse the
 * frame would end the stream, and anybody can have a server pass such a message on to us.
 */
const DEEPEST = 64

/** What a prefix means from here inwards; the default namespace has the empty one. */
type Spaces = { readonly prefix: string; readonly ns: string; readonly outer: Spaces | undefined }

function meaningOf(prefix: string, spaces: Spaces | undefined): string | undefined {
  for (let each = spaces; each; each = each.outer) if (each.prefix === prefix) return each.ns
  return undefined
}

type Open = {
  readonly written: string
  readonly node: { name: string; ns: string; attrs: Record<string, string>; children: XmlChild[] }
  readonly spaces: Spaces
  readonly outer: Open | undefined
  readonly depth: number
}

/** `stream` is declared by the stream's header over TCP; Prosody 13 takes that for granted in a frame, too. */
const ROOT_SPACES: Spaces = {
  prefix: 'stream',
  ns: 'http://etherx.jabber.org/streams',
  outer: { prefix: 'xml', ns: 'http://www.w3.org/XML/1998/namespace', outer: undefined },
}

const CDATA = /<!\[CDATA\[([\s\S]*?)\]\]>/g
/** Needless, but allowed (RFC 7395 section 3.3.3). */
const XML_DECLARATION = /^<\?xml\s[^<>]*\?>/

/**
 * One frame of a WebSocket, which is one whole element (RFC 7395 section 3.1), as plain data with its namespaces
 * resolved.
 *
 * Each frame has a parser of its own: what is broken in one must not reach the next.
 *
 * Comments, processing instructions and document types are no part of XMPP (RFC 6120 section 11.1).
 *
 * The parser is the library's, and lenient in what no server writes: the last of two attributes of one name counts, an
 * ampersand may stand for itself, and a value without quotation marks swallows what follows up to the next of them.
 *
 * @returns `undefined` where the frame is not exactly one well-formed element
 */
export function readFrame(frame: string): XmlNode | undefined {
  if (!frame.trimEnd().endsWith('>')) return undefined
  const marked = frame.includes('<!') || frame.includes('<?')
  // The parser loses the text behind a CDATA section: as text it is the same.
  const plain = marked ? frame.replace(XML_DECLARATION, '').replace(CDATA, (_, text: string) => escaped(text)) : frame
  if (marked && /<[!?]/.test(plain)) return undefined
  const sax = new FrameParser()
  try {
    sax.write(plain)
  } catch {
    // An entity that XML does not define: the parser throws.
    return undefined
  }
  return sax.broken || sax.open ? undefined : sax.root
}

/** Takes what the parser has to say in the place of its listeners: to take them on costs as much as a short frame. */
class FrameParser extends SaxLtx {
  root: XmlNode | undefined = undefined
  open: Open | undefined = undefined
  broken = false

  override emit(event: string, what: string, attrs: Record<string, string> = {}): boolean {
    const { open } = this
    if (event === 'startElement') {
      const begun = (!open && this.root) || this.broken ? undefined : begin(what, attrs, open)
      if (!begun) this.broken = true
      else {
        if (!open) this.root = begun.node
        else if (begun.depth <= DEEPEST) open.node.children.push(begun.node)
        this.open = begun
      }
    } else if (event === 'endElement') {
      if (open?.written !== what) this.broken = true
      this.open = open?.outer
    } else if (event === 'text') {
      if (open) open.node.children.push(what)
      else if (what.trim() !== '') this.broken = true
    }
    return true
  }
}

function begin(written: string, attrs: Record<string, string>, parent: Open | undefined): Open | undefined {
  let spaces = parent?.spaces ?? ROOT_SPACES
  const kept: Record<string, string> = {}
  for (const key in attrs) {
    const value = attrs[key] ?? ''
    const prefix = key === 'xmlns' ? '' : key.startsWith('xmlns:') ? key.slice('xmlns:'.length) : undefined
    if (prefix !== undefined) spaces = { prefix, ns: value, outer: spaces }
    if (prefix !== '') kept[key] = value
  }
  const colon = written.indexOf(':')
  const ns = meaningOf(colon === -1 ? '' : written.slice(0, colon), spaces)
  // A prefix that nothing declares: the element could mean anything.
  if (ns === undefined && colon !== -1) return undefined
  const node = { name: colon === -1 ? written : written.slice(colon + 1), ns: ns ?? '', attrs: kept, children: [] }
  return { written, node, spaces, outer: parent, depth: 1 + (parent?.depth ?? 0) }
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
