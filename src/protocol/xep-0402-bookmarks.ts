// XEP-0402: PEP Native Bookmarks, version 1.2.0; XEP-0048: Bookmarks, version 1.2
// https://xmpp.org/extensions/xep-0402.html
import { iq } from './stanza.ts'
import { submitForm } from './xep-0004-forms.ts'
import { child, childrenOf, childText, el, elementsOf, textEl, type XmlNode } from './xml.ts'

export const NS_BOOKMARKS = 'urn:xmpp:bookmarks:1'
export const NS_BOOKMARKS_LEGACY = 'storage:bookmarks'
const NS_PUBSUB = 'http://jabber.org/protocol/pubsub'
const NS_PUBSUB_OWNER = 'http://jabber.org/protocol/pubsub#owner'
const NS_PUBSUB_EVENT = 'http://jabber.org/protocol/pubsub#event'
const NS_PRIVATE = 'jabber:iq:private'

export interface Bookmark {
  /** Bare JID of the room. */
  readonly room: string
  readonly name?: string
  readonly nick?: string
  readonly password?: string
  readonly autojoin: boolean
  /** What other clients keep there, passed on unread (XEP-0402 section 3.3). */
  readonly extensions?: XmlNode
}

/** One change of the node, as the server tells it. */
export type BookmarkChange =
  | { readonly set: Bookmark }
  | { readonly removed: string }
  /** Everything is gone. */
  | { readonly purged: true }

function readConference(room: string | undefined, conference: XmlNode | undefined): Bookmark[] {
  if (!room || !conference) return []
  const { ns } = conference
  const nick = childText(conference, ns, 'nick')
  const password = childText(conference, ns, 'password')
  const extensions = child(conference, ns, 'extensions')
  const { name, autojoin } = conference.attrs
  return [
    {
      room,
      ...(name && { name }),
      ...(nick && { nick }),
      ...(password && { password }),
      autojoin: autojoin === 'true' || autojoin === '1',
      ...(extensions && { extensions }),
    },
  ]
}

const readItem = (item: XmlNode): Bookmark[] =>
  readConference(item.attrs['id'], child(item, NS_BOOKMARKS, 'conference'))

export function fetchBookmarks(id: string): XmlNode {
  return iq({ type: 'get', id }, el(NS_PUBSUB, 'pubsub', undefined, el(NS_PUBSUB, 'items', { node: NS_BOOKMARKS })))
}

/** The bookmarks in a result, or `undefined` where it is not the answer: which is never the same as none. */
export function readBookmarks(result: XmlNode): Bookmark[] | undefined {
  const pubsub = child(result, NS_PUBSUB, 'pubsub')
  const items = pubsub && child(pubsub, NS_PUBSUB, 'items')
  if (items?.attrs['node'] !== NS_BOOKMARKS) return undefined
  return childrenOf(items, NS_PUBSUB, 'item').flatMap(readItem)
}

/** The changes in a notification. Whose it is, the caller has checked: only the account's own bare JID counts. */
export function readBookmarkEvent(message: XmlNode): BookmarkChange[] {
  const event = child(message, NS_PUBSUB_EVENT, 'event')
  if (!event) return []
  if (
    elementsOf(event).some(
      ({ name, attrs }) => (name === 'purge' || name === 'delete') && attrs['node'] === NS_BOOKMARKS,
    )
  ) {
    return [{ purged: true }]
  }
  const items = child(event, NS_PUBSUB_EVENT, 'items')
  if (items?.attrs['node'] !== NS_BOOKMARKS) return []
  return elementsOf(items).flatMap((change): BookmarkChange[] => {
    if (change.name === 'retract') return change.attrs['id'] ? [{ removed: change.attrs['id'] }] : []
    return readItem(change).map((set) => ({ set }))
  })
}

/** Somebody wrote the bookmarks of old, where the server shows them by PEP, too: they want to be read again. */
export function isLegacyBookmarkEvent(message: XmlNode): boolean {
  const event = child(message, NS_PUBSUB_EVENT, 'event')
  const items = event && child(event, NS_PUBSUB_EVENT, 'items')
  return items?.attrs['node'] === NS_BOOKMARKS_LEGACY
}

/** How the node must be kept: all items, for the account alone (XEP-0402 section 4). */
const NODE_OPTIONS = {
  'pubsub#persist_items': true,
  'pubsub#max_items': 'max',
  'pubsub#send_last_published_item': 'never',
  'pubsub#access_model': 'whitelist',
}

/** @param lean without the options that an old ejabberd refuses: its node must have been configured first */
export function publishBookmark(id: string, bookmark: Bookmark, lean: boolean): XmlNode {
  const { 'pubsub#persist_items': persist, 'pubsub#access_model': access } = NODE_OPTIONS
  const options = lean ? { 'pubsub#persist_items': persist, 'pubsub#access_model': access } : NODE_OPTIONS
  return iq(
    { type: 'set', id },
    el(
      NS_PUBSUB,
      'pubsub',
      undefined,
      el(
        NS_PUBSUB,
        'publish',
        { node: NS_BOOKMARKS },
        el(NS_PUBSUB, 'item', { id: bookmark.room }, conferenceEl(bookmark)),
      ),
      el(NS_PUBSUB, 'publish-options', undefined, submitForm(`${NS_PUBSUB}#publish-options`, options)),
    ),
  )
}

function conferenceEl({ name, nick, password, autojoin, extensions }: Bookmark, ns = NS_BOOKMARKS): XmlNode {
  return el(
    ns,
    'conference',
    { name, autojoin: String(autojoin) },
    textEl(ns, 'nick', nick),
    textEl(ns, 'password', password),
    extensions,
  )
}

export function retractBookmark(id: string, room: string): XmlNode {
  const retract = el(NS_PUBSUB, 'retract', { node: NS_BOOKMARKS, notify: 'true' }, el(NS_PUBSUB, 'item', { id: room }))
  return iq({ type: 'set', id }, el(NS_PUBSUB, 'pubsub', undefined, retract))
}

export function createBookmarkNode(id: string): XmlNode {
  return iq({ type: 'set', id }, el(NS_PUBSUB, 'pubsub', undefined, el(NS_PUBSUB, 'create', { node: NS_BOOKMARKS })))
}

/** @param maxItems `max`, or a number where the server does not know that word */
export function configureBookmarkNode(id: string, maxItems: string): XmlNode {
  const form = submitForm(`${NS_PUBSUB}#node_config`, { ...NODE_OPTIONS, 'pubsub#max_items': maxItems })
  const configure = el(NS_PUBSUB_OWNER, 'configure', { node: NS_BOOKMARKS }, form)
  return iq({ type: 'set', id }, el(NS_PUBSUB_OWNER, 'pubsub', undefined, configure))
}

/** The bookmarks of old, in one piece in private storage (XEP-0048, XEP-0049). */
export function fetchLegacyBookmarks(id: string): XmlNode {
  return iq({ type: 'get', id }, el(NS_PRIVATE, 'query', undefined, el(NS_BOOKMARKS_LEGACY, 'storage')))
}

/** The storage and the bookmarks in it, or `undefined` where the result is not the answer. */
export function readLegacyBookmarks(
  result: XmlNode,
): { readonly bookmarks: Bookmark[]; readonly storage: XmlNode } | undefined {
  const query = child(result, NS_PRIVATE, 'query')
  const storage = query && child(query, NS_BOOKMARKS_LEGACY, 'storage')
  if (!storage) return undefined
  const conferences = childrenOf(storage, NS_BOOKMARKS_LEGACY, 'conference')
  return { bookmarks: conferences.flatMap((c) => readConference(c.attrs['jid'], c)), storage }
}

/** Writes the storage back with one bookmark put in its place or taken away; everything else in it stays. */
export function storeLegacyBookmarks(
  id: string,
  storage: XmlNode,
  room: string,
  bookmark: Bookmark | undefined,
): XmlNode {
  const others = storage.children.filter(
    (c) => typeof c === 'string' || c.name !== 'conference' || c.attrs['jid'] !== room,
  )
  const conference = bookmark && conferenceEl({ ...bookmark }, NS_BOOKMARKS_LEGACY)
  const mine = conference && { ...conference, attrs: { ...conference.attrs, jid: room } }
  const next = { ...storage, children: mine ? [...others, mine] : others }
  return iq({ type: 'set', id }, el(NS_PRIVATE, 'query', undefined, next))
}
