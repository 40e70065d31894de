// XEP-0163: Personal Eventing Protocol, version 1.2.2; XEP-0060: Publish-Subscribe, version 1.26.0
// https://xmpp.org/extensions/xep-0163.html
import { iq } from './stanza.ts'
import { submitForm } from './xep-0004-forms.ts'
import { child, childrenOf, el, elementsOf, type XmlNode } from './xml.ts'

const NS_PUBSUB = 'http://jabber.org/protocol/pubsub'
const NS_PUBSUB_OWNER = 'http://jabber.org/protocol/pubsub#owner'
const NS_PUBSUB_EVENT = 'http://jabber.org/protocol/pubsub#event'

const pubsub = (id: string, type: 'get' | 'set', ...children: XmlNode[]): XmlNode =>
  iq({ type, id }, el(NS_PUBSUB, 'pubsub', undefined, ...children))

export function fetchItems(id: string, node: string): XmlNode {
  return pubsub(id, 'get', el(NS_PUBSUB, 'items', { node }))
}

/** The items in a result, or `undefined` where it is not the answer: which is never the same as none. */
export function readItems(result: XmlNode, node: string): XmlNode[] | undefined {
  const pubsub = child(result, NS_PUBSUB, 'pubsub')
  const items = pubsub && child(pubsub, NS_PUBSUB, 'items')
  return items?.attrs['node'] === node ? childrenOf(items, NS_PUBSUB, 'item') : undefined
}

/**
 * The elements `item` and `retract` in a notification of that node, or that all of it is gone. Whose node it is, the
 * caller has checked: only the account's own bare JID counts.
 */
export function readItemsEvent(message: XmlNode, node: string): readonly XmlNode[] | 'purged' | undefined {
  const event = child(message, NS_PUBSUB_EVENT, 'event')
  const of = event && elementsOf(event).find(({ attrs }) => attrs['node'] === node)
  if (of?.name === 'items') return elementsOf(of)
  return of?.name === 'purge' || of?.name === 'delete' ? 'purged' : undefined
}

/** How a node of ours must be kept: all items, for the account alone. */
const NODE_OPTIONS = {
  'pubsub#persist_items': true,
  'pubsub#max_items': 'max',
  'pubsub#send_last_published_item': 'never',
  'pubsub#access_model': 'whitelist',
}

/** @param lean without the options that an old ejabberd refuses: its node must have been configured first */
export function publishItem(id: string, node: string, item: string, payload: XmlNode, lean: boolean): XmlNode {
  const { 'pubsub#persist_items': persist, 'pubsub#access_model': access } = NODE_OPTIONS
  const options = lean ? { 'pubsub#persist_items': persist, 'pubsub#access_model': access } : NODE_OPTIONS
  return pubsub(
    id,
    'set',
    el(NS_PUBSUB, 'publish', { node }, el(NS_PUBSUB, 'item', { id: item }, payload)),
    el(NS_PUBSUB, 'publish-options', undefined, submitForm(`${NS_PUBSUB}#publish-options`, options)),
  )
}

export function retractItem(id: string, node: string, item: string): XmlNode {
  return pubsub(id, 'set', el(NS_PUBSUB, 'retract', { node, notify: 'true' }, el(NS_PUBSUB, 'item', { id: item })))
}

export function createNode(id: string, node: string): XmlNode {
  return pubsub(id, 'set', el(NS_PUBSUB, 'create', { node }))
}

/** @param maxItems `max`, or a number where the server does not know that word */
export function configureNode(id: string, node: string, maxItems: string): XmlNode {
  const form = submitForm(`${NS_PUBSUB}#node_config`, { ...NODE_OPTIONS, 'pubsub#max_items': maxItems })
  const configure = el(NS_PUBSUB_OWNER, 'configure', { node }, form)
  return iq({ type: 'set', id }, el(NS_PUBSUB_OWNER, 'pubsub', undefined, configure))
}

/** What somebody's node holds: the item of that name, or the newest. As part of a request that says whose it is. */
export function itemsQuery(node: string, item?: string): XmlNode {
  const one = item === undefined ? undefined : el(NS_PUBSUB, 'item', { id: item })
  return el(NS_PUBSUB, 'pubsub', undefined, el(NS_PUBSUB, 'items', { node, max_items: one ? undefined : 1 }, one))
}

/** @param open for everybody, which a node that has other rules refuses */
export function publishQuery(node: string, item: string, payload: XmlNode, open: boolean): XmlNode {
  const rules = { 'pubsub#persist_items': true, 'pubsub#access_model': 'open' }
  return el(
    NS_PUBSUB,
    'pubsub',
    undefined,
    el(NS_PUBSUB, 'publish', { node }, el(NS_PUBSUB, 'item', { id: item }, payload)),
    open && el(NS_PUBSUB, 'publish-options', undefined, submitForm(`${NS_PUBSUB}#publish-options`, rules)),
  )
}

/** Without a word to those who listen. */
export function retractQuery(node: string, item: string): XmlNode {
  return el(NS_PUBSUB, 'pubsub', undefined, el(NS_PUBSUB, 'retract', { node }, el(NS_PUBSUB, 'item', { id: item })))
}
