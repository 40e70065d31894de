import { NS_MAM } from '../../../src/protocol/xep-0313-mam.ts'
import { NS_BOOKMARKS, NS_BOOKMARKS_LEGACY } from '../../../src/protocol/xep-0402-bookmarks.ts'
import { NS_MDS, readDisplayed } from '../../../src/protocol/xep-0490-mds.ts'
import { child, childrenOf, elementsOf, type XmlNode } from '../../../src/protocol/xml.ts'
import type { FakeStream } from './fake-upstream.ts'
import { errorXml, writeXml } from './xml.ts'

const NS_PUBSUB = 'http://jabber.org/protocol/pubsub'
const NS_OWNER = 'http://jabber.org/protocol/pubsub#owner'
const NS_BLOCKING = 'urn:xmpp:blocking'
const NS_PRIVATE = 'jabber:iq:private'

/** What a request is answered with. */
type Answer = { readonly result: string } | { readonly error: string }
const DONE: Answer = { result: '' }
const no = (error: string): Answer => ({ error })

/**
 * What servers do with bookmarks (test/fixtures/traces, 34): `native` is Prosody; `ejabberd-23.01` knows not all options
 * of a publication, and keeps one item until it is told otherwise; `private` has only the storage of old; `none` has
 * neither; `broken` answers with an error that says nothing.
 */
export type BookmarkService = 'native' | 'ejabberd-23.01' | 'private' | 'none' | 'broken'

/** The bookmarks of the account under test, and how far it has read in rooms, as its server keeps them. */
export interface FakePep {
  service: BookmarkService
  /** Requests wait here while it is true, and are answered when it is false again. */
  held: boolean
  /** By room, as XML. */
  readonly items: ReadonlyMap<string, string>
  /** Every request that changes something, by the name of what it does. */
  readonly changes: readonly string[]
  /** By room: the id of the last message that was displayed. */
  readonly displayed: ReadonlyMap<string, string>
  /** Every message that the account under test said was displayed, oldest first. */
  readonly published: readonly string[]
  /** Another device has displayed a message; while nobody is signed in nobody is told. */
  display(room: string, id: string): void
  /** Another device writes a bookmark: the account is told. */
  set(room: string, conference?: string): void
  remove(room: string): void
  purge(): void
  /** Lets go what is held. */
  release(): void
  /** For `fakeUpstream({ onSent })`. */
  readonly onSent: (node: XmlNode, stream: FakeStream) => void
}

/** A bookmark as another client writes it. */
export const conference = (attributes = "autojoin='true'", inside = '', ns = NS_BOOKMARKS): string =>
  `<conference xmlns='${ns}' ${attributes}>${inside}</conference>`

export function fakePep(account: string, service: BookmarkService = 'native'): FakePep {
  const items = new Map<string, string>()
  const changes: string[] = []
  const displayed = new Map<string, string>()
  const published: string[] = []
  const waiting: (() => void)[] = []
  let stored = `<storage xmlns='${NS_BOOKMARKS_LEGACY}'/>`
  let mostItems = 1
  let made = false
  let newest: FakeStream | undefined

  const tell = (node: string, inside: string): void =>
    newest?.deliver(
      `<message from='${account}' type='headline'><event xmlns='${NS_PUBSUB}#event'><items node='${node}'>${inside}</items></event></message>`,
    )

  const keep = (room: string, xml: string): void => {
    items.delete(room)
    items.set(room, xml)
    made = true
    if (pep.service === 'ejabberd-23.01') {
      for (const [oldest] of items) if (items.size > mostItems) items.delete(oldest)
    }
    tell(NS_BOOKMARKS, `<item id='${room}'>${xml}</item>`)
  }

  const mark = (room: string, id: string): string =>
    `<item id='${room}'><displayed xmlns='${NS_MDS}'><stanza-id xmlns='urn:xmpp:sid:0' by='${room}' id='${id}'/></displayed></item>`

  const keepDisplayed = (room: string, id: string): void => {
    displayed.set(room, id)
    tell(NS_MDS, mark(room, id))
  }

  function marks(action: XmlNode): Answer {
    if (action.name === 'items') {
      if (displayed.size === 0) return no('item-not-found')
      const inside = [...displayed].map(([room, id]) => mark(room, id)).join('')
      return { result: `<pubsub xmlns='${NS_PUBSUB}'><items node='${NS_MDS}'>${inside}</items></pubsub>` }
    }
    for (const { room, id } of elementsOf(action).flatMap((item) => readDisplayed(item, account))) {
      published.push(id)
      keepDisplayed(room, id)
    }
    return DONE
  }

  function pubsub(node: XmlNode): Answer {
    const [action] = elementsOf(node).flatMap(elementsOf)
    if (action?.attrs['node'] === NS_MDS) return marks(action)
    const old = pep.service === 'ejabberd-23.01'
    const all = child(node, NS_PUBSUB, 'pubsub')
    const owner = child(node, NS_OWNER, 'pubsub')
    const publish = all && child(all, NS_PUBSUB, 'publish')
    const retract = all && child(all, NS_PUBSUB, 'retract')
    const options = JSON.stringify(all && child(all, NS_PUBSUB, 'publish-options'))
    if (publish) {
      const [item] = childrenOf(publish, NS_PUBSUB, 'item')
      const [content] = item?.children ?? []
      if (old && /max_items|send_last/.test(options)) return no('resource-constraint')
      changes.push(`publish ${item?.attrs['id']}`)
      if (item && content && typeof content !== 'string') keep(item.attrs['id'] ?? '', writeXml(content))
      return DONE
    }
    if (retract) {
      const room = childrenOf(retract, NS_PUBSUB, 'item')[0]?.attrs['id'] ?? ''
      changes.push(`retract ${room}`)
      if (!items.delete(room)) return no('item-not-found')
      if (!old) tell(NS_BOOKMARKS, `<retract id='${room}'/>`)
      return DONE
    }
    if (owner) {
      const wanted = /"pubsub#max_items".*?"value".*?"children":\["(\w+)"\]/.exec(JSON.stringify(owner))?.[1]
      changes.push(`configure ${wanted}`)
      if (!made) return no('item-not-found')
      if (wanted === 'max') return no('not-acceptable')
      mostItems = Number(wanted)
      return DONE
    }
    if (all && child(all, NS_PUBSUB, 'create')) {
      changes.push('create')
      if (made) return no('conflict')
      made = true
      return DONE
    }
    if (!made) return no('item-not-found')
    const inside = [...items].map(([room, xml]) => `<item id='${room}'>${xml}</item>`).join('')
    return { result: `<pubsub xmlns='${NS_PUBSUB}'><items node='${NS_BOOKMARKS}'>${inside}</items></pubsub>` }
  }

  function privately(query: XmlNode, type: string | undefined): Answer {
    const [storage] = query.children
    if (type !== 'set' || storage === undefined || typeof storage === 'string')
      return { result: `<query xmlns='${NS_PRIVATE}'>${stored}</query>` }
    stored = writeXml(storage)
    changes.push('store')
    return DONE
  }

  function answerTo(node: XmlNode): Answer {
    const query = child(node, NS_PRIVATE, 'query')
    if (pep.service === 'broken') return no('internal-server-error')
    if (pep.service === 'none' || (pep.service === 'private' && !query)) return no('service-unavailable')
    return query ? privately(query, node.attrs['type']) : pubsub(node)
  }

  function take(node: XmlNode, stream: FakeStream): void {
    const { id = '' } = node.attrs
    const answer = answerTo(node)
    // What changed has been told by now: the event goes out before the answer, as on Prosody and ejabberd.
    if ('error' in answer) stream.deliver(`<iq type='error' id='${id}'>${errorXml(answer.error)}</iq>`)
    else stream.deliver(`<iq type='result' id='${id}'>${answer.result}</iq>`)
  }

  const pep: FakePep = {
    service,
    held: false,
    items,
    changes,
    displayed,
    published,
    display: keepDisplayed,
    set: (room, xml = conference()) => keep(room, xml),
    remove(room) {
      if (items.delete(room)) tell(NS_BOOKMARKS, `<retract id='${room}'/>`)
    },
    purge() {
      items.clear()
      newest?.deliver(
        `<message from='${account}' type='headline'><event xmlns='${NS_PUBSUB}#event'><purge node='${NS_BOOKMARKS}'/></event></message>`,
      )
    },
    release() {
      pep.held = false
      for (const answer of waiting.splice(0)) answer()
    },
    onSent(node, stream) {
      newest = stream
      const { to, type } = node.attrs
      if (node.name !== 'iq' || (to !== undefined && to !== account) || (type !== 'get' && type !== 'set')) return
      // Whom the account does not want to hear is no item of a node, nor is what the archive has.
      if (elementsOf(node).some(({ ns }) => ns === NS_BLOCKING || ns === NS_MAM)) return
      const answer = (): void => take(node, stream)
      if (pep.held) waiting.push(answer)
      else queueMicrotask(answer)
    },
  }
  return pep
}
