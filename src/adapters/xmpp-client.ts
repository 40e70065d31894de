import { Client } from '@xmpp/client-core'
import middleware from '@xmpp/middleware'
import sasl from '@xmpp/sasl'
import streamFeatures from '@xmpp/stream-features'
import websocket from '@xmpp/websocket'
import SaslFactory from 'saslmechanisms'
import type { Bound, Credentials, Stream, StreamEnd, Upstream, UpstreamListener } from '../broker/ports.ts'
import { domainOf } from '../protocol/jid.ts'
import { utf8Length } from '../protocol/utf8.ts'
import type { XmlNode } from '../protocol/xml.ts'
import { Binding, offersBinding } from './binding.ts'
import { readFrame } from './frame-reader.ts'
import { Plain } from './sasl-plain.ts'
import { endOfError, endOfStreamError, isStreamClose } from './stream-end.ts'
import { toElement } from './xmpp-element.ts'

/** For one address: to connect, to open the stream, to sign in. */
const SIGN_IN_MS = 15_000
/** For one step of it: the library's own 2 s are too short for a phone on a train. */
const STEP_MS = 10_000

type Figures = ReturnType<Upstream['figures']>

/**
 * The way to the server over @xmpp/client's parts: its WebSocket, its stream and its SASL. Nothing else of it: it would
 * reconnect by itself, answer requests, count too few stanzas, and make several objects for each.
 */
export function xmppClient(): Upstream {
  const figures: Figures = { connections: 0, framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0 }
  return {
    connect: (credentials, listener) => new ClientStream(credentials, listener, figures),
    figures: () => ({ ...figures }),
  }
}

class ClientStream implements Stream {
  readonly #listener: UpstreamListener
  readonly #figures: Figures
  #entity: Entity | undefined
  #ended = false

  constructor(credentials: Credentials, listener: UpstreamListener, figures: Figures) {
    this.#listener = listener
    this.#figures = figures
    void this.#signIn(credentials)
  }

  send(stanza: XmlNode): void {
    this.#entity?.write(toElement(stanza).toString()).catch(() => undefined) // a dead socket reports its own end
  }

  close(): void {
    this.#ended = true
    this.#entity?.closeStream()
  }

  drop(): void {
    this.#ended = true
    this.#entity?.abort()
  }

  /** Tries the addresses in their order; an answer of a server, good or bad, ends the search. */
  async #signIn(credentials: Credentials): Promise<void> {
    let end: StreamEnd = { cause: 'unreachable', text: 'no address to connect to' }
    for (const service of credentials.service) {
      if (this.#ended) return
      const entity = new Entity(service, credentials, this.#figures)
      this.#entity = entity
      try {
        await entity.signIn((bound) => this.#goLive(entity, bound))
        return
      } catch (error) {
        entity.abort()
        end = { ...endOfError(error, service), ...(entity.resuming && { resuming: true }) }
        if (end.cause !== 'unreachable') break
      }
    }
    // Never within `connect`: the caller does not have the stream yet.
    queueMicrotask(() => this.#end(end))
  }

  /** Within the frame that ends the sign-in: the next one may be a stanza. */
  #goLive(entity: Entity, bound: Bound): void {
    if (this.#ended) return
    entity.goLive(this.#listener.onStanza, (why) => this.#end(why))
    this.#listener.onOnline(bound)
  }

  #end(end: StreamEnd): void {
    if (this.#ended) return
    this.#ended = true
    this.#entity?.abort()
    this.#listener.onEnd(end)
  }
}

/** One connection: the library's until it is signed in, then a reader of frames. */
class Entity extends Client {
  readonly #service: string
  readonly #figures: Figures
  readonly #binding: Binding
  #onFrame: ((frame: string) => void) | undefined
  #onBound: (bound: Bound) => void = () => undefined
  #onFailed: (error: unknown) => void = () => undefined

  constructor(service: string, credentials: Credentials, figures: Figures) {
    super({ service, domain: domainOf(credentials.account), timeout: STEP_MS })
    this.#service = service
    this.#figures = figures
    websocket({ entity: this })
    const routes = middleware({ entity: this })
    const features = streamFeatures({ middleware: routes })
    const saslFactory = new SaslFactory()
    if (credentials.allowPlain || isLoopback(service)) saslFactory.use('PLAIN', Plain)
    sasl({ streamFeatures: features, saslFactory }, (authenticate, [best]) =>
      authenticate({ username: localOf(credentials.account), password: credentials.password }, best ?? ''),
    )
    this.#binding = new Binding(credentials.resume, newResource(), (node) => {
      this.write(toElement(node).toString()).catch(this.#onFailed)
    })
  }

  /** It ended while the server was asked for the session before. */
  get resuming(): boolean {
    return this.#binding.resuming
  }

  /** `onBound` is called within the frame that says so. Rejects with whatever went wrong first. */
  signIn(onBound: (bound: Bound) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => reject(new Error(`no sign-in within ${SIGN_IN_MS} ms`)), SIGN_IN_MS)
      const settle = (): void => clearTimeout(deadline)
      const fail = (error: unknown): void => {
        settle()
        reject(error)
      }
      this.#onFailed = fail
      this.#onBound = (bound) => {
        settle()
        onBound(bound)
        resolve()
      }
      this.on('error', fail)
      this.on('disconnect', () => fail(new Error('the connection was closed')))
      this.connect(this.#service)
        .then(() => this.open({ domain: this.options.domain }))
        .catch(fail)
    })
  }

  /** From now on each frame is read once, into plain data; the library sees none of them. */
  goLive(onStanza: (stanza: XmlNode) => void, onEnd: (end: StreamEnd) => void): void {
    this.#onFrame = (frame) => {
      const node = readFrame(frame)
      if (!node) onEnd({ cause: 'malformed', text: `a frame of ${frame.length} characters is not one element` })
      else if (isStreamClose(node)) onEnd({ cause: 'closed', text: 'the server closed the stream' })
      else {
        const error = endOfStreamError(node)
        if (error) onEnd(error)
        else onStanza(node)
      }
    }
    this.on('disconnect', () => onEnd({ cause: 'closed', text: 'the connection was closed' }))
  }

  override _onData(data: string): void {
    this.#figures.framesIn += 1
    this.#figures.bytesIn += utf8Length(data)
    if (this.#onFrame) this.#onFrame(data)
    else {
      const node = readFrame(data)
      if (node && offersBinding(node)) {
        this.#onFrame = (frame) => this.#bind(readFrame(frame), frame.length)
        this.#bind(node, data.length)
      } else super._onData(data)
    }
  }

  #bind(node: XmlNode | undefined, length: number): void {
    if (!node) return this.#onFailed(new Error(`a frame of ${length} characters is not one element`))
    const end = endOfStreamError(node)
    if (end || isStreamClose(node)) return this.#onFailed(new Error(end?.text ?? 'the server closed the stream'))
    try {
      const bound = this.#binding.take(node)
      if (bound) this.#onBound(bound)
    } catch (error) {
      this.#onFailed(error)
    }
  }

  override async write(text: string): Promise<void> {
    if (this.socket?.socket?.readyState !== WebSocket.OPEN) throw new Error('the connection is not open')
    this.#figures.framesOut += 1
    this.#figures.bytesOut += utf8Length(text)
    await super.write(text)
  }

  override connect(service: string): Promise<void> {
    this.#figures.connections += 1
    return super.connect(service)
  }

  /** `<close/>` tells the server that the session is over (RFC 7395 section 3.6); it answers, and closes the socket. */
  closeStream(): void {
    this.#onFrame = () => undefined
    this.write('<close xmlns="urn:ietf:params:xml:ns:xmpp-framing"/>').catch(() => undefined)
    this.socket?.socket?.close(1000)
  }

  /** Lets go of the socket; the server may keep the session. */
  abort(): void {
    this.#onFrame = () => undefined
    this.socket?.socket?.close()
  }
}

const localOf = (account: string): string => account.slice(0, account.indexOf('@'))

/** Eight characters that no other session has. */
const newResource = (): string => `web-${crypto.randomUUID().slice(0, 8)}`

/** The machine that the browser runs on: nobody listens in between. */
export function isLoopback(service: string): boolean {
  const { hostname } = new URL(service)
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname)
}
