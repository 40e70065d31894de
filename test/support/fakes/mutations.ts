// Stanzas made wrong, in ways that a number chooses: the same numbers make the same wrong stanza.
import type { XmlChild, XmlNode } from '../../../src/protocol/xml.ts'
import { ROOM } from './room-xml.ts'

/** Which way, where, and with what. */
export type Mutation = readonly [kind: number, where: number, what: number]

/** What programs trip over: pieces of XML, names of properties, numbers, addresses, words of the protocol. */
const HOSTILE: readonly string[] = [
  ...['', ' ', '<', '>', '&', "'", '"', '=', '/>', '</', ']]>', '<![CDATA[', '<!--', '-->', '<?x?>', "xmlns=''"],
  ...['&#0;', '&#xD800;', '&#x1F600;', '&nbsp;', '&lt;', '\u0000', '\b', '\u001b', '\u007f', '\u0085', '\u2028'],
  ...['\ufeff', '\ufffe', '\ud800', '\udc00', '\u202e', 'e\u0301', '__proto__', 'constructor', 'toString', 'length'],
  ...['0', '-1', '110', '201', '303', '307', '333', '1e9', 'NaN', '9'.repeat(400), '2030-02-31T25:61:61Z', 'true'],
  ...['@', '/', 'a@b/c', ROOM, `${ROOM}/`, `${ROOM}/bob`, `${ROOM}/romeo`, 'xmpp:%zz?join', 'bob', 'bob_'],
  ...['unavailable', 'error', 'groupchat', 'chat', 'headline', 'result', 'get', 'none', 'moderator', 'outcast'],
  ...['presence', 'message', 'iq', 'x', 'item', 'status', 'destroy', 'subject', 'body', 'invite', 'delay', 'form'],
  ...['jabber:client', 'http://jabber.org/protocol/muc#user', 'urn:xmpp:delay', 'urn:xmpp:sid:0', 'jabber:x:data'],
]

const hostile = (what: number): string =>
  what % 3 === 0 ? String.fromCodePoint(what % 0x11_0000) : (HOSTILE[what % HOSTILE.length] ?? '')

const spliced = (text: string, at: number, length: number, what: string): string =>
  text.slice(0, at) + what + text.slice(at + length)

/** Puts a text in the place of one of those that match; the whole text where none does. */
function replaced(text: string, pattern: RegExp, where: number, what: string): string {
  const found = [...text.matchAll(pattern)]
  const match = found[where % Math.max(1, found.length)]
  return match ? spliced(text, match.index, match[0].length, what) : what
}

const TEXT: readonly ((text: string, where: number, what: number) => string)[] = [
  (text, where) => text.slice(0, where % (text.length + 1)),
  (text, where) => text.slice(where % (text.length + 1)),
  (text, where, what) => spliced(text, where % (text.length + 1), what % 8, hostile(what)),
  (text, where, what) => {
    const at = where % (text.length + 1)
    return spliced(text, at, 0, text.slice(at, at + (what % 60)))
  },
  (text, where, what) => spliced(text, where % (text.length + 1), what % 30, ''),
  (text, where, what) => replaced(text, /'[^'<>]*'|"[^"<>]*"/g, where, `'${hostile(what).replaceAll("'", '&apos;')}'`),
  (text, where, what) => replaced(text, /(?<=<\/?)[\w:-]+/g, where, hostile(what)),
  (text, where, what) => replaced(text, /[\w:-]+(?==['"])/g, where, hostile(what)),
  (text, where, what) => replaced(text, /(?<=>)[^<>]+(?=<)/g, where, hostile(what)),
]

/** A frame as no server would send it. */
export function mutateText(text: string, [kind, where, what]: Mutation): string {
  return TEXT[kind % TEXT.length]?.(text, where, what) ?? text
}

const at = <T>(list: readonly T[], index: number): T | undefined => list[index % Math.max(1, list.length)]

const TREE: readonly ((node: XmlNode, where: number, what: number) => XmlNode)[] = [
  (node, where) => ({ ...node, children: node.children.filter((_, i) => i !== where % node.children.length) }),
  (node, where) => {
    const twice = at(node.children, where)
    return twice === undefined ? node : { ...node, children: [...node.children, twice] }
  },
  (node) => ({ ...node, children: node.children.toReversed() }),
  (node, _where, what) => ({ ...node, children: [hostile(what), ...node.children] }),
  (node) => ({ ...node, children: [] }),
  (node) => ({ ...node, children: [node] }),
  (node) => Array.from({ length: 100 }).reduce<XmlNode>((inner) => ({ ...node, children: [inner] }), node),
  (node, where, what) => {
    const name = at(Object.keys(node.attrs), where) ?? 'type'
    return { ...node, attrs: { ...node.attrs, [name]: hostile(what) } }
  },
  (node, _where, what) => ({ ...node, attrs: { ...node.attrs, [hostile(what)]: hostile(what + 1) } }),
  (node, where) => {
    const name = at(Object.keys(node.attrs), where)
    return { ...node, attrs: Object.fromEntries(Object.entries(node.attrs).filter(([key]) => key !== name)) }
  },
  (node) => ({ ...node, attrs: {} }),
  (node, _where, what) => ({ ...node, name: hostile(what) }),
  (node, _where, what) => ({ ...node, ns: hostile(what) }),
]

/** A tree as no server would send it: one of its elements is another. */
export function mutateTree(root: XmlNode, [kind, where, what]: Mutation): XmlNode {
  const change = TREE[kind % TREE.length]
  let left = where % count(root)
  const walk = (node: XmlNode): XmlNode => {
    if (left-- === 0) return change?.(node, where, what) ?? node
    return { ...node, children: node.children.map((c): XmlChild => (typeof c === 'string' || left < 0 ? c : walk(c))) }
  }
  return walk(root)
}

const count = ({ children }: XmlNode): number =>
  children.reduce((sum, c) => sum + (typeof c === 'string' ? 0 : count(c)), 1)
