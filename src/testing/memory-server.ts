import type { Clock } from '../broker/ports.ts'
import { bareOf, domainOf, resourceOf } from '../protocol/jid.ts'
import { NS_DISCO_INFO } from '../protocol/xep-0030-disco.ts'
import { NS_MUC } from '../protocol/xep-0045-muc.ts'
import { child, el, elementsOf, type XmlNode } from '../protocol/xml.ts'
import { AccountHome, type HomeSession } from './account-home.ts'
import { routeMessage } from './account-messages.ts'
import { routePresence } from './account-presence.ts'
import { MemoryRoom } from './memory-room.ts'
import { type Answer, answerTo, type Peer, readdressed, refused } from './peer.ts'

const NS_ITEMS = 'http://jabber.org/protocol/disco#items'
/** What services of rooms are usually called. */
const SERVICE = /^(?:rooms|muc|conference|chat|groups)\./

export interface MemoryServerOptions {
  readonly clock: Clock
}

/** Accounts and rooms in memory, and the way from one to another: what a server is behind its connections. */
export class MemoryServer {
  readonly clock: Clock
  readonly #homes = new Map<string, AccountHome>()
  readonly #rooms = new Map<string, MemoryRoom>()
  readonly #services = new Set<string>()

  constructor({ clock }: MemoryServerOptions) {
    this.clock = clock
  }

  /** What is kept of an account, from the first time on that somebody asks. */
  home(account: string): AccountHome {
    const found = this.#homes.get(account)
    if (found) return found
    const home = new AccountHome(account, { clock: this.clock, send: (stanza) => this.send(stanza) })
    this.#homes.set(account, home)
    return home
  }

  knownHome(account: string): AccountHome | undefined {
    return this.#homes.get(account)
  }

  /** The room of that address; one that was never there is made when somebody comes. */
  room(jid: string): MemoryRoom {
    const found = this.#rooms.get(jid)
    if (found) return found
    const room = new MemoryRoom(jid, {
      clock: this.clock,
      route: (stanza) => this.send(stanza),
      ended: (ended) => ended.gone || this.#rooms.delete(jid),
    })
    this.#services.add(domainOf(jid))
    this.#rooms.set(jid, room)
    return room
  }

  get rooms(): readonly MemoryRoom[] {
    return [...this.#rooms.values()]
  }

  /** Somebody connects: what is sent to that full JID reaches them from now on. */
  enter(peer: Peer): HomeSession {
    const session: HomeSession = { jid: peer.jid, deliver: peer.deliver, carbons: false, presence: undefined }
    this.home(bareOf(peer.jid)).sessions.add(session)
    return session
  }

  /** The session is over: contacts and rooms see it go. */
  leave(session: HomeSession): void {
    for (const room of this.rooms) room.forget(session)
    if (session.presence) this.take(el('jabber:client', 'presence', { type: 'unavailable' }), session)
    this.knownHome(bareOf(session.jid))?.sessions.delete(session)
  }

  /** What a session sends. */
  take(sent: XmlNode, session: HomeSession): void {
    const account = bareOf(session.jid)
    const stanza = readdressed(sent, { from: session.jid })
    const { to } = stanza.attrs
    const isAccount = to === undefined || to === account
    if (!isAccount && this.#isService(stanza, to)) this.#toService(stanza, to, session)
    else if (stanza.name === 'presence') routePresence(this, stanza, session)
    else if (stanza.name === 'message') routeMessage(this, stanza, session)
    else if (stanza.name === 'iq') this.#request(stanza, session)
  }

  /** To an account or one of its sessions, from wherever it says. */
  send(stanza: XmlNode): void {
    const { to = '' } = stanza.attrs
    if (stanza.name === 'presence') routePresence(this, stanza, undefined)
    else if (stanza.name === 'message') routeMessage(this, stanza, undefined)
    else this.sessionOf(to)?.deliver(stanza)
  }

  sessionOf(fullJid: string): HomeSession | undefined {
    const { sessions = [] } = this.knownHome(bareOf(fullJid)) ?? {}
    for (const session of sessions) if (session.jid === fullJid) return session
    return undefined
  }

  #isService({ name, children }: XmlNode, to: string): boolean {
    const domain = domainOf(to)
    if (this.#services.has(domain) || SERVICE.test(domain)) return true
    return name === 'presence' && children.some((each) => typeof each !== 'string' && each.ns === NS_MUC)
  }

  #toService(stanza: XmlNode, to: string, session: HomeSession): void {
    const bare = bareOf(to)
    const { type } = stanza.attrs
    if (bare.includes('@')) {
      const known = this.#rooms.get(bare)
      const enters = stanza.name === 'presence' && type === undefined && child(stanza, NS_MUC, 'x') !== undefined
      if (known || enters) (known ?? this.room(bare)).take(stanza, session)
      else if (type !== 'error' && type !== 'result' && type !== 'unavailable')
        answerTo(stanza, session, refused('item-not-found'))
      // One that was only asked about, or refused whoever came, was never there.
      if (!known && this.#rooms.get(bare)?.exists === false) this.#rooms.delete(bare)
    } else if (stanza.name === 'iq' && (type === 'get' || type === 'set'))
      answerTo(stanza, session, this.#answerService(stanza, bare))
  }

  #answerService(stanza: XmlNode, domain: string): Answer {
    const [query] = elementsOf(stanza)
    if (query?.ns === NS_DISCO_INFO) {
      const features = [NS_DISCO_INFO, NS_ITEMS, NS_MUC].map((each) => el(NS_DISCO_INFO, 'feature', { var: each }))
      const identity = el(NS_DISCO_INFO, 'identity', { category: 'conference', type: 'text', name: 'Rooms' })
      return [el(NS_DISCO_INFO, 'query', {}, identity, ...features)]
    }
    if (query?.ns !== NS_ITEMS) return refused('service-unavailable')
    const shown = this.rooms.filter(
      ({ jid, exists, settings }) => exists && settings.public && domainOf(jid) === domain,
    )
    return [
      el(
        NS_ITEMS,
        'query',
        {},
        ...shown.map(({ jid, settings }) => el(NS_ITEMS, 'item', { jid, name: settings.name || undefined })),
      ),
    ]
  }

  #request(stanza: XmlNode, session: HomeSession): void {
    const account = bareOf(session.jid)
    const { to = account, type } = stanza.attrs
    const isQuestion = type === 'get' || type === 'set'
    if (resourceOf(to) !== undefined) {
      const other = this.sessionOf(to)
      if (other) other.deliver(readdressed(stanza, { from: session.jid }))
      else if (isQuestion) answerTo(stanza, session, refused('service-unavailable'))
    } else if (!isQuestion) return
    else if (!to.includes('@')) answerTo(stanza, session, this.#answerServer(stanza, to))
    else answerTo(stanza, session, this.knownHome(to)?.answer(stanza, session) ?? refused('service-unavailable'))
  }

  #answerServer(stanza: XmlNode, domain: string): Answer {
    const [query] = elementsOf(stanza)
    if (query?.ns === 'urn:xmpp:ping') return []
    if (query?.ns === NS_DISCO_INFO) {
      const features = [NS_DISCO_INFO, NS_ITEMS, 'urn:xmpp:carbons:2', 'urn:xmpp:blocking', 'urn:xmpp:ping']
      const identity = el(NS_DISCO_INFO, 'identity', { category: 'server', type: 'im', name: 'Memory' })
      return [
        el(
          NS_DISCO_INFO,
          'query',
          {},
          identity,
          ...features.map((each) => el(NS_DISCO_INFO, 'feature', { var: each })),
        ),
      ]
    }
    if (query?.ns !== NS_ITEMS) return refused('service-unavailable')
    const own = [...this.#services].filter((each) => each.endsWith(`.${domain}`))
    const services = own.length > 0 ? own : [`rooms.${domain}`]
    return [el(NS_ITEMS, 'query', {}, ...services.map((jid) => el(NS_ITEMS, 'item', { jid })))]
  }
}
