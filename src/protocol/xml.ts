/** A piece of XML as plain data: it survives `structuredClone`, IndexedDB and a message port unchanged. */
export interface XmlNode {
  /** Local name, without prefix. */
  readonly name: string
  /** Namespace, resolved: never empty for what came from a stream. */
  readonly ns: string
  /** Attributes as written, `xmlns` itself left out. */
  readonly attrs: Readonly<Record<string, string>>
  readonly children: readonly XmlChild[]
}

export type XmlChild = XmlNode | string

type Attrs = Readonly<Record<string, string | number | undefined>>
type ChildLike = XmlChild | undefined | false

/** A new node. Attributes and children that are `undefined` (or `false`) are left out. */
export function el(ns: string, name: string, attrs?: Attrs, ...children: ChildLike[]): XmlNode {
  const kept: Record<string, string> = {}
  for (const [key, value] of Object.entries(attrs ?? {})) if (value !== undefined) kept[key] = String(value)
  return { name, ns, attrs: kept, children: children.filter((c): c is XmlChild => c !== undefined && c !== false) }
}

/** A new node that holds only text; `undefined` for `undefined`, so that it can be given to `el` as it is. */
export function textEl(ns: string, name: string, text: string | undefined): XmlNode | undefined {
  return text === undefined ? undefined : el(ns, name, undefined, text)
}

/** The first child of that namespace and name. */
export function child(node: XmlNode, ns: string, name: string): XmlNode | undefined {
  for (const c of node.children) if (typeof c !== 'string' && c.name === name && c.ns === ns) return c
  return undefined
}

/** All children of that namespace and name, in their order. */
export function childrenOf(node: XmlNode, ns: string, name: string): XmlNode[] {
  const found: XmlNode[] = []
  for (const c of node.children) if (typeof c !== 'string' && c.name === name && c.ns === ns) found.push(c)
  return found
}

/** All children that are elements. */
export function elementsOf(node: XmlNode): XmlNode[] {
  return node.children.filter((c): c is XmlNode => typeof c !== 'string')
}

/** The text directly in a node, put together; what its elements hold is not part of it. */
export function textOf(node: XmlNode): string {
  const [only] = node.children
  if (node.children.length === 1 && typeof only === 'string') return only
  return node.children.filter((c) => typeof c === 'string').join('')
}

/** The text of the first such child, or `undefined` where there is no such child (`''` where it is empty). */
export function childText(node: XmlNode, ns: string, name: string): string | undefined {
  const found = child(node, ns, name)
  return found && textOf(found)
}
