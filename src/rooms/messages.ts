import type { SharedMessage } from '../contract/api.ts'
import { type ErrorCode, type Failure, failure } from '../contract/errors.ts'
import { groupchatMessage } from '../protocol/room-message.ts'
import type { RoomError, RoomMessage } from '../protocol/room-stanza.ts'
import { NS_OCCUPANT_ID } from '../protocol/xep-0421-occupant-id.ts'
import { mentions } from './mentions.ts'
import { type CallId, type Context, type Effect, listeners, type Room, type Sending, type TabId } from './room.ts'
import { messageId, messageKey, place } from './timeline.ts'

type Send = {
  readonly tab: TabId
  readonly call: CallId
  readonly id: string
  readonly body: string
  readonly waitMs: number
}

/** A tab says something. Its call is answered when the room reflects it. */
export function tabSends(room: Room, { tab, call, id, body, waitMs }: Send, context: Context, out: Effect[]): void {
  if (room.holds.get(tab)?.state !== 'in') {
    out.push({ do: 'fail', call, error: failure('not-joined', `send to ${room.jid}: this tab has not joined`) })
    return
  }
  if (room.occupancy.at !== 'in' || !context.online) {
    out.push({ do: 'fail', call, error: failure('offline', `send to ${room.jid}: no connection to the room`) })
    return
  }
  const stanza = groupchatMessage(room.jid, id, body)
  const sending: Sending = { tab, call, stanza, body, sinceMs: context.nowMs }
  room.sending.set(id, sending)
  out.push({ do: 'send', stanza })
  if (waitMs > 0) out.push({ do: 'wait', name: `send ${id}`, ms: waitMs })
  else answerPending(room, id, out)
}

/** The room takes its time: the caller gets the message as it stands, and hears of its fate by events. */
export function answerPending(room: Room, id: string, out: Effect[]): void {
  const sending = room.sending.get(id)
  if (sending?.call === undefined) return
  room.sending.set(id, { ...sending, call: undefined })
  out.push({ do: 'answer', call: sending.call, value: pendingMessage(room, id, sending, 'sent') })
}

function pendingMessage(
  room: Room,
  id: string,
  { stanza, body, sinceMs, tab }: Sending,
  state: SharedMessage['state'],
): SharedMessage {
  return {
    id,
    originId: id,
    room: room.jid,
    nick: room.roster.ownNick ?? '',
    body,
    stampMs: sinceMs,
    own: true,
    state,
    reactions: [],
    mentionsMe: false,
    stanza,
    order: room.timeline.nextOrder,
    tab,
  }
}

/**
 * One message at the live end of a room, unless it is known: stored first, then told, and if it is ours its sender is
 * answered. Messages without a text are not part of the archive.
 */
export function appendMessage(room: Room, message: RoomMessage, context: Context, out: Effect[]): void {
  if (message.body === undefined || message.body === '') return
  const order = place(room.timeline, messageKey(message))
  const echo = takeEcho(room, message)
  if (order === undefined) return
  const ownNick = room.roster.ownNick
  const shared: SharedMessage = {
    id: messageId(message, context.newId),
    ...originOf(message),
    room: room.jid,
    nick: message.nick ?? '',
    ...whoIs(room, message),
    body: message.body,
    stampMs: message.delayMs ?? context.nowMs,
    own: message.nick !== undefined && message.nick === ownNick,
    state: 'delivered',
    reactions: [],
    mentionsMe: message.nick !== ownNick && ownNick !== undefined && mentions(message.body, ownNick),
    stanza: message.stanza,
    order,
    ...(echo && { tab: echo.sending.tab }),
  }
  out.push({ do: 'append', message: shared })
  const tabs = listeners(room)
  if (tabs.length > 0) out.push({ do: 'tell', tabs, event: { kind: 'message', message: shared } })
  if (!echo) return
  out.push({ do: 'stop-waiting', name: `send ${echo.id}` })
  if (echo.sending.call !== undefined) out.push({ do: 'answer', call: echo.sending.call, value: shared })
}

const originOf = ({ originId, stanzaId }: RoomMessage): { originId?: string } => {
  const id = originId ?? stanzaId
  return id === undefined ? {} : { originId: id }
}

function whoIs(room: Room, message: RoomMessage): { occupantId?: string; jid?: string } {
  const jid = message.nick === undefined ? undefined : room.roster.byNick.get(message.nick)?.jid
  const occupantId = room.features?.has(NS_OCCUPANT_ID) ? message.occupantId : undefined
  return { ...(occupantId !== undefined && { occupantId }), ...(jid !== undefined && { jid }) }
}

/** Our own message come back: known by its origin id, else by the id of the stanza, and only under our own nick. */
function takeEcho(room: Room, message: RoomMessage): { id: string; sending: Sending } | undefined {
  if (message.nick === undefined || message.nick !== room.roster.ownNick) return undefined
  for (const id of [message.originId, message.stanzaId]) {
    const sending = id === undefined ? undefined : room.sending.get(id)
    if (id === undefined || !sending) continue
    room.sending.delete(id)
    return { id, sending }
  }
  return undefined
}

const SEND_ERRORS: ReadonlyMap<string, ErrorCode> = new Map<string, ErrorCode>([
  ['forbidden', 'forbidden'],
  ['not-acceptable', 'not-acceptable'],
  ['item-not-found', 'room-not-found'],
  ['gone', 'room-gone'],
  ['remote-server-not-found', 'room-unreachable'],
  ['remote-server-timeout', 'room-unreachable'],
])

/** The room refuses a message of ours: its sender alone is told. */
export function messageRefused(room: Room, { id, error }: RoomError, out: Effect[]): void {
  const sending = id === undefined ? undefined : room.sending.get(id)
  if (id === undefined || !sending) return
  room.sending.delete(id)
  out.push({ do: 'stop-waiting', name: `send ${id}` })
  if (sending.call === undefined) return
  const facts = { condition: error.condition, ...(error.text !== undefined && { text: error.text }) }
  const what = `send to ${room.jid}: ${error.condition}${error.text ? ` (${error.text})` : ''}`
  out.push({
    do: 'fail',
    call: sending.call,
    error: failure(SEND_ERRORS.get(error.condition) ?? 'stanza-error', what, facts),
  })
}

/** Nothing more will be heard of what was sent: each caller is told so. */
export function abandonSending(room: Room, error: Failure, out: Effect[]): void {
  for (const [id, { call }] of room.sending) {
    out.push({ do: 'stop-waiting', name: `send ${id}` })
    if (call !== undefined) out.push({ do: 'fail', call, error })
  }
  room.sending.clear()
}
