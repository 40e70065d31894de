// As much of @xmpp/client 0.14.0 as the other side of the benchmarks uses; it brings no types.
declare module '@xmpp/client' {
  export interface Element {
    readonly attrs: Readonly<Record<string, string | undefined>> & { readonly from?: string; readonly type?: string }
    is(name: string): boolean
    getChild(name: string): Element | undefined
    getChildText(name: string): string | null
  }
  export function xml(name: string, attrs?: Record<string, string>, ...children: Element[]): Element
  export function client(options: { service: string; domain: string; username: string; password: string }): unknown
}

declare module 'ltx/lib/ltx.js' {
  export function parse(xml: string): unknown
}
