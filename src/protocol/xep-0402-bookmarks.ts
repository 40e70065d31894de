// XEP-0402: PEP Native Bookmarks, version 1.2.0; XEP-0048: Bookmarks, version 1.2
// https://xmpp.org/extensions/xep-0402.html
import { iq } from './stanza.ts'
import { readItemsEvent } from './xep-0163-pep.ts'
import { child, childrenOf, childText, el, textEl, type XmlNode } from './xml.ts'

export const NS_BOOKMARKS = 'urn:xmpp:bookmarks:1'
export const NS_BOOKMARKS_LEGACY = 'storage:bookmarks'
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

/** The bookmark that an item of the node is. */
export const readBookmarkItem = (item: XmlNode): Bookmark[] =>
  readConference(item.attrs['id'], child(item, NS_BOOKMARKS, 'conference'))

/** The changes in a notification. Whose it is, the caller has checked: only the account's own bare JID counts. */
export function readBookmarkEvent(message: XmlNode): BookmarkChange[] {
  const changes = readItemsEvent(message, NS_BOOKMARKS)
  if (changes === 'purged') return [{ purged: true }]
  return (changes ?? []).flatMap((change): BookmarkChange[] => {
    if (change.name === 'retract') return change.attrs['id'] ? [{ removed: change.attrs['id'] }] : []
    return readBookmarkItem(change).map((set) => ({ set }))
  })
}

/** Somebody wrote the bookmarks of old, where the server shows them by PEP, too: they want to be read again. */
export const isLegacyBookmarkEvent = (message: XmlNode): boolean =>
  Array.isArray(readItemsEvent(message, NS_BOOKMARKS_LEGACY))

/** The payload of an item, the id of which is the room's address. */
export function conferenceEl({ name, nick, password, autojoin, extensions }: Bookmark, ns = NS_BOOKMARKS): XmlNode {
  return el(
    ns,
    'conference',
    { name, autojoin: String(autojoin) },
    textEl(ns, 'nick', nick),
    textEl(ns, 'password', password),
    extensions && { ...extensions, ns },
  )
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
