// RFC 6121: XMPP: Instant Messaging and Presence, sections 2 to 4; its roster versions were XEP-0237, version 1.3
// https://www.rfc-editor.org/rfc/rfc6121#section-2
import { parseJid } from './jid.ts'
import type { Show } from './room-stanza.ts'
import { NS_CLIENT, presence } from './stanza.ts'
import { child, childrenOf, childText, el, textEl, textOf, type XmlNode } from './xml.ts'

export const NS_ROSTER = 'jabber:iq:roster'

const SUBSCRIPTIONS = ['none', 'to', 'from', 'both', 'remove'] as const
const SHOWS: readonly Show[] = ['chat', 'away', 'xa', 'dnd']

/** So many groups a contact may have here. */
const MOST_GROUPS = 100

export interface RosterItem {
  /** Bare JID. */
  readonly jid: string
  readonly name?: string
  readonly groups: readonly string[]
  /** `remove` only in a push. */
  readonly subscription: (typeof SUBSCRIPTIONS)[number]
  readonly ask: boolean
}

/** @param ver what we have, `''` for nothing; left out where the server keeps no versions (section 2.6.2) */
export function rosterQuery(ver: string | undefined): XmlNode {
  return el(NS_ROSTER, 'query', { ver })
}

/** What a result or a push holds; `undefined` where it holds nothing: as a result that is "as you have it". */
export function readRoster(
  iq: XmlNode,
): { readonly ver: string | undefined; readonly items: readonly RosterItem[] } | undefined {
  const query = child(iq, NS_ROSTER, 'query')
  return query && { ver: query.attrs['ver'], items: childrenOf(query, NS_ROSTER, 'item').flatMap(readItem) }
}

function readItem(item: XmlNode): RosterItem[] {
  const { jid = '', name, ask } = item.attrs
  const found = parseJid(jid)
  if (!found || found.resource !== undefined) return []
  const subscription = SUBSCRIPTIONS.find((each) => each === item.attrs['subscription']) ?? 'none'
  const groups = childrenOf(item, NS_ROSTER, 'group').map(textOf).slice(0, MOST_GROUPS)
  return [
    {
      jid: found.bare,
      ...(name && { name }),
      groups: [...new Set(groups)].filter((group) => group !== ''),
      subscription,
      ask: ask === 'subscribe',
    },
  ]
}

/** Puts a contact on the roster, or changes name and groups (section 2.3). */
export function rosterSet({ jid, name, groups }: Pick<RosterItem, 'jid' | 'name' | 'groups'>): XmlNode {
  const item = el(NS_ROSTER, 'item', { jid, name }, ...groups.map((group) => textEl(NS_ROSTER, 'group', group)))
  return el(NS_ROSTER, 'query', undefined, item)
}

/** Takes one off, and with it what was agreed on (section 2.5). */
export function rosterRemove(jid: string): XmlNode {
  return el(NS_ROSTER, 'query', undefined, el(NS_ROSTER, 'item', { jid, subscription: 'remove' }))
}

/** A word on who sees whom (section 3). */
export function subscriptionPresence(
  to: string,
  type: 'subscribe' | 'subscribed' | 'unsubscribe' | 'unsubscribed',
  status?: string,
): XmlNode {
  return presence({ to, type }, textEl(NS_CLIENT, 'status', status))
}

/** What somebody shows of themselves (section 4.7.2). */
export function readShown(stanza: XmlNode): {
  readonly show: Show
  readonly status?: string
  readonly priority: number
} {
  const show = childText(stanza, NS_CLIENT, 'show')
  const status = childText(stanza, NS_CLIENT, 'status')
  const priority = Number(childText(stanza, NS_CLIENT, 'priority') ?? 0)
  return {
    show: SHOWS.find((each) => each === show) ?? 'online',
    ...(status && { status }),
    priority: Number.isInteger(priority) && Math.abs(priority) <= 128 ? priority : 0,
  }
}
