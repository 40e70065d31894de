import { type Element, parseFrame } from '../support/ltx.ts'
import type { Frame, WireProxy } from '../support/wire-proxy.ts'

const NS_MUC = 'http://jabber.org/protocol/muc'
const NS_MUC_USER = `${NS_MUC}#user`
const NS_PING = 'urn:xmpp:ping'
const NS_MDS = 'urn:xmpp:mds:displayed:0'

/** The stanza that a frame is, or `undefined` for what only serves the stream. */
export function stanzaOf({ text }: Frame): Element | undefined {
  if (!/^<(?:message|presence|iq)\b/.test(text)) return undefined
  return parseFrame(text)
}

/**
 * What the account sent since a mark, without the round trips of the test itself, and without what it says of messages
 * that were displayed: that goes out a moment after any message.
 */
export function sent({ frames }: WireProxy, mark = 0): Element[] {
  return stanzas(frames.since(mark), 'up').filter((stanza) => !isRoundTrip(stanza) && !isDisplayedMark(stanza))
}

/** The messages that the account said were displayed (XEP-0490). */
export function displayedMarks({ frames }: WireProxy, mark = 0): Element[] {
  return stanzas(frames.since(mark), 'up').filter(
    (stanza) => isDisplayedMark(stanza) && stanza.getChild('pubsub')?.getChild('publish') !== undefined,
  )
}

/** What was sent to the account since a mark. */
export function got({ frames }: WireProxy, mark = 0): Element[] {
  return stanzas(frames.since(mark), 'down')
}

function stanzas(frames: readonly Frame[], dir: Frame['dir']): Element[] {
  return frames.filter((frame) => frame.dir === dir).flatMap((frame) => stanzaOf(frame) ?? [])
}

const isDisplayedMark = (stanza: Element): boolean =>
  stanza
    .getChild('pubsub')
    ?.getChildElements()
    .some(({ attrs }) => attrs['node'] === NS_MDS) === true

/** A ping of the server itself: the SDK has no use for it, `settle` has. */
export const isRoundTrip = (stanza: Element | undefined): boolean =>
  stanza?.is('iq') === true && stanza.getChild('ping', NS_PING) !== undefined && !/[@/]/.test(stanza.attrs['to'] ?? '/')

/** A presence that asks to enter a room. */
export const isJoin = (stanza: Element): boolean =>
  stanza.is('presence') && !stanza.attrs['type'] && stanza.getChild('x', NS_MUC) !== undefined

/** A presence that leaves what it is addressed to. */
export const isLeave = (stanza: Element): boolean =>
  stanza.is('presence') && stanza.attrs['type'] === 'unavailable' && stanza.attrs['to'] !== undefined

/** A ping of an occupant: whether we are still in (XEP-0410), or that all before it has been dealt with. */
export const isSelfPing = (stanza: Element): boolean =>
  stanza.is('iq') && stanza.getChild('ping', NS_PING) !== undefined && (stanza.attrs['to'] ?? '').includes('/')

/** A request, by the namespace of what it holds. */
export const asks = (stanza: Element, namespace: string): boolean =>
  stanza.is('iq') && stanza.getChildElements().some((each) => each.getNS() === namespace)

/**
 * What a well-behaved client does not send: an error to a room (message or presence: rooms throw out whoever does), and
 * a presence without `<x/>` to a room where the account is not (some servers take it for a join).
 *
 * @param mucDomain where the rooms are
 */
export function misbehaviour({ frames }: WireProxy, mucDomain: string): string[] {
  const inside = new Map<string, Set<number>>()
  const found: string[] = []
  for (const frame of frames.all) {
    const stanza = stanzaOf(frame)
    if (!stanza) continue
    if (frame.dir === 'down') follow(stanza, frame.connection, inside)
    else if (roomOf(stanza.attrs['to'], mucDomain) !== undefined) {
      if (isErrorToRoom(stanza)) found.push(`an error to a room: ${frame.text}`)
      if (isBarePresence(stanza) && !mayShow(stanza, frame.connection, inside))
        found.push(`a presence to a room where the account is not: ${frame.text}`)
    }
  }
  return found
}

const roomOf = (jid: string | undefined, mucDomain: string): string | undefined => {
  const bare = jid?.split('/', 1)[0]
  return bare?.endsWith(`@${mucDomain}`) ? bare : undefined
}

const isErrorToRoom = (stanza: Element): boolean => !stanza.is('iq') && stanza.attrs['type'] === 'error'

const isBarePresence = (stanza: Element): boolean =>
  stanza.is('presence') && !stanza.attrs['type'] && stanza.getChild('x', NS_MUC) === undefined

const mayShow = (stanza: Element, connection: number, inside: Map<string, Set<number>>): boolean =>
  inside.get(stanza.attrs['to']?.split('/', 1)[0] ?? '')?.has(connection) ?? false

/** Where the account is, as the rooms say. */
function follow(stanza: Element, connection: number, inside: Map<string, Set<number>>): void {
  const x = stanza.is('presence') ? stanza.getChild('x', NS_MUC_USER) : undefined
  const codes = x?.getChildren('status').map((status) => status.attrs['code'])
  if (!codes?.includes('110')) return
  const room = stanza.attrs['from']?.split('/', 1)[0] ?? ''
  const connections = inside.get(room) ?? new Set()
  inside.set(room, connections)
  if (stanza.attrs['type'] !== 'unavailable') connections.add(connection)
  else if (!codes.includes('303')) connections.delete(connection)
}
