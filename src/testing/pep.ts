import { readForm } from '../protocol/xep-0004-forms.ts'
import { child, childrenOf, el, elementsOf, type XmlNode } from '../protocol/xml.ts'
import { type Answer, refused } from './peer.ts'

export const NS_PUBSUB = 'http://jabber.org/protocol/pubsub'
export const NS_PUBSUB_OWNER = 'http://jabber.org/protocol/pubsub#owner'
const NS_EVENT = 'http://jabber.org/protocol/pubsub#event'
/** What anybody can publish must not grow without end. */
const MOST_ITEMS = 1_000
const DONE: Answer = []

interface Node {
  /** By id, the one published last at the end. */
  readonly items: Map<string, XmlNode>
  /** Who may read it besides the account: `open`, `presence` (contacts), `whitelist` (nobody). */
  access: string
  most: number
}

/** Somebody hears of a change: the account's own sessions, and contacts where `access` lets them. */
export type TellEvent = (event: XmlNode, access: string) => void

/** The nodes of one account (XEP-0163), as Prosody has them. */
export class PepNodes {
  readonly #nodes = new Map<string, Node>()
  readonly #tell: TellEvent
  readonly #newId: () => string

  constructor(tell: TellEvent, newId: () => string) {
    this.#tell = tell
    this.#newId = newId
  }

  /** What was published at a node, by id. */
  items(node: string): ReadonlyMap<string, XmlNode> {
    return this.#nodes.get(node)?.items ?? new Map()
  }

  /** The last item of each node, as events: what somebody is sent who comes online. */
  get latest(): readonly { readonly event: XmlNode; readonly access: string }[] {
    return [...this.#nodes].flatMap(([name, { items, access }]) => {
      const last = [...items.values()].at(-1)
      return last ? [{ event: eventEl(el(NS_EVENT, 'items', { node: name }, asEvent(last))), access }] : []
    })
  }

  publish(name: string, id: string, payload: XmlNode | undefined, node = this.#made(name)): void {
    const item = el(NS_PUBSUB, 'item', { id }, payload)
    node.items.delete(id)
    node.items.set(id, item)
    for (const [oldest] of node.items) if (node.items.size > node.most) node.items.delete(oldest)
    this.#tell(eventEl(el(NS_EVENT, 'items', { node: name }, asEvent(item))), node.access)
  }

  retract(name: string, id: string): boolean {
    const node = this.#nodes.get(name)
    if (!node?.items.delete(id)) return false
    this.#tell(eventEl(el(NS_EVENT, 'items', { node: name }, el(NS_EVENT, 'retract', { id }))), node.access)
    return true
  }

  /** @param own the account itself asks; @param contact one who may see its presence */
  answer(query: XmlNode, own: boolean, contact: boolean): Answer {
    const publish = child(query, NS_PUBSUB, 'publish')
    const retract = child(query, NS_PUBSUB, 'retract')
    const items = child(query, NS_PUBSUB, 'items')
    if (items) return this.#read(items, own, contact)
    if (!own) return refused('forbidden')
    if (publish) return this.#publish(publish, child(query, NS_PUBSUB, 'publish-options'))
    if (retract) {
      const id = childrenOf(retract, NS_PUBSUB, 'item')[0]?.attrs['id'] ?? ''
      return this.retract(retract.attrs['node'] ?? '', id) ? DONE : refused('item-not-found')
    }
    const create = child(query, NS_PUBSUB, 'create')
    if (create) {
      const name = create.attrs['node'] ?? ''
      if (this.#nodes.has(name)) return refused('conflict')
      this.#made(name)
      return DONE
    }
    return this.#administer(query)
  }

  #made(name: string): Node {
    const node = this.#nodes.get(name) ?? { items: new Map(), access: 'presence', most: 1 }
    this.#nodes.set(name, node)
    return node
  }

  #publish(publish: XmlNode, options: XmlNode | undefined): Answer {
    const { node: name = '' } = publish.attrs
    const wanted = optionsIn(options)
    const there = this.#nodes.get(name)
    const { access = there?.access, most = there?.most } = wanted
    if (there && (access !== there.access || most !== there.most)) return refused('conflict')
    const node = this.#made(name)
    Object.assign(node, wanted)
    const [item] = childrenOf(publish, NS_PUBSUB, 'item')
    const id = item?.attrs['id'] ?? this.#newId()
    this.publish(name, id, item && elementsOf(item)[0], node)
    return [el(NS_PUBSUB, 'pubsub', {}, el(NS_PUBSUB, 'publish', { node: name }, el(NS_PUBSUB, 'item', { id })))]
  }

  #read(items: XmlNode, own: boolean, contact: boolean): Answer {
    const name = items.attrs['node'] ?? ''
    const node = this.#nodes.get(name)
    if (!node) return refused('item-not-found')
    if (!own && (node.access === 'whitelist' || (node.access === 'presence' && !contact))) return refused('forbidden')
    const wanted = childrenOf(items, NS_PUBSUB, 'item').map(({ attrs }) => attrs['id'])
    const all = [...node.items].filter(([id]) => wanted.length === 0 || wanted.includes(id)).map(([, item]) => item)
    const most = Number(items.attrs['max_items'] ?? all.length)
    return [el(NS_PUBSUB, 'pubsub', {}, el(NS_PUBSUB, 'items', { node: name }, ...all.slice(-most || all.length)))]
  }

  #administer(query: XmlNode): Answer {
    const configure = child(query, NS_PUBSUB_OWNER, 'configure')
    const purge = child(query, NS_PUBSUB_OWNER, 'purge')
    const remove = child(query, NS_PUBSUB_OWNER, 'delete')
    const name = (configure ?? purge ?? remove)?.attrs['node'] ?? ''
    const node = this.#nodes.get(name)
    if (!node) return refused('item-not-found')
    if (configure) Object.assign(node, optionsIn(configure))
    if (purge) {
      node.items.clear()
      this.#tell(eventEl(el(NS_EVENT, 'purge', { node: name })), node.access)
    }
    if (remove) {
      this.#nodes.delete(name)
      this.#tell(eventEl(el(NS_EVENT, 'delete', { node: name })), node.access)
    }
    return DONE
  }
}

const eventEl = (inside: XmlNode): XmlNode => el(NS_EVENT, 'event', {}, inside)
const asEvent = ({ attrs, children }: XmlNode): XmlNode => ({ name: 'item', ns: NS_EVENT, attrs, children })

function optionsIn(holder: XmlNode | undefined): Partial<Pick<Node, 'access' | 'most'>> {
  const form = holder && readForm(holder)
  const value = (name: string): string | undefined => form?.fields.find((each) => each.name === name)?.values[0]
  const [access, most] = [value('pubsub#access_model'), value('pubsub#max_items')]
  return {
    ...(access !== undefined && { access }),
    ...(most !== undefined && { most: most === 'max' ? MOST_ITEMS : Math.min(MOST_ITEMS, Number(most) || 1) }),
  }
}
