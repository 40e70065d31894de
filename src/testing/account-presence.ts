import { bareOf } from '../protocol/jid.ts'
import type { XmlNode } from '../protocol/xml.ts'
import type { AccountHome, Contact, HomeSession } from './account-home.ts'
import { deliverWaiting } from './account-messages.ts'
import type { MemoryServer } from './memory-server.ts'
import { readdressed, stanzaEl } from './peer.ts'

type Subscription = Contact['subscription']

/** Contacts see an account's presence where they may (RFC 6121 sections 3 and 4). */
export function routePresence(server: MemoryServer, stanza: XmlNode, session: HomeSession | undefined): void {
  const { from = '', to, type } = stanza.attrs
  if (type === 'subscribe' || type === 'subscribed' || type === 'unsubscribe' || type === 'unsubscribed') {
    if (to !== undefined) subscription(server, type, bareOf(from), bareOf(to))
  } else if (to !== undefined) {
    const goals = server.sessionOf(to) ?? server.knownHome(to)?.available ?? []
    for (const goal of 'deliver' in goals ? [goals] : goals) goal.deliver(stanza)
  } else if (session && (type === undefined || type === 'unavailable')) broadcast(server, stanza, session)
}

function broadcast(server: MemoryServer, stanza: XmlNode, session: HomeSession): void {
  const home = server.home(bareOf(session.jid))
  const isFirst = session.presence === undefined && stanza.attrs['type'] === undefined
  session.presence = stanza.attrs['type'] === undefined ? stanza : undefined
  for (const seer of [home.jid, ...home.contacts.keys()])
    if (home.isSeenBy(seer)) tell(server.knownHome(seer), stanza, session)
  if (!isFirst) return
  session.deliver(readdressed(stanza, { to: session.jid }))
  for (const account of [home.jid, ...home.contacts.keys()]) {
    const other = server.knownHome(account)
    if (!other?.isSeenBy(home.jid)) continue
    for (const { jid, presence } of other.available)
      if (presence && jid !== session.jid) session.deliver(readdressed(presence, { to: session.jid }))
    for (const { event, access } of other.pep.latest)
      if (other === home || access !== 'whitelist')
        session.deliver(stanzaEl('message', { from: account, to: session.jid, type: 'headline' }, [event]))
  }
  for (const from of home.wishes) session.deliver(stanzaEl('presence', { type: 'subscribe', from, to: home.jid }))
  deliverWaiting(home.waiting, session)
}

function tell(home: AccountHome | undefined, stanza: XmlNode, except?: HomeSession): void {
  for (const goal of home?.available ?? []) if (goal !== except) goal.deliver(readdressed(stanza, { to: home?.jid }))
}

const WITH: Readonly<Record<'to' | 'from', Readonly<Record<Subscription, Subscription>>>> = {
  to: { none: 'to', to: 'to', from: 'both', both: 'both' },
  from: { none: 'from', from: 'from', to: 'both', both: 'both' },
}
const WITHOUT: typeof WITH = {
  to: { none: 'none', to: 'none', from: 'from', both: 'from' },
  from: { none: 'none', from: 'none', to: 'to', both: 'to' },
}

type Word = 'subscribe' | 'subscribed' | 'unsubscribe' | 'unsubscribed'

/** One asks to see another, or is let, or takes it back; both rosters say so (RFC 6121 section 3). */
function subscription(server: MemoryServer, type: Word, from: string, to: string): void {
  const [own, other] = [server.home(from), server.knownHome(to)]
  const word = stanzaEl('presence', { type, from, to })
  const set = (
    home: AccountHome | undefined,
    whom: string,
    how: (is: Subscription) => Subscription,
    ask?: boolean,
  ): void => {
    const before: Contact = home?.contacts.get(whom) ?? { groups: [], subscription: 'none' }
    const { ask: _, ...kept } = before
    home?.setContact(whom, { ...kept, subscription: how(before.subscription), ...(ask && { ask }) })
  }
  const same = (is: Subscription): Subscription => is
  switch (type) {
    case 'subscribe': {
      const isLet = other?.isSeenBy(from) === true
      set(own, to, isLet ? (is) => WITH.to[is] : same, !isLet)
      if (!other) return
      if (isLet) return server.send(stanzaEl('presence', { type: 'subscribed', from: to, to: from }))
      other.wishes.add(from)
      return tell(other, word)
    }
    case 'subscribed':
      if (!own.wishes.delete(to)) return
      set(own, to, (is) => WITH.from[is])
      set(other, from, (is) => WITH.to[is])
      tell(other, word)
      for (const { presence } of own.available) if (presence) tell(other, presence)
      return
    case 'unsubscribe':
      set(own, to, (is) => WITHOUT.to[is])
      if (!other) return
      other.wishes.delete(from)
      if (other.contacts.has(from)) set(other, from, (is) => WITHOUT.from[is])
      tell(other, word)
      for (const { jid } of other.available) tell(own, stanzaEl('presence', { type: 'unavailable', from: jid }))
      return
    case 'unsubscribed':
      own.wishes.delete(to)
      if (own.contacts.has(to)) set(own, to, (is) => WITHOUT.from[is])
      if (other?.contacts.has(from)) set(other, from, (is) => WITHOUT.to[is])
      tell(other, word)
      for (const { jid } of own.available) tell(other, stanzaEl('presence', { type: 'unavailable', from: jid }))
  }
}
