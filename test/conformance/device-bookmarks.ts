// Bookmarks as another device of the account reads and writes them (XEP-0402), without any code of the SDK.
import { type Element, el, type RawClient, StanzaError } from '../support/raw-client.ts'

export const NS_BOOKMARKS = 'urn:xmpp:bookmarks:1'
const NS_PUBSUB = 'http://jabber.org/protocol/pubsub'
const NS_OWNER = `${NS_PUBSUB}#owner`

export interface Kept {
  readonly autojoin?: boolean
  readonly name?: string
  readonly nick?: string
  readonly password?: string
  /** Inside of `<extensions/>`. */
  readonly extension?: Element
}

/** Publishes one; the node is made first where it is not there yet, so that it keeps all of them. */
export async function publishBookmark(device: RawClient, room: string, kept: Kept = {}): Promise<void> {
  await prepareNode(device)
  const { autojoin = false, name, nick, password, extension } = kept
  const conference = el('conference', { xmlns: NS_BOOKMARKS, autojoin: String(autojoin), name })
  if (nick !== undefined) conference.append(el('nick', {}, nick))
  if (password !== undefined) conference.append(el('password', {}, password))
  if (extension) conference.append(el('extensions', {}, extension))
  await ask(device, 'set', el('publish', { node: NS_BOOKMARKS }, el('item', { id: room }, conference)))
}

export async function retractBookmark(device: RawClient, room: string): Promise<void> {
  await ask(device, 'set', el('retract', { node: NS_BOOKMARKS, notify: 'true' }, el('item', { id: room })))
}

/** By room, as they are on the server; without a node there are none. */
export async function bookmarksOf(device: RawClient): Promise<Record<string, Element>> {
  try {
    const answer = await ask(device, 'get', el('items', { node: NS_BOOKMARKS }))
    const items = answer.getChild('pubsub')?.getChild('items')?.getChildren('item') ?? []
    return Object.fromEntries(
      items.flatMap((item) => {
        const conference = item.getChild('conference', NS_BOOKMARKS)
        return conference ? [[item.attrs['id'] ?? '', conference]] : []
      }),
    )
  } catch (error) {
    if (error instanceof StanzaError && error.condition === 'item-not-found') return {}
    throw error
  }
}

const ask = (device: RawClient, type: 'get' | 'set', content: Element): Promise<Element> =>
  device.request(el('iq', { type }, el('pubsub', { xmlns: NS_PUBSUB }, content)))

/** Servers keep one item of a node unless they are told otherwise, and not all know the word `max`. */
async function prepareNode(device: RawClient): Promise<void> {
  const create = el('iq', { type: 'set' }, el('pubsub', { xmlns: NS_PUBSUB }, el('create', { node: NS_BOOKMARKS })))
  try {
    await device.request(create)
  } catch (error) {
    if (error instanceof StanzaError && error.condition === 'conflict') return
    throw error
  }
  for (const most of ['max', '100']) {
    const field = (name: string, value: string): Element => el('field', { var: name }, el('value', {}, value))
    const form = el(
      'x',
      { xmlns: 'jabber:x:data', type: 'submit' },
      field('FORM_TYPE', `${NS_PUBSUB}#node_config`),
      field('pubsub#max_items', most),
      field('pubsub#persist_items', '1'),
      field('pubsub#access_model', 'whitelist'),
    )
    const configure = el('configure', { node: NS_BOOKMARKS }, form)
    try {
      await device.request(el('iq', { type: 'set' }, el('pubsub', { xmlns: NS_OWNER }, configure)))
      return
    } catch (error) {
      if (!(error instanceof StanzaError)) throw error
    }
  }
}

const storageOf = (...content: readonly Element[]): Element =>
  el('query', { xmlns: 'jabber:iq:private' }, el('storage', { xmlns: 'storage:bookmarks' }, ...content))

/** The bookmarks of old (XEP-0048), in one piece. */
export async function oldBookmarksOf(device: RawClient): Promise<readonly Element[]> {
  const answer = await device.request(el('iq', { type: 'get' }, storageOf()))
  return answer.getChild('query')?.getChild('storage')?.getChildElements() ?? []
}

export async function storeOldBookmarks(device: RawClient, ...content: readonly Element[]): Promise<void> {
  await device.request(el('iq', { type: 'set' }, storageOf(...content)))
}

/** Whether a device that wants to hear of bookmarks (`+notify`) is told of one that is removed, too. */
export async function tellsOfRemoval(device: RawClient): Promise<boolean> {
  const since = device.mark()
  const told = (room: string): Promise<Element> =>
    device.waitFor((s) => s.is('message') && s.toString().includes(room), { what: `the bookmark of ${room}`, since })
  await publishBookmark(device, 'first@probe.example')
  await told('first@probe.example')
  await retractBookmark(device, 'first@probe.example')
  await publishBookmark(device, 'second@probe.example')
  await told('second@probe.example')
  const items = device.received(since).flatMap((s) => s.getChild('event')?.getChild('items') ?? [])
  return items.some((each) => each.getChild('retract') !== undefined)
}
