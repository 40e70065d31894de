import type { Show } from '../contract/model.ts'
import type { Contact, ContactDevice, SubscriptionRequest } from '../contract/roster.ts'
import { bareOf, resourceOf } from '../protocol/jid.ts'
import type { RosterItem } from '../protocol/roster.ts'

/** Whom the account knows, what they show, and who wants to be known. Changed in place, by its one owner. */
export interface Contacts {
  /** By bare JID. */
  items: Map<string, RosterItem>
  /** The server's name for this state of the items. */
  ver: string | undefined
  /** The items are, or were once, all that the server has. */
  complete: boolean
  /** By bare JID and resource, the last one heard last. */
  readonly devices: Map<string, Map<string, ContactDevice>>
  readonly requests: Map<string, SubscriptionRequest>
}

/** What others decide the number of: more is not taken in. */
const MOST_CONTACTS = 10_000
const MOST_DEVICES = 20
const MOST_REQUESTS = 200
/** In characters. */
const LONGEST_STATUS = 1_000

const STRENGTH: readonly Show[] = ['chat', 'online', 'dnd', 'away', 'xa']

export function noContacts(): Contacts {
  return { items: new Map(), ver: undefined, complete: false, devices: new Map(), requests: new Map() }
}

/** Somebody as the application sees them; `undefined` where they are not on the roster. */
export function contactOf({ items, devices }: Contacts, jid: string): Contact | undefined {
  const item = items.get(jid)
  if (!item || item.subscription === 'remove') return undefined
  const { subscription } = item
  const strongest = [...(devices.get(jid)?.values() ?? [])]
    .reverse()
    .sort((a, b) => b.priority - a.priority || STRENGTH.indexOf(a.show) - STRENGTH.indexOf(b.show))
  const [first] = strongest
  return {
    ...item,
    subscription,
    show: first?.show ?? 'offline',
    ...(first?.status !== undefined && { status: first.status }),
    devices: strongest,
  }
}

export function allContacts(contacts: Contacts): Contact[] {
  return [...contacts.items.keys()].flatMap((jid) => contactOf(contacts, jid) ?? [])
}

/** The whole roster, as the server has it. Presence of those who are not on it was nobody's. */
export function takeRoster(contacts: Contacts, items: readonly RosterItem[], ver: string | undefined): void {
  contacts.items = new Map(items.slice(0, MOST_CONTACTS).map((item) => [item.jid, item]))
  contacts.ver = ver
  contacts.complete = true
  for (const jid of contacts.devices.keys()) if (!contacts.items.has(jid)) contacts.devices.delete(jid)
  for (const item of items) closedBy(contacts, item)
}

/** One contact is there, is otherwise, or is there no more. @returns whether anything changed */
export function takeItem(contacts: Contacts, item: RosterItem): boolean {
  const { items, devices } = contacts
  const { jid } = item
  if (item.subscription === 'remove') {
    devices.delete(jid)
    return items.delete(jid)
  }
  const before = items.get(jid)
  if (!before && items.size >= MOST_CONTACTS) return false
  items.set(jid, item)
  return JSON.stringify(before) !== JSON.stringify(item)
}

/** Whoever sees us by now does not wait for it. @returns whether they did */
export function closedBy({ requests }: Contacts, { jid, subscription }: RosterItem): boolean {
  return (subscription === 'from' || subscription === 'both') && requests.delete(jid)
}

/** @returns the request, where there is one more, or the one that there was says something else */
export function takeRequest(
  { requests }: Contacts,
  { status, ...rest }: SubscriptionRequest,
): SubscriptionRequest | undefined {
  const request = { ...rest, ...(status !== undefined && { status: status.slice(0, LONGEST_STATUS) }) }
  const before = requests.get(request.jid)
  if (!before && requests.size >= MOST_REQUESTS) return undefined
  requests.set(request.jid, request)
  return JSON.stringify(before) === JSON.stringify(request) ? undefined : request
}

/**
 * What somebody shows, at one of their devices; `undefined`: nothing any more. Until the roster is known everybody may be
 * on it: a server sends presence before its roster.
 *
 * @param from an address without a resource speaks for all devices
 * @returns whether anything changed
 */
export function takePresence(
  { items, devices, complete }: Contacts,
  from: string,
  shown: Omit<ContactDevice, 'resource'> | undefined,
): boolean {
  const [jid, resource] = [bareOf(from), resourceOf(from) ?? '']
  if (complete && !items.has(jid)) return false
  const theirs = devices.get(jid) ?? new Map<string, ContactDevice>()
  if (!shown) {
    const gone = resource === '' ? theirs.size > 0 : theirs.delete(resource)
    if (resource === '' || theirs.size === 0) devices.delete(jid)
    return gone
  }
  const before = theirs.get(resource)
  if (!before && (theirs.size >= MOST_DEVICES || (theirs.size === 0 && devices.size >= MOST_CONTACTS))) return false
  const { status, ...rest } = shown
  const device = { resource, ...rest, ...(status !== undefined && { status: status.slice(0, LONGEST_STATUS) }) }
  theirs.delete(resource)
  theirs.set(resource, device)
  devices.set(jid, theirs)
  return JSON.stringify(before) !== JSON.stringify(device)
}
