import { chooseMechanism, type Mechanism, type Refused } from '../account/sasl.ts'
import type { Bound, Credentials, StreamEnd } from '../broker/ports.ts'
import { domainOf } from '../protocol/jid.ts'
import { child, childrenOf, el, textOf, type XmlNode } from '../protocol/xml.ts'
import { Binding, isFeatures } from './binding.ts'
import { prepareExchange, type SaslExchange } from './sasl-exchange.ts'
import { endOfError, endOfSaslFailure, NS_FRAMING, NS_SASL } from './stream-end.ts'
import { base64OfText, textOfBase64 } from './web-crypto.ts'

export interface SignInWorld {
  readonly credentials: Credentials
  /** The password may be sent to this address as it is. */
  readonly plain: boolean
  /** Says what the session before shows to be right without being asked for it: each wait is a round trip. */
  readonly hurries: boolean
  readonly write: (node: XmlNode) => void
  /** Within the frame that says so: the next one may be a stanza. */
  readonly onBound: (bound: Bound) => void
  readonly onFailed: (end: StreamEnd) => void
}

/** For one address: to connect, to open the stream, to sign in. */
const SIGN_IN_MS = 15_000
/** For the server's part of one step of it: a phone on a train takes its seconds. */
const STEP_MS = 10_000

/** From the open connection to the session (RFC 6120 sections 4.3, 6 and 7). It takes what the server says in order. */
export class SignIn {
  readonly #world: SignInWorld
  readonly #binding: Binding
  readonly #exchangeBy: ReturnType<typeof prepareExchange>
  readonly #deadline: ReturnType<typeof setTimeout>
  #step: ReturnType<typeof setTimeout> | undefined
  #chosen: { readonly mechanism: Mechanism; readonly exchange: SaslExchange } | undefined
  #at: 'features' | 'authenticating' | 'binding' | 'over' = 'features'
  #hurried = false

  /** Begins with the connection, which has a step of its own. */
  constructor(world: SignInWorld) {
    const { account, password, resume } = world.credentials
    this.#world = world
    this.#exchangeBy = prepareExchange(localOf(account), password)
    this.#binding = new Binding(resume, newResource(), world.write)
    this.#deadline = setTimeout(() => this.#late(SIGN_IN_MS), SIGN_IN_MS)
    this.#await()
  }

  /** It ended while the server was asked for the session before. */
  get resuming(): boolean {
    return this.#binding.resuming
  }

  /** It has said something before it was asked, which the server need not understand. */
  get hurried(): boolean {
    return this.#hurried
  }

  /** Opens the stream: once the connection is open, and anew behind the proof of who we are. */
  open(): void {
    const { credentials, hurries } = this.#world
    this.#say(el(NS_FRAMING, 'open', { to: domainOf(credentials.account), version: '1.0' }))
    const { mechanism } = credentials.resume ?? {}
    if (!hurries || mechanism === undefined) return
    this.#hurried = true
    if (this.#at === 'features') this.#choose([mechanism])
    else this.#binding.resume()
  }

  take(node: XmlNode): void {
    if (this.#at === 'over') return
    this.#await()
    if (node.ns === NS_SASL) this.#takeSasl(node)
    else if (this.#at === 'features' && isFeatures(node)) this.#choose(mechanismsOf(node))
    else if (this.#at === 'binding') this.#bind(node)
  }

  /** Whoever waits for it does so no more. */
  stop(): void {
    this.#at = 'over'
    clearTimeout(this.#deadline)
    clearTimeout(this.#step)
  }

  #choose(offered: readonly string[]): void {
    const { account, allowDowngrade, strongest } = this.#world.credentials
    const mechanism = chooseMechanism(offered, {
      anonymous: !account.includes('@'),
      plain: this.#world.plain,
      strongest: allowDowngrade ? undefined : strongest,
    })
    if (typeof mechanism !== 'string') return this.#refuse(mechanism)
    const exchange = this.#exchangeBy(mechanism)
    if ('refused' in exchange) return this.#refuse(exchange)
    this.#chosen = { mechanism, exchange }
    this.#at = 'authenticating'
    // One without content is written so (RFC 6120 section 6.4.2).
    this.#say(el(NS_SASL, 'auth', { mechanism }, base64OfText(exchange.first) || '='))
  }

  #takeSasl(node: XmlNode): void {
    const exchange = this.#chosen?.exchange
    if (!exchange || this.#at !== 'authenticating') {
      this.#refuse({ refused: `the server says ${node.name} where nobody asked it` })
    } else if (node.name === 'challenge') void this.#answer(exchange, node)
    else if (node.name === 'success') this.#takeSuccess(exchange, node)
    else if (node.name === 'failure') this.#fail(endOfSaslFailure(node))
  }

  async #answer(exchange: SaslExchange, challenge: XmlNode): Promise<void> {
    const text = textOfSasl(challenge)
    try {
      const answer = text === undefined ? NOT_TEXT : await exchange.answer(text)
      if (this.#at === 'over') return
      if (typeof answer !== 'string') this.#refuse(answer)
      else this.#say(el(NS_SASL, 'response', undefined, base64OfText(answer)))
    } catch (error) {
      // The browser could not compute it.
      this.#fail(endOfError(error))
    }
  }

  #takeSuccess(exchange: SaslExchange, success: XmlNode): void {
    const text = textOfSasl(success)
    const refused = text === undefined ? NOT_TEXT : exchange.refuseSuccess(text)
    if (refused) return this.#refuse(refused)
    this.#at = 'binding'
    this.open()
  }

  #bind(node: XmlNode): void {
    let bound: Bound | undefined
    try {
      bound = this.#binding.take(node)
    } catch (error) {
      return this.#fail(endOfError(error))
    }
    if (!bound) return
    this.stop()
    this.#world.onBound({ ...bound, mechanism: this.#chosen?.mechanism })
  }

  #say(node: XmlNode): void {
    this.#await()
    this.#world.write(node)
  }

  /** The server has its time anew. */
  #await(): void {
    clearTimeout(this.#step)
    this.#step = setTimeout(() => this.#late(STEP_MS), STEP_MS)
  }

  #late(ms: number): void {
    this.#fail({ cause: 'unreachable', text: `not signed in: no answer within ${ms} ms` })
  }

  /** Trying again would be answered alike. */
  #refuse({ refused }: Refused): void {
    this.#fail({ cause: 'not-authorized', text: refused })
  }

  #fail(end: StreamEnd): void {
    if (this.#at === 'over') return
    this.stop()
    this.#world.onFailed(end)
  }
}

function mechanismsOf(features: XmlNode): string[] {
  const list = child(features, NS_SASL, 'mechanisms')
  return list ? childrenOf(list, NS_SASL, 'mechanism').map(textOf) : []
}

const NOT_TEXT: Refused = { refused: 'what the server says for the sign-in is no text in base64' }

/** What it holds; one without content is written `=` (RFC 6120 section 6.4.2). */
function textOfSasl(node: XmlNode): string | undefined {
  const text = textOf(node)
  return text === '=' ? '' : textOfBase64(text)
}

/** The name that signs in; a domain alone has none. */
const localOf = (account: string): string => account.slice(0, Math.max(0, account.indexOf('@')))

/** Eight characters that no other session has. */
const newResource = (): string => `web-${crypto.randomUUID().slice(0, 8)}`
