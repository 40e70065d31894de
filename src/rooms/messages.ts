import type { SharedMessage } from '../contract/api.ts'
import { type ErrorCode, failure } from '../contract/errors.ts'
import { groupchatMessage } from '../protocol/room-message.ts'
import type { RoomError, RoomMessage } from '../protocol/room-stanza.ts'
import { NS_OCCUPANT_ID } from '../protocol/xep-0421-occupant-id.ts'
import { type Effect, tellAll } from './effects.ts'
import { mentions } from './mentions.ts'
import { type CallId, type Context, ownNick, type Room, type Sending, type TabId } from './room.ts'
import { ping } from './self-ping.ts'
import { hasContent, isArchived, mayRepeat, messageId, messageKey, place } from './timeline.ts'

const STABLE_ID = 'http://jabber.org/protocol/muc#stable_id'

type Send = {
  readonly tab: TabId
  readonly call: CallId
  readonly id: string
  readonly body: string
  readonly waitMs: number
}

/** A tab says something. Its call is answered when the room reflects it. */
export function tabSends(room: Room, { tab, call, id, body, waitMs }: Send, context: Context, out: Effect[]): void {
  if (!mayAct(room, tab, call, 'send to', context, out)) return
  const stanza = groupchatMessage(room.jid, id, body)
  room.sending.set(id, { tab, call, stanza, body, sinceMs: context.nowMs, again: 'never' })
  out.push({ do: 'send', stanza })
  if (waitMs > 0) out.push({ do: 'wait', name: `send ${id}`, ms: waitMs })
  else answerPending(room, id, out)
}

/** Whether a tab can do something in the room now; if not its call fails. */
export function mayAct(room: Room, tab: TabId, call: CallId, what: string, context: Context, out: Effect[]): boolean {
  if (room.holds.get(tab)?.state !== 'in') {
    out.push({ do: 'fail', call, error: failure('not-joined', `${what} ${room.jid}: this tab has not joined`) })
  } else if (room.occupancy.at !== 'in' || !context.online) {
    out.push({ do: 'fail', call, error: failure('offline', `${what} ${room.jid}: no connection to the room`) })
  } else return true
  return false
}

/** The room takes its time: the caller gets the message as it stands, and hears of its fate by events. */
export function answerPending(room: Room, id: string, out: Effect[]): void {
  const sending = room.sending.get(id)
  if (sending?.call === undefined) return
  room.sending.set(id, { ...sending, call: undefined })
  out.push({ do: 'answer', call: sending.call, value: pendingMessage(room, id, sending) })
}

function pendingMessage(room: Room, id: string, { stanza, body, sinceMs, tab }: Sending): SharedMessage {
  const fixed = { own: true, state: 'sent', reactions: [], mentionsMe: false, archived: false } as const
  const order = room.timeline.nextOrder
  return { id, originId: id, room: room.jid, nick: ownNick(room), body, stampMs: sinceMs, stanza, order, tab, ...fixed }
}

/**
 * One message at the live end of a room, unless it is known: stored first, then told, and if it is ours its sender is
 * answered. Messages without a text are not part of the archive.
 */
export function appendMessage(room: Room, message: RoomMessage, context: Context, out: Effect[]): void {
  if (!hasContent(message)) return
  const order = place(room.timeline, messageKey(message), mayRepeat(message))
  const echo = takeEcho(room, message)
  if (order === undefined) return
  room.fresh = false
  const { nick, body, stanza } = message
  const own = nick !== undefined && nick === room.roster.ownNick
  const shared: SharedMessage = {
    id: messageId(message, context.newId),
    ...originOf(message),
    room: room.jid,
    nick: nick ?? '',
    ...whoIs(room, message),
    body,
    stampMs: message.delayMs ?? context.nowMs,
    own,
    state: 'delivered',
    reactions: [],
    mentionsMe: !own && mentions(body, ownNick(room)),
    stanza,
    order,
    archived: isArchived(message),
    ...(echo && { tab: echo.sending.tab }),
  }
  out.push({ do: 'append', message: shared })
  tellAll(room, { kind: 'message', message: shared }, out)
  if (!echo) return
  out.push({ do: 'stop-waiting', name: `send ${echo.id}` })
  if (echo.sending.call !== undefined) out.push({ do: 'answer', call: echo.sending.call, value: shared })
}

export const originOf = ({
  originId,
  stanzaId,
}: {
  originId: string | undefined
  stanzaId: string | undefined
}): { originId?: string } => {
  const id = originId ?? stanzaId
  return id === undefined ? {} : { originId: id }
}

export function whoIs(
  room: Room,
  { nick, occupantId }: { nick: string | undefined; occupantId: string | undefined },
): { occupantId?: string; jid?: string } {
  const jid = nick === undefined ? undefined : room.roster.byNick.get(nick)?.jid
  const believed = room.features?.has(NS_OCCUPANT_ID) ? occupantId : undefined
  return { ...(believed !== undefined && { occupantId: believed }), ...(jid !== undefined && { jid }) }
}

/**
 * Our own message come back, and only under our own nick: known by its origin id, else by the id of the stanza, else by
 * its text. That only where nothing shows that the room keeps ids (gateways do not): the same words may come from
 * another device under our nick.
 */
function takeEcho(room: Room, message: RoomMessage): { id: string; sending: Sending } | undefined {
  if (message.nick === undefined || message.nick !== room.roster.ownNick) return undefined
  let id = [message.originId, message.stanzaId].find((each) => each !== undefined && room.sending.has(each))
  if (id !== undefined) room.keepsIds = true
  else if (message.originId === undefined && !room.keepsIds && !room.features?.has(STABLE_ID))
    id = [...room.sending].find(([, { body }]) => sameText(body, message.body))?.[0]
  const sending = id === undefined ? undefined : room.sending.get(id)
  if (id === undefined || !sending) return undefined
  room.sending.delete(id)
  return { id, sending }
}

/** Gateways cut long messages, or send them line by line. */
const LONG = 400
function sameText(sent: string, came: string | undefined): boolean {
  if (came === undefined || came === '') return false
  return came === sent || came === sent.split('\n', 1)[0] || (came.length >= LONG && sent.startsWith(came))
}

const SEND_ERRORS: ReadonlyMap<string, ErrorCode> = new Map<string, ErrorCode>([
  ['forbidden', 'forbidden'],
  ['not-acceptable', 'not-acceptable'],
  ['item-not-found', 'room-not-found'],
  ['gone', 'room-gone'],
  ['remote-server-not-found', 'room-unreachable'],
  ['remote-server-timeout', 'room-unreachable'],
])

export const errorFor = (what: string, { condition, text }: RoomError['error']) => {
  const facts = { condition, ...(text !== undefined && { text }) }
  return failure(
    SEND_ERRORS.get(condition) ?? 'stanza-error',
    `${what}: ${condition}${text ? ` (${text})` : ''}`,
    facts,
  )
}

/**
 * The room refuses a message of ours: its sender alone is told. `not-acceptable` may mean that we are not in the room:
 * then we ask, and where it is so the message goes out once more when we are.
 */
export function messageRefused(room: Room, { id, error }: RoomError, context: Context, out: Effect[]): void {
  const sending = id === undefined ? undefined : room.sending.get(id)
  if (id === undefined || !sending) return
  if (error.condition === 'not-acceptable' && sending.again === 'never' && room.occupancy.at === 'in') {
    room.sending.set(id, { ...sending, again: 'due' })
    ping(room, context, out)
    return
  }
  room.sending.delete(id)
  out.push({ do: 'stop-waiting', name: `send ${id}` })
  if (sending.call !== undefined)
    out.push({ do: 'fail', call: sending.call, error: errorFor(`send to ${room.jid}`, error) })
}

/** We are in again: what the room refused because we were not goes out once more, under the same id. */
export function sendAgain(room: Room, out: Effect[]): void {
  for (const [id, sending] of room.sending) {
    if (sending.again !== 'due') continue
    room.sending.set(id, { ...sending, again: 'done' })
    out.push({ do: 'send', stanza: sending.stanza })
  }
}
