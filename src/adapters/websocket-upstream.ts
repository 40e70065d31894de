import { USES } from '../account/fast-token.ts'
import type { Bound, Credentials, FastToken, Stream, StreamEnd, Upstream, UpstreamListener } from '../broker/ports.ts'
import type { GivenToken } from '../protocol/xep-0484-fast.ts'
import type { XmlNode } from '../protocol/xml.ts'
import { type Figures, FramedSocket } from './framed-socket.ts'
import { addressRefusal, isLoopback, mayLeadTo } from './service-address.ts'
import { SignIn } from './sign-in.ts'
import { endOfError } from './stream-end.ts'
import { seal } from './web-crypto.ts'

/** How often a server may send us on before there is a session. */
const MOST_HOPS = 3

/**
 * The way to the server: XMPP over a WebSocket (RFC 7395), of our own.
 *
 * The libraries for it reconnect by themselves, answer requests, count too few stanzas, make several objects for each,
 * sign in by PLAIN alone where there is a browser, and were a fifth of the worker. What is left is small: frames that
 * are one element each, two openings with a sign-in between them, and the binding.
 */
export function webSocketUpstream(): Upstream {
  const figures: Figures = { connections: 0, framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0 }
  return {
    connect: (credentials, listener) => new WebSocketStream(credentials, listener, figures),
    figures: () => ({ ...figures }),
  }
}

/** One address on the way to a session. */
interface Try {
  readonly service: string
  /** Those behind it. */
  readonly others: readonly string[]
  /** How often we were sent on to get here. */
  readonly hops: number
}

class WebSocketStream implements Stream {
  readonly #credentials: Credentials
  readonly #listener: UpstreamListener
  readonly #figures: Figures
  #socket: FramedSocket | undefined
  /** Until there is a session. */
  #signIn: SignIn | undefined
  /** Until the server has not understood it. */
  #hurries = true
  /** Until the server has refused it, or it has been used as often as was written down. */
  #token: FastToken | undefined
  #ended = false

  constructor(credentials: Credentials, listener: UpstreamListener, figures: Figures) {
    this.#credentials = credentials
    this.#listener = listener
    this.#figures = figures
    this.#token = credentials.token
    this.#tryNext(credentials.service, { cause: 'unreachable', text: 'no address to connect to' })
  }

  send(stanza: XmlNode): void {
    this.#socket?.write(stanza)
  }

  close(): void {
    this.#ended = true
    this.#signIn?.stop()
    this.#socket?.close()
  }

  drop(): void {
    this.#ended = true
    this.#signIn?.stop()
    this.#socket?.drop()
  }

  /** The addresses in their order; an answer of a server, good or bad, ends the search. */
  #tryNext([service, ...others]: readonly string[], last: StreamEnd): void {
    if (service !== undefined) this.#try({ service, others, hops: 0 })
    // Never within `connect`: the caller does not have the stream yet.
    else queueMicrotask(() => this.#end(last))
  }

  #try(at: Try): void {
    const { service, others } = at
    const refusal = addressRefusal(service)
    if (refusal !== undefined) return this.#tryNext(others, { cause: 'unreachable', text: `${service}: ${refusal}` })
    this.#signIn = undefined
    try {
      this.#socket = new FramedSocket(service, this.#figures, {
        onOpen: () => void this.#signIn?.begin(),
        onNode: (node) => (this.#signIn ? this.#signIn.take(node) : this.#listener.onStanza(node)),
        onEnd: (end, elsewhere) => (this.#signIn ? this.#broken(at, end, elsewhere) : this.#end(end)),
      })
    } catch (error) {
      return this.#failed(at, endOfError(error))
    }
    // While the connection opens there is time to prepare what will be said.
    this.#signIn = new SignIn({
      credentials: this.#credentials,
      token: this.#tokenOfTry(),
      plain: this.#credentials.allowPlain || isLoopback(service),
      hurries: this.#hurries,
      write: (node) => this.#socket?.write(node),
      onBound: (bound) => this.#goLive(bound),
      onFailed: (end) => this.#failed(at, end),
      onToken: (given, beside) => void this.#keep(given, beside),
    })
  }

  /** Each use says a number of its own. */
  #tokenOfTry(): FastToken | undefined {
    const token = this.#token
    const left = (this.#credentials.token?.count ?? 0) + USES - (token?.count ?? 0)
    this.#token = token && left > 1 ? { ...token, count: token.count + 1 } : undefined
    return token
  }

  #forgetToken(): void {
    this.#token = undefined
    if (!this.#ended) this.#listener.onToken?.(undefined)
  }

  async #keep({ secret, expiresMs }: GivenToken, beside: Omit<FastToken, 'sealed' | 'expiresMs'>): Promise<void> {
    const sealed = await seal(secret)
    if (!this.#ended) this.#listener.onToken?.({ ...beside, sealed, expiresMs })
  }

  /** The connection ended before there was a session: where it was only closed, that is as if nobody had answered. */
  #broken(at: Try, end: StreamEnd, elsewhere: string | undefined): void {
    const hops = at.hops + 1
    if (elsewhere !== undefined && hops <= MOST_HOPS && mayLeadTo(at.service, elsewhere)) {
      this.#signIn?.stop()
      this.#try({ service: elsewhere, others: at.others, hops })
      return
    }
    const cause = end.cause === 'closed' ? 'unreachable' : end.cause
    this.#failed(at, { cause, text: elsewhere === undefined ? end.text : 'the server sends us where we do not go' })
  }

  #failed(at: Try, end: StreamEnd): void {
    const { service, others } = at
    const { resuming = false, hurried = false, tokenRefused = false } = this.#signIn ?? {}
    this.#signIn?.stop()
    this.#socket?.drop()
    if (tokenRefused) this.#forgetToken()
    if (tokenRefused && this.#credentials.password === undefined) {
      const required = { cause: 'credentials-required', text: `${service}: the token: ${end.text}` } as const
      return queueMicrotask(() => this.#end(required))
    }
    if (hurried || tokenRefused) {
      // Perhaps it only wants one thing after the other.
      this.#hurries = false
      return this.#try(at)
    }
    const told = { cause: end.cause, text: `${service}: ${end.text}`, ...(resuming && { resuming }) }
    if (end.cause === 'unreachable') this.#tryNext(others, told)
    else queueMicrotask(() => this.#end(told))
  }

  #goLive(bound: Bound): void {
    if (this.#signIn?.tokenRefused) this.#forgetToken()
    this.#signIn = undefined
    this.#listener.onOnline(bound)
  }

  #end(end: StreamEnd): void {
    if (this.#ended) return
    this.#ended = true
    this.#socket?.drop()
    this.#listener.onEnd(end)
  }
}
