import type { SharedMessage } from '../contract/api.ts'
import { failure } from '../contract/errors.ts'
import type { RoomMessage } from '../protocol/room-stanza.ts'
import { NS_OCCUPANT_ID } from '../protocol/xep-0421-occupant-id.ts'
import { amend } from './amendments.ts'
import { type Effect, tellAll } from './effects.ts'
import { fail } from './fail.ts'
import { mentions } from './mentions.ts'
import { delivered, deliveredUnseen } from './outbox.ts'
import { type CallId, type Context, ownNick, type Room, type Sending, type TabId } from './room.ts'
import { hasContent, isArchived, mayRepeat, messageId, messageKey, noteNewest, place } from './timeline.ts'
import { countMessage, notify } from './unread.ts'
import { whoIs } from './who-is.ts'

const STABLE_ID = 'http://jabber.org/protocol/muc#stable_id'

/** Whether a tab can do something in the room now; if not its call fails. */
export function mayAct(room: Room, tab: TabId, call: CallId, what: string, context: Context, out: Effect[]): boolean {
  if (room.holds.get(tab)?.state !== 'in') {
    fail(call, failure('not-joined', `${what} ${room.jid}: this tab has not joined`), out)
  } else if (room.occupancy.at !== 'in' || !context.online) {
    fail(call, failure('offline', `${what} ${room.jid}: no connection to the room`), out)
  } else return true
  return false
}

/**
 * One message at the live end of a room, unless it is known: stored first, then told, and if it is ours its sender is
 * answered. Messages without a text are not part of the archive.
 *
 * @param live it came just now, not as the history of a join
 */
export function appendMessage(room: Room, message: RoomMessage, context: Context, out: Effect[], live = true): void {
  if (message.amends) return amend(room, message, context, out)
  if (!hasContent(message)) return
  const order = place(room.timeline, messageKey(message), mayRepeat(message))
  const echo = takeEcho(room, message)
  if (order === undefined) return
  room.fresh = false
  const shared = sharedMessage(room, message, message.body, order, echo, context)
  noteNewest(room.timeline, shared, shared.archived)
  out.push({ do: 'append', message: shared })
  // Who waits for older ones is told in their order.
  if (!room.catchUp?.told) tellAll(room, { kind: 'message', message: shared }, out)
  if (echo) delivered(echo, shared, out)
  countMessage(room, shared, out)
  if (live) notify(room, shared, context, out)
}

/** The room tells again what came before something that is known; a message of ours among it has arrived after all. */
export function noteDelivered(room: Room, message: RoomMessage, context: Context, out: Effect[]): void {
  if (!hasContent(message)) return
  const echo = takeEcho(room, message)
  if (!echo) return
  const shared = sharedMessage(room, message, message.body, room.timeline.nextOrder, echo, context)
  deliveredUnseen(room, echo, shared, out)
}

/** A message that the room has spread, as all tabs see it. */
export function sharedMessage(
  room: Room,
  message: RoomMessage,
  body: string,
  order: number,
  echo: Echo | undefined,
  context: Context,
): SharedMessage {
  const { nick, stanza } = message
  const own = isOwn(room, message)
  return {
    // Nobody gives back what we say in a chat: there it keeps the id that it went out with.
    id: messageId(message, () => (room.isChat && own ? message.originId : undefined) ?? context.newId()),
    ...originOf(message),
    room: room.jid,
    nick: nick ?? '',
    ...whoIs(room, message),
    ...(room.isChat && { to: own ? room.jid : ownNick(room) }),
    body,
    stampMs: message.delayMs ?? context.nowMs,
    own,
    state: room.isChat && own ? 'sent' : 'delivered',
    reactions: [],
    mentionsMe: !own && !room.isChat && mentions(body, ownNick(room)),
    stanza,
    order,
    archived: isArchived(message),
    ...(echo && { tab: echo.sending.tab }),
  }
}

/** Ours, whichever device wrote it: by what identifies the account in the room, else by the nick. */
function isOwn({ roster, features }: Room, { nick, occupantId }: RoomMessage): boolean {
  const ownId = features?.has(NS_OCCUPANT_ID) ? roster.byNick.get(roster.ownNick ?? '')?.occupantId : undefined
  if (ownId !== undefined && occupantId !== undefined) return ownId === occupantId
  return nick !== undefined && nick === roster.ownNick
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

/** A message of ours that the room has spread. */
export interface Echo {
  readonly id: string
  readonly sending: Sending
}

/**
 * Our own message come back, and only under our own nick: known by its origin id, else by the id of the stanza, else by
 * its text. That only where nothing shows that the room keeps ids (gateways do not): the same words may come from
 * another device under our nick.
 */
export function takeEcho(room: Room, message: RoomMessage): Echo | undefined {
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
