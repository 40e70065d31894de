// XEP-0492: Chat Notification Settings, version 0.2.0
// https://xmpp.org/extensions/xep-0492.html
import { NS_BOOKMARKS } from './xep-0402-bookmarks.ts'
import { el, elementsOf, type XmlChild, type XmlNode } from './xml.ts'

const NS_NOTIFY = 'urn:xmpp:notification-settings:1'
/** Of version 0.1, which clients still write. */
const NS_NOTIFY_0 = 'urn:xmpp:notification-settings:0'

/** Which messages of a room are worth a notification. */
export type NotifyWhen = 'always' | 'on-mention' | 'never'

const WORDS: readonly string[] = ['always', 'on-mention', 'never'] satisfies NotifyWhen[]
const NOTHING = el(NS_BOOKMARKS, 'extensions')

const isNotify = (child: XmlChild): child is XmlNode =>
  typeof child !== 'string' && child.name === 'notify' && (child.ns === NS_NOTIFY || child.ns === NS_NOTIFY_0)

/** What is meant for clients of every kind has no attributes; the rest is for phones, or for others (section 2.2). */
const isGeneral = (child: XmlChild): child is XmlNode =>
  typeof child !== 'string' && WORDS.includes(child.name) && Object.keys(child.attrs).length === 0

/** What the extensions of a bookmark say for clients of every kind; the newer version counts. */
export function readNotify(extensions: XmlNode = NOTHING): NotifyWhen | undefined {
  const newestFirst = extensions.children.filter(isNotify).sort((a, b) => (a.ns < b.ns ? 1 : -1))
  const setting = newestFirst.flatMap(({ children }) => children.find(isGeneral) ?? [])[0]
  return setting?.name as NotifyWhen | undefined // one of the words, as `isGeneral` says
}

/**
 * The extensions with that setting, or with none. What other clients keep there stays: settings for clients of one kind,
 * and inside of a setting what goes beyond these words (section 3).
 */
export function withNotify(extensions: XmlNode = NOTHING, when: NotifyWhen | undefined): XmlNode {
  const before = extensions.children.filter(isNotify)
  const beyond = before.flatMap(({ children }) => children.filter(isGeneral).flatMap(({ children }) => children))
  const stripped = before.map((notify) => ({ ...notify, children: notify.children.filter((c) => !isGeneral(c)) }))
  const setting = when && el(NS_NOTIFY, when, undefined, ...beyond)
  const newest = stripped.find(({ ns }) => ns === NS_NOTIFY)
  const merged = el(NS_NOTIFY, 'notify', undefined, setting, ...(newest?.children ?? []))
  const all = [...stripped.filter((notify) => notify !== newest), merged].filter((each) => elementsOf(each).length > 0)
  return { ...extensions, children: [...extensions.children.filter((child) => !isNotify(child)), ...all] }
}
