import { createHash, randomUUID } from 'node:crypto'
import { type Element, el } from './ltx.ts'
import { signIn } from './raw-client/sign-in.ts'
import { bare, isSubject, refused, statusCodes } from './raw-client/stanza.ts'
import { StanzaLog, type WaitOptions } from './raw-client/stanza-log.ts'
import { type Ending, Wire } from './raw-client/wire.ts'

export { type Element, el } from './ltx.ts'
export { bare, StanzaError, statusCodes } from './raw-client/stanza.ts'
export type { WaitOptions } from './raw-client/stanza-log.ts'
export type { Ending } from './raw-client/wire.ts'

const NS_FRAMING = 'urn:ietf:params:xml:ns:xmpp-framing'
const NS_SM = 'urn:xmpp:sm:3'
const NS_PING = 'urn:xmpp:ping'
const NS_STANZAS = 'urn:ietf:params:xml:ns:xmpp-stanzas'
const NS_MUC = 'http://jabber.org/protocol/muc'
const NS_INFO = 'http://jabber.org/protocol/disco#info'
const CLOSE_MS = 5_000

/** Who connects where, and how. */
export type RawClientOptions = {
  readonly url: string
  /** Bare. */
  readonly jid: string
  readonly password: string
  readonly resource: string
  /** Whether to enable XEP-0198, with resumption; not unless said. */
  readonly streamManagement?: boolean
  /** Whether to send initial presence; yes unless said. */
  readonly presence?: boolean
  /** What it says it can do, in its presence and when it is asked (XEP-0115); it says nothing unless said. */
  readonly features?: readonly string[]
  /** For each step of the sign-in; 15 s unless said. */
  readonly deadlineMs?: number
}

/** How a room is joined (XEP-0045 §7.2). */
export type JoinOptions = {
  readonly password?: string
  /** Attributes of `<history/>`: maxstanzas, maxchars, seconds, since. */
  readonly history?: Readonly<Record<string, string | number>>
  /** What else the presence holds, such as `<show/>`. */
  readonly shown?: readonly Element[]
}

/**
 * An XMPP client for tests that shares no code with the SDK: an independent witness of what a server says.
 *
 * It acknowledges (XEP-0198), answers pings and refuses other requests; everything else is left to the test. It never
 * reconnects. Waits fail at once when the connection ends.
 */
export class RawClient implements AsyncDisposable {
  /** The full JID that the server gave. */
  readonly jid: string
  /** Resolves when the connection is gone, for whatever reason. */
  readonly ended: Promise<Ending>
  readonly #wire: Wire
  readonly #stanzas: StanzaLog
  readonly #streamManagement: boolean
  readonly #features: readonly string[] | undefined
  #closeHeard: () => void = () => undefined

  private constructor(wire: Wire, jid: string, { streamManagement = false, features }: Partial<RawClientOptions>) {
    this.jid = jid
    this.ended = wire.ended
    this.#wire = wire
    this.#stanzas = new StanzaLog(jid)
    this.#streamManagement = streamManagement
    this.#features = features
    wire.deliverTo((element) => this.#receive(element))
    void wire.ended.then(({ code, error }) => {
      this.#stanzas.close(`the connection ended (${code})${error ? ` after ${error}` : ''}`)
    })
  }

  /** A client that is signed in. @throws Error that shows what the server said instead, or at the deadline */
  static async connect(options: RawClientOptions): Promise<RawClient> {
    const { url, streamManagement = false, presence = true, deadlineMs = 15_000 } = options
    const wire = await Wire.open(url, deadlineMs)
    try {
      const jid = await signIn(wire, { ...options, streamManagement, deadlineMs })
      const client = new RawClient(wire, jid, options)
      if (presence) client.send(el('presence', {}, ...(options.features ? [caps(options.features)] : [])))
      return client
    } catch (error) {
      wire.drop()
      throw error
    }
  }

  /** Every stanza received, oldest first; its place is its index. */
  get log(): readonly Element[] {
    return this.#stanzas.stanzas
  }

  /** The index of the next stanza. */
  mark(): number {
    return this.log.length
  }

  /** The stanzas received since a mark, or all. */
  received(sinceMark = 0): readonly Element[] {
    return this.log.slice(sinceMark)
  }

  /**
   * The first stanza for which the predicate holds, received already (since the mark `since`, if given) or to come.
   *
   * @throws Error with `what` and the last stanzas at the deadline (10 s unless said), or when the connection ends
   */
  waitFor(predicate: (stanza: Element) => boolean, options: WaitOptions): Promise<Element> {
    return this.#stanzas.waitFor(predicate, options)
  }

  /** Sends a frame: text as it is; an element gets the namespace `jabber:client` if it has none. */
  send(stanza: Element | string): void {
    if (typeof stanza !== 'string') stanza.attrs['xmlns'] ??= 'jabber:client'
    this.#wire.send(String(stanza))
  }

  /** The result of a request; it gets an id if it has none. @throws StanzaError when the answer is an error */
  async request(iq: Element, deadlineMs?: number): Promise<Element> {
    iq.attrs['id'] ??= randomUUID()
    const { id, to } = iq.attrs
    const since = this.mark()
    this.send(iq)
    const answer = (s: Element) =>
      s.is('iq') && s.attrs['id'] === id && /^(?:result|error)$/.test(s.attrs['type'] ?? '')
    const what = `the answer of ${to ?? 'the server'} to ${id}`
    return refused(
      await this.waitFor(answer, { what, since, ...(deadlineMs === undefined ? {} : { deadlineMs }) }),
      what,
    )
  }

  /**
   * Joins a room: all that it said, up to the subject that ends a join (XEP-0045 §7.1), oldest first.
   *
   * Prosody sends a presence from the bare room JID after that, ejabberd before all else: `barrier()` waits for it too.
   *
   * @throws StanzaError when the room refuses
   */
  async join(roomJid: string, nick: string, options: JoinOptions = {}): Promise<readonly Element[]> {
    const { password, history, shown = [] } = options
    const id = randomUUID()
    const since = this.mark()
    const x = el('x', { xmlns: NS_MUC })
    if (history) x.append(el('history', Object.fromEntries(Object.entries(history).map(([k, v]) => [k, String(v)]))))
    if (password !== undefined) x.append(el('password', {}, password))
    this.send(el('presence', { to: `${roomJid}/${nick}`, id }, ...shown, x))

    const what = `the join of ${roomJid} as ${nick}`
    let inside = false
    const last = await this.waitFor(
      (stanza) => {
        if (bare(stanza.attrs['from']) !== roomJid) return false
        if (stanza.attrs['type'] === 'error' && stanza.attrs['id'] === id) return true
        if (stanza.is('presence') && statusCodes(stanza).includes('110')) inside = true
        return inside && isSubject(stanza)
      },
      { what, since },
    )
    refused(last, what)
    return this.log.slice(since, this.log.indexOf(last) + 1).filter((s) => bare(s.attrs['from']) === roomJid)
  }

  /** Leaves a room; resolves with the room's word that it is done. */
  async leave(roomJid: string, nick: string): Promise<Element> {
    const since = this.mark()
    const from = `${roomJid}/${nick}`
    this.send(el('presence', { to: from, type: 'unavailable' }))
    const isGone = (s: Element) => s.is('presence') && s.attrs['from'] === from && s.attrs['type'] === 'unavailable'
    return this.waitFor(isGone, { what: `the end of ${from}`, since })
  }

  /** Writes to a room; resolves with the message as the room sent it back. @throws StanzaError when the room refuses */
  async say(roomJid: string, body: string, options: { readonly id?: string } = {}): Promise<Element> {
    const id = options.id ?? randomUUID()
    const since = this.mark()
    this.send(el('message', { to: roomJid, type: 'groupchat', id }, el('body', {}, body)))
    const what = `the reflection of message ${id} by ${roomJid}`
    const isBack = (s: Element) => s.is('message') && s.attrs['id'] === id && bare(s.attrs['from']) === roomJid
    return refused(await this.waitFor(isBack, { what, since }), what)
  }

  /** A round trip to the server: whatever it sent to this client before has arrived. */
  async barrier(): Promise<void> {
    const to = this.jid.slice(this.jid.indexOf('@') + 1, this.jid.indexOf('/'))
    await this.request(el('iq', { type: 'get', to }, el('ping', { xmlns: NS_PING })))
  }

  /** Ends the stream in an orderly way, so that nothing is left to resume. Does nothing when it has ended already. */
  async close(): Promise<void> {
    if (this.#wire.isOpen) await this.#endStream()
    await this.ended
  }

  /** Destroys the socket without a word; with XEP-0198 the server keeps the session for a while. */
  drop(): void {
    this.#wire.drop()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #endStream(): Promise<void> {
    const heard = new Promise<void>((resolve) => {
      this.#closeHeard = resolve
    })
    const timer = setTimeout(() => this.#wire.drop(), CLOSE_MS)
    if (this.#streamManagement) this.#acknowledge()
    this.#wire.send(String(el('close', { xmlns: NS_FRAMING })))
    await Promise.race([heard, this.ended])
    this.#wire.close()
    await this.ended
    clearTimeout(timer)
  }

  #receive(element: Element): void {
    if (element.is('r', NS_SM)) this.#acknowledge()
    else if (element.is('close', NS_FRAMING)) this.#closeHeard()
    else if (/^(?:message|presence|iq)$/.test(element.name)) {
      this.#stanzas.add(element)
      if (element.name === 'iq') this.#answer(element)
    }
  }

  /** `h` counts all stanzas since the stream was made: none can come before `<enabled/>`, sent ahead of presence. */
  #acknowledge(): void {
    this.#wire.send(String(el('a', { xmlns: NS_SM, h: String(this.log.length) })))
  }

  #answer(iq: Element): void {
    const { type, id, from } = iq.attrs
    if (type !== 'get' && type !== 'set') return
    if (iq.getChild('ping', NS_PING)) this.send(el('iq', { type: 'result', id, to: from }))
    else if (this.#features && iq.getChild('query', NS_INFO)) {
      const { node } = iq.getChild('query')?.attrs ?? {}
      const features = this.#features.map((feature) => el('feature', { var: feature }))
      const query = el(
        'query',
        { xmlns: NS_INFO, node },
        el('identity', { category: 'client', type: 'pc' }),
        ...features,
      )
      this.send(el('iq', { type: 'result', id, to: from }, query))
    } else {
      const condition = el('service-unavailable', { xmlns: NS_STANZAS })
      this.send(el('iq', { type: 'error', id, to: from }, el('error', { type: 'cancel' }, condition)))
    }
  }
}

function caps(features: readonly string[]): Element {
  const text = `client/pc//<${[...features].sort().join('<')}<`
  const ver = createHash('sha1').update(text, 'utf8').digest('base64')
  return el('c', { xmlns: 'http://jabber.org/protocol/caps', hash: 'sha-1', node: 'urn:example:raw-client', ver })
}
