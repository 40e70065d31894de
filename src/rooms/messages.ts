import type { SharedMessage } from '../contract/api.ts'
import { failure } from '../contract/errors.ts'
import type { RoomMessage } from '../protocol/room-stanza.ts'
import { amend, amendmentOf, seekAmended } from './amendments.ts'
import { type Echo, isOwn, originOf, takeEcho } from './echo.ts'
import { type Effect, tellAll } from './effects.ts'
import { fail } from './fail.ts'
import { isMentioned } from './mentions.ts'
import { delivered, deliveredUnseen } from './outbox.ts'
import { type CallId, type Context, ownNick, type Room, type TabId } from './room.ts'
import { hasContent, holeOf, isArchived, mayRepeat, messageId, messageKey, noteNewest, place } from './timeline.ts'
import { countMessage, notify } from './unread.ts'
import { whoIs } from './who-is.ts'

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

/**
 * History in the middle of what is live: a room also answers the join of the worker before, whose session goes on, and
 * tells it all once more. What is being read up has it, in its order.
 */
export const isLeftToArchive = ({ timeline }: Room, message: RoomMessage): boolean =>
  message.delayMs !== undefined && isArchived(message) && holeOf(timeline) !== undefined

/** The room tells again what came before something that is known; a message of ours among it has arrived after all. */
export function noteDelivered(room: Room, message: RoomMessage, context: Context, out: Effect[]): void {
  if (!message.amends && !hasContent(message)) return
  const echo = takeEcho(room, message)
  if (!echo) return
  const amendment = amendmentOf(room, message, context)
  if (amendment) return seekAmended(amendment, echo, out)
  if (!hasContent(message)) return
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
  const { nick, said, stanza } = message
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
    mentionsMe: !own && isMentioned(room, body, said, context),
    ...said,
    stanza,
    order,
    archived: isArchived(message),
    ...(echo && { tab: echo.sending.tab }),
  }
}
