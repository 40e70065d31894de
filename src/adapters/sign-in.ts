import { chooseTokenMechanism } from '../account/fast-token.ts'
import { chooseMechanism, type Mechanism, type Refused } from '../account/sasl.ts'
import type { Bound, Credentials, FastToken, StreamEnd } from '../broker/ports.ts'
import { domainOf } from '../protocol/jid.ts'
import type { InlineOffer } from '../protocol/xep-0386-bind2.ts'
import { authenticate, NS_SASL2, readSasl2, readSasl2Success, sasl2Response } from '../protocol/xep-0388-sasl2.ts'
import { type GivenToken, readToken, requestToken, useToken } from '../protocol/xep-0484-fast.ts'
import { child, childrenOf, el, textOf, type XmlNode } from '../protocol/xml.ts'
import { Binding, isFeatures } from './binding.ts'
import { InlineBinding } from './inline-binding.ts'
import { prepareExchange, type SaslExchange } from './sasl-exchange.ts'
import { endOfError, endOfSaslFailure, NS_FRAMING, NS_SASL } from './stream-end.ts'
import { prepareToken } from './token-exchange.ts'

export interface SignInWorld {
  readonly credentials: Credentials
  /** In place of the one of the credentials, with the number of this use. */
  readonly token: FastToken | undefined
  /** The password may be sent to this address as it is. */
  readonly plain: boolean
  /** Says what the session before shows to be right without being asked for it: each wait is a round trip. */
  readonly hurries: boolean
  readonly write: (node: XmlNode) => void
  /** Within the frame that says so: the next one may be a stanza. */
  readonly onBound: (bound: Bound) => void
  readonly onFailed: (end: StreamEnd) => void
  /** The server gives a token, which is to be kept beside this. */
  readonly onToken: (given: GivenToken, beside: Omit<FastToken, 'sealed' | 'expiresMs'>) => void
}

/** What signs in. */
interface Chosen {
  readonly exchange: SaslExchange
  /** `undefined`: the token does. */
  readonly mechanism: Mechanism | undefined
  /** Where all is said within the sign-in. */
  readonly inline?: InlineBinding
  readonly offer?: InlineOffer
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
  /** What the token has to say; `undefined` where there is none that can be used. */
  #token: SaslExchange | undefined
  readonly #preparing: Promise<void> | undefined
  #chosen: Chosen | undefined
  /** Whoever we are has been proved to the server: it acts on what was asked for beside. */
  #proved = false
  #tokenRefused = false
  /** A new token is to be kept beside this. */
  #wanted: Pick<FastToken, 'agent' | 'mechanism'> | undefined
  #at: 'features' | 'authenticating' | 'binding' | 'over' = 'features'
  #hurried = false

  /** Begins with the connection, which has a step of its own. */
  constructor(world: SignInWorld) {
    const { account, password, resume } = world.credentials
    this.#world = world
    this.#exchangeBy = prepareExchange(localOf(account), password ?? '')
    this.#preparing = world.token && this.#prepare(world.token)
    this.#binding = new Binding(resume, newResource(), world.write)
    this.#deadline = setTimeout(() => this.#late(SIGN_IN_MS), SIGN_IN_MS)
    this.#await()
  }

  /** It ended while the server was asked for the session before. */
  get resuming(): boolean {
    return this.#binding.resuming || (this.#proved && this.#chosen?.inline?.resumes === true)
  }

  /** The server does not take the token: it is worth nothing any more. */
  get tokenRefused(): boolean {
    return this.#tokenRefused
  }

  /** It has said something before it was asked, which the server need not understand. */
  get hurried(): boolean {
    return this.#hurried
  }

  /** Once the connection is open. */
  async begin(): Promise<void> {
    // Long done by then: the connection took a round trip.
    await this.#preparing
    if (this.#at === 'features') this.#open()
  }

  async #prepare(token: FastToken): Promise<void> {
    this.#token = await prepareToken(localOf(this.#world.credentials.account), token)
    // What cannot be opened here is as good as refused.
    this.#tokenRefused = this.#token === undefined
  }

  /** Opens the stream: first, and anew behind a proof of who we are that was nothing but that. */
  #open(): void {
    const { credentials, hurries, token } = this.#world
    const { account, resume } = credentials
    // Some servers say what a token could do only to whom they know by name.
    const from = account.includes('@') ? account : undefined
    this.#say(el(NS_FRAMING, 'open', { to: domainOf(account), from, version: '1.0' }))
    if (!hurries) return
    const { mechanism, inline = this.#token && token?.inline } = resume ?? {}
    if (mechanism === undefined && !(inline && this.#token)) return
    this.#hurried = true
    if (this.#at !== 'features') this.#binding.resume()
    else if (inline) this.#authenticate(mechanism === undefined ? [] : [mechanism], inline)
    else if (mechanism !== undefined) this.#auth([mechanism])
  }

  take(node: XmlNode): void {
    if (this.#at === 'over') return
    this.#await()
    if (node.ns === NS_SASL || node.ns === NS_SASL2) this.#takeSasl(node)
    else if (this.#at === 'features' && isFeatures(node)) this.#choose(node)
    else if (this.#at === 'binding') this.#bind(node)
  }

  /** Whoever waits for it does so no more. */
  stop(): void {
    this.#at = 'over'
    clearTimeout(this.#deadline)
    clearTimeout(this.#step)
  }

  #choose(features: XmlNode): void {
    const sasl2 = readSasl2(features)
    if (sasl2?.inline) this.#authenticate(sasl2.mechanisms, sasl2.inline)
    else this.#auth(mechanismsOf(features))
  }

  /** RFC 6120 section 6: who we are first, all else behind it. */
  #auth(offered: readonly string[]): void {
    const chosen = this.#exchangeWith(offered)
    if ('refused' in chosen) return this.#refuse(chosen)
    this.#chosen = chosen
    this.#at = 'authenticating'
    // One without content is written so (RFC 6120 section 6.4.2).
    this.#say(el(NS_SASL, 'auth', { mechanism: chosen.mechanism }, chosen.exchange.first || '='))
  }

  /** SASL2 (XEP-0388): all at once. */
  #authenticate(offered: readonly string[], offer: InlineOffer): void {
    const { credentials, token } = this.#world
    const byToken = this.#token !== undefined && token !== undefined && offer.tokens.includes(token.mechanism)
    const chosen =
      byToken && this.#token ? { exchange: this.#token, mechanism: undefined } : this.#exchangeWith(offered)
    if ('refused' in chosen) return this.#refuse(chosen)
    const inline = new InlineBinding({ credentials, tag: newResource(), offer })
    this.#chosen = { ...chosen, inline, offer }
    this.#at = 'authenticating'
    this.#proved = chosen.mechanism === undefined || !chosen.mechanism.startsWith('SCRAM')
    const wanted = credentials.remember && !byToken ? chooseTokenMechanism(offer.tokens) : undefined
    const known = credentials.resume?.inline?.agent
    const ofToken = byToken ? token.mechanism : wanted
    this.#wanted =
      ofToken === undefined ? undefined : { agent: token?.agent ?? known ?? crypto.randomUUID(), mechanism: ofToken }
    const words = {
      mechanism: byToken ? token.mechanism : (chosen.mechanism ?? ''),
      first: chosen.exchange.first,
      agent: this.#wanted?.agent,
    }
    const forToken = byToken ? useToken(token.count) : wanted && requestToken(wanted)
    this.#say(authenticate(words, [...inline.request, forToken]))
  }

  /** By the strongest mechanism that both sides can. */
  #exchangeWith(offered: readonly string[]): { exchange: SaslExchange; mechanism: Mechanism } | Refused {
    const { account, password, allowDowngrade, strongest } = this.#world.credentials
    const mechanism = chooseMechanism(offered, {
      anonymous: !account.includes('@'),
      plain: this.#world.plain,
      strongest: allowDowngrade ? undefined : strongest,
    })
    if (typeof mechanism !== 'string') return mechanism
    if (password === undefined && mechanism !== 'ANONYMOUS') return NO_PASSWORD
    const exchange = this.#exchangeBy(mechanism)
    return 'refused' in exchange ? exchange : { exchange, mechanism }
  }

  #takeSasl(node: XmlNode): void {
    const chosen = this.#chosen
    if (!chosen || this.#at !== 'authenticating' || (node.ns === NS_SASL2) !== (chosen.inline !== undefined)) {
      this.#refuse({ refused: `the server says ${node.name} where nobody asked it` })
    } else if (node.name === 'challenge') void this.#answer(chosen, node)
    else if (node.name === 'success') this.#takeSuccess(chosen, node)
    else if (node.name === 'failure') this.#takeFailure(chosen, node)
    else if (node.name === 'continue') this.#refuse({ refused: 'the server asks for more than a password' })
  }

  async #answer({ exchange, inline }: Chosen, challenge: XmlNode): Promise<void> {
    try {
      const answer = await exchange.answer(textOfSasl(challenge))
      if (this.#at === 'over') return
      if (typeof answer !== 'string') return this.#refuse(answer)
      this.#proved = true
      this.#say(inline ? sasl2Response(answer) : el(NS_SASL, 'response', undefined, answer))
    } catch (error) {
      // The browser could not compute it.
      this.#fail(endOfError(error))
    }
  }

  #takeSuccess({ exchange, inline }: Chosen, success: XmlNode): void {
    const refused = exchange.refuseSuccess(inline ? readSasl2Success(success).said : textOfSasl(success))
    if (refused) return this.#refuse(refused)
    this.#at = 'binding'
    if (!inline) return this.#open()
    this.#takeToken(success)
    this.#bindBy(() => inline.take(success))
  }

  /** The token is of the server that has just shown that it knows the password, or the token before. */
  #takeToken(success: XmlNode): void {
    const given = readToken(success)
    const { offer } = this.#chosen ?? {}
    if (!given || !offer || !this.#wanted) return
    this.#world.onToken(given, { ...this.#wanted, count: 1, inline: offer })
  }

  #takeFailure({ mechanism }: Chosen, failure: XmlNode): void {
    const end = endOfSaslFailure(failure)
    this.#tokenRefused ||= mechanism === undefined && end.cause === 'not-authorized'
    this.#fail(end)
  }

  #bind(node: XmlNode): void {
    this.#bindBy(() => this.#binding.take(node))
  }

  #bindBy(take: () => Bound | undefined): void {
    let bound: Bound | undefined
    try {
      bound = take()
    } catch (error) {
      return this.#fail(endOfError(error))
    }
    if (!bound) return
    this.stop()
    // A token says nothing about what the password is proved by.
    const mechanism = this.#chosen?.mechanism ?? this.#world.credentials.resume?.mechanism
    const inline = bound.inline && { ...bound.inline, agent: this.#wanted?.agent }
    this.#world.onBound({ ...bound, mechanism, inline })
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
  #refuse(refused: Refused): void {
    const cause = refused === NO_PASSWORD ? 'credentials-required' : 'not-authorized'
    this.#fail({ cause, text: refused.refused })
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

/** What it holds, in base64; one without content is written `=` (RFC 6120 section 6.4.2). */
function textOfSasl(node: XmlNode): string {
  const text = textOf(node)
  return text === '=' ? '' : text
}

const NO_PASSWORD: Refused = { refused: 'the server takes no token, and no password is given' }

/** The name that signs in; a domain alone has none. */
const localOf = (account: string): string => account.slice(0, Math.max(0, account.indexOf('@')))

/** Eight characters that no other session has. */
const newResource = (): string => `web-${crypto.randomUUID().slice(0, 8)}`
