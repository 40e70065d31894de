import { createRequire } from 'node:module'

/** An element of ltx, as far as the tests use it. */
export interface Element {
  readonly name: string
  readonly attrs: Record<string, string | undefined>
  readonly children: (Element | string)[]
  readonly parent: Element | null
  /** The name without prefix. */
  getName(): string
  getNS(): string | undefined
  is(name: string, namespace?: string): boolean
  getChild(name: string, namespace?: string): Element | undefined
  getChildren(name: string, namespace?: string): Element[]
  getChildElements(): Element[]
  getChildText(name: string, namespace?: string): string | null
  getText(): string
  append(...nodes: (Element | string)[]): void
  toString(): string
}

// ltx comes without types, and an ambient declaration here could meet another one elsewhere: so it is given its types here.
const ltx: {
  parse(xml: string): Element | null
  createElement(name: string, attrs?: Record<string, string | undefined>, ...children: (Element | string)[]): Element
} = createRequire(import.meta.url)('ltx')

/** A new element; attributes that are `undefined` are left out, text children are escaped when it is written. */
export function el(
  name: string,
  attrs: Readonly<Record<string, string | undefined>> = {},
  ...children: readonly (Element | string)[]
): Element {
  return ltx.createElement(name, { ...attrs }, ...children)
}

/** The element that a WebSocket frame is (RFC 7395 §3.3), parsed by itself. @throws Error if it is not well-formed. */
export function parseFrame(xml: string): Element {
  const element = ltx.parse(xml)
  if (element === null) throw new Error('not an element')
  return element
}
