import type { Clock } from '../broker/ports.ts'
import { bareOf } from '../protocol/jid.ts'
import { NS_DISCO_INFO } from '../protocol/xep-0030-disco.ts'
import { NS_MAM } from '../protocol/xep-0313-mam.ts'
import { childrenOf, el, elementsOf, type XmlNode } from '../protocol/xml.ts'
import { MessageArchive } from './message-archive.ts'
import { type Answer, type Peer, refused, stanzaEl } from './peer.ts'
import { NS_PUBSUB, NS_PUBSUB_OWNER, PepNodes } from './pep.ts'

const NS_ROSTER = 'jabber:iq:roster'
const NS_PRIVATE = 'jabber:iq:private'
const NS_BLOCKING = 'urn:xmpp:blocking'
const NS_CARBONS = 'urn:xmpp:carbons:2'
const NS_VCARD = 'vcard-temp'
const NS_ITEMS = 'http://jabber.org/protocol/disco#items'
const DONE: Answer = []
const FEATURES = [
  NS_DISCO_INFO,
  NS_MAM,
  NS_CARBONS,
  NS_BLOCKING,
  NS_VCARD,
  'urn:xmpp:sid:0',
  'urn:xmpp:bookmarks:1#compat',
  `${NS_PUBSUB}#publish`,
  `${NS_PUBSUB}#publish-options`,
  `${NS_PUBSUB}#access-whitelist`,
  `${NS_PUBSUB}#persistent-items`,
  `${NS_PUBSUB}#config-node-max`,
]

/** A contact (RFC 6121 section 2). */
export interface Contact {
  readonly name?: string | undefined
  readonly groups: readonly string[]
  readonly subscription: 'none' | 'to' | 'from' | 'both'
  /** A request of ours is not answered yet. */
  readonly ask?: boolean
}

/** A connected session of the account. */
export interface HomeSession extends Peer {
  carbons: boolean
  /** Its last available presence: without one it gets no messages to the account as a whole. */
  presence: XmlNode | undefined
}

export interface HomeWorld {
  readonly clock: Clock
  readonly send: (stanza: XmlNode) => void
}

/** What the server keeps of one account, and who of it is connected. */
export class AccountHome {
  readonly jid: string
  readonly sessions = new Set<HomeSession>()
  readonly contacts = new Map<string, Contact>()
  readonly blocked = new Set<string>()
  readonly archive: MessageArchive
  readonly pep: PepNodes
  /** Messages that came while nobody was there. */
  readonly waiting: XmlNode[] = []
  /** Who wants to see our presence, and was not answered yet. */
  readonly wishes = new Set<string>()
  readonly #world: HomeWorld
  readonly #private = new Map<string, XmlNode>()
  #vcard: XmlNode | undefined

  constructor(jid: string, world: HomeWorld) {
    this.jid = jid
    this.#world = world
    this.archive = new MessageArchive(jid)
    this.pep = new PepNodes(
      (event, access) => this.#tellEvent(event, access),
      () => world.clock.newId(),
    )
  }

  get available(): readonly HomeSession[] {
    return [...this.sessions].filter(({ presence }) => presence !== undefined)
  }

  /** Whether somebody may see the account's presence. */
  isSeenBy(account: string): boolean {
    const { subscription } = this.contacts.get(account) ?? {}
    return account === this.jid || subscription === 'from' || subscription === 'both'
  }

  /** A contact as it is from now on; every session is told. `undefined` takes it away. */
  setContact(jid: string, contact: Contact | undefined): void {
    if (contact) this.contacts.set(jid, contact)
    else this.contacts.delete(jid)
    const item = contact ? contactEl(jid, contact) : el(NS_ROSTER, 'item', { jid, subscription: 'remove' })
    this.#push(el(NS_ROSTER, 'query', {}, item))
  }

  answer(stanza: XmlNode, peer: Peer): Answer {
    const [query] = elementsOf(stanza)
    const own = bareOf(peer.jid) === this.jid
    const isSet = stanza.attrs['type'] === 'set'
    if (!query) return refused('bad-request')
    if (query.ns === NS_PUBSUB || query.ns === NS_PUBSUB_OWNER)
      return this.pep.answer(query, own, this.isSeenBy(bareOf(peer.jid)))
    if (query.ns === NS_VCARD && (!isSet || own)) return this.#answerVcard(query, isSet)
    if (query.ns === NS_DISCO_INFO && (own || this.isSeenBy(bareOf(peer.jid)))) return [this.#info()]
    if (query.ns === NS_ITEMS && own) return [el(NS_ITEMS, 'query')]
    if (!own) return refused('service-unavailable')
    switch (query.ns) {
      case NS_ROSTER:
        return this.#roster(query, isSet)
      case NS_PRIVATE:
        return this.#keepPrivately(query, isSet)
      case NS_BLOCKING:
        return this.#block(query, isSet)
      case NS_CARBONS:
        for (const session of this.sessions) if (session.jid === peer.jid) session.carbons = query.name === 'enable'
        return DONE
      case NS_MAM:
        return isSet ? this.archive.answer(query, peer) : refused('feature-not-implemented')
      case 'urn:xmpp:ping':
        return DONE
      default:
        return refused('service-unavailable')
    }
  }

  #info(): XmlNode {
    const identities = [
      el(NS_DISCO_INFO, 'identity', { category: 'account', type: 'registered' }),
      el(NS_DISCO_INFO, 'identity', { category: 'pubsub', type: 'pep' }),
    ]
    return el(
      NS_DISCO_INFO,
      'query',
      {},
      ...identities,
      ...FEATURES.map((each) => el(NS_DISCO_INFO, 'feature', { var: each })),
    )
  }

  #roster(query: XmlNode, isSet: boolean): Answer {
    if (!isSet) return [el(NS_ROSTER, 'query', {}, ...[...this.contacts].map(([jid, each]) => contactEl(jid, each)))]
    const [item] = childrenOf(query, NS_ROSTER, 'item')
    const { jid, name, subscription } = item?.attrs ?? {}
    if (!item || jid === undefined) return refused('bad-request')
    const before = this.contacts.get(jid)
    if (subscription !== 'remove') {
      const groups = childrenOf(item, NS_ROSTER, 'group').flatMap(({ children }) =>
        children.filter((each) => typeof each === 'string'),
      )
      this.setContact(jid, { subscription: 'none', ...before, name, groups })
    } else if (!before) return refused('item-not-found')
    else {
      for (const type of ['unsubscribe', 'unsubscribed'])
        this.#world.send(stanzaEl('presence', { type, from: this.jid, to: jid }))
      this.setContact(jid, undefined)
    }
    return DONE
  }

  #answerVcard(query: XmlNode, isSet: boolean): Answer {
    if (!isSet) return this.#vcard ? [this.#vcard] : refused('item-not-found')
    this.#vcard = query
    return DONE
  }

  #keepPrivately(query: XmlNode, isSet: boolean): Answer {
    const [kept] = elementsOf(query)
    if (!kept) return refused('bad-request')
    if (!isSet) return [el(NS_PRIVATE, 'query', {}, this.#private.get(`${kept.ns} ${kept.name}`) ?? kept)]
    this.#private.set(`${kept.ns} ${kept.name}`, kept)
    return DONE
  }

  #block(query: XmlNode, isSet: boolean): Answer {
    const item = (jid: string): XmlNode => el(NS_BLOCKING, 'item', { jid })
    if (!isSet) return [el(NS_BLOCKING, 'blocklist', {}, ...[...this.blocked].map(item))]
    const jids = childrenOf(query, NS_BLOCKING, 'item').flatMap(({ attrs }) => attrs['jid'] ?? [])
    if (query.name === 'block') for (const jid of jids) this.blocked.add(jid)
    else if (jids.length === 0) this.blocked.clear()
    else for (const jid of jids) this.blocked.delete(jid)
    this.#push(query)
    return DONE
  }

  #push(payload: XmlNode): void {
    for (const { jid, deliver } of this.sessions)
      deliver(stanzaEl('iq', { type: 'set', id: this.#world.clock.newId(), to: jid }, [payload]))
  }

  #tellEvent(event: XmlNode, access: string): void {
    for (const { jid, deliver } of this.available)
      deliver(stanzaEl('message', { from: this.jid, to: jid, type: 'headline' }, [event]))
    if (access === 'whitelist') return
    for (const contact of this.contacts.keys())
      if (this.isSeenBy(contact))
        this.#world.send(stanzaEl('message', { from: this.jid, to: contact, type: 'headline' }, [event]))
  }
}

function contactEl(jid: string, { name, groups, subscription, ask }: Contact): XmlNode {
  const inside = groups.map((group) => el(NS_ROSTER, 'group', {}, group))
  return el(NS_ROSTER, 'item', { jid, name, subscription, ask: ask ? 'subscribe' : undefined }, ...inside)
}
