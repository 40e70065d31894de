// What we use of @xmpp/* 0.14.0 and saslmechanisms, which bring no types of their own.

declare module 'ltx/lib/parsers/ltx.js' {
  export default class SaxLtx {
    emit(event: string, what: string, attrs?: Record<string, string>): boolean
    write(data: string): void
  }
}

declare module '@xmpp/xml' {
  export class Element {
    constructor(name: string, attrs?: Record<string, string>)
    name: string
    attrs: Record<string, string>
    children: (Element | string)[]
    cnode<T extends Element | string>(child: T): T
    t(text: string): this
    toString(): string
    is(name: string, ns?: string): boolean
    getNS(): string | undefined
    getChildElements(): Element[]
  }
  export class Parser {
    cursor: Element | null
    emit(event: string, value: unknown): boolean
    onStartElement(name: string, attrs: Record<string, string>): void
    onEndElement(name: string): void
    write(data: string): void
  }
}

declare module '@xmpp/client-core' {
  import type { Element } from '@xmpp/xml'
  export class Client {
    constructor(options: { service: string; domain: string; lang?: string; timeout: number })
    readonly options: { readonly domain: string }
    readonly jid: { toString(): string } | null
    readonly socket: { readonly socket: WebSocket | null } | null
    readonly parser: unknown
    status: string
    transports: unknown[]
    connect(service: string): Promise<void>
    open(options: { domain: string; lang?: string | undefined }): Promise<Element>
    write(text: string): Promise<void>
    send(element: Element): Promise<void>
    on(event: 'online', listener: (jid: { toString(): string }) => void): this
    on(event: 'error', listener: (error: Error) => void): this
    on(event: 'close' | 'disconnect', listener: (what: { reason?: unknown }) => void): this
    _onData(data: string): void
    _onElement(element: Element): void
  }
}

declare module '@xmpp/websocket' {
  import type { Client } from '@xmpp/client-core'
  export default function websocket(parts: { entity: Client }): void
}

declare module '@xmpp/middleware' {
  import type { Client } from '@xmpp/client-core'
  export interface Middleware {
    use(route: unknown): void
  }
  export default function middleware(parts: { entity: Client }): Middleware
}

declare module '@xmpp/stream-features' {
  import type { Middleware } from '@xmpp/middleware'
  export interface StreamFeatures {
    use(name: string, ns: string, handler: unknown): void
  }
  export default function streamFeatures(parts: { middleware: Middleware }): StreamFeatures
}

declare module '@xmpp/sasl' {
  import type { Client } from '@xmpp/client-core'
  import type { StreamFeatures } from '@xmpp/stream-features'
  import type Factory from 'saslmechanisms'
  export type SaslCredentials = { username: string; password: string }
  export default function sasl(
    parts: { streamFeatures: StreamFeatures; saslFactory: Factory },
    onAuthenticate: (
      authenticate: (credentials: SaslCredentials, mechanism: string) => Promise<void>,
      mechanisms: string[],
      fast: null,
      entity: Client,
    ) => Promise<void>,
  ): void
}

declare module 'saslmechanisms' {
  export interface Mechanism {
    readonly name: string
    readonly clientFirst: boolean
    response(credentials: Record<string, string | null>): string | Promise<string>
    challenge(challenge: string): void | Promise<void>
  }
  export default class Factory {
    use(name: string, mechanism: new () => Mechanism): this
    create(names: readonly string[]): Mechanism | null
  }
}
