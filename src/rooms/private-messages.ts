import type { SharedMessage } from '../contract/api.ts'
import { privateMessage } from '../protocol/room-message.ts'
import type { PrivateMessage } from '../protocol/room-stanza.ts'
import { readSharedFile, type SharedFile } from '../protocol/xep-0447-file-sharing.ts'
import type { XmlNode } from '../protocol/xml.ts'
import { originOf } from './echo.ts'
import { type Effect, tellAll } from './effects.ts'
import { tabPosts } from './posts.ts'
import { type CallId, type Context, ownNick, type Room, type TabId } from './room.ts'
import { mayRepeat, noteOnce } from './timeline.ts'
import { notify } from './unread.ts'
import { whoIs } from './who-is.ts'

type Words = {
  readonly tab: TabId
  readonly call: CallId
  readonly id: string
  readonly nick: string
  readonly body: string
}

const NOT_OF_THE_ROOM = { order: 0, reactions: [], mentionsMe: false, archived: false } as const

/** A tab says something to one occupant (XEP-0045 section 7.5). */
export function tabWhispers(room: Room, { tab, call, id, nick, body }: Words, context: Context, out: Effect[]): void {
  const stanza = privateMessage(`${room.jid}/${nick}`, id, body)
  const from = { room: room.jid, nick: ownNick(room), to: nick, tab, own: true, state: 'sent' } as const
  const message: SharedMessage = { id, originId: id, ...from, body, stampMs: context.nowMs, stanza, ...NOT_OF_THE_ROOM }
  tabPosts(room, { tab, call, id, stanza }, context, out, message)
}

/**
 * An occupant says something to us alone. Servers archive it once for each of our devices, under different ids: who,
 * which id and what are what makes it one.
 */
export function privateMessageArrived(room: Room, message: PrivateMessage, context: Context, out: Effect[]): void {
  const { nick, body, stanza, stanzaId, delayMs } = message
  const who = whoIs(room, message)
  if (who.jid !== undefined && context.isBlocked?.(who.jid)) return
  if (!noteOnce(room.timeline, `p ${nick}\n${stanzaId ?? ''}\n${body}`) && mayRepeat({ stanzaId, delayMs })) return
  const from = { room: room.jid, nick, to: ownNick(room), ...who, own: false, state: 'delivered' } as const
  const shared: SharedMessage = {
    id: stanzaId ?? context.newId(),
    ...originOf(message),
    ...from,
    body,
    stampMs: delayMs ?? context.nowMs,
    ...fileOf(stanza),
    stanza,
    ...NOT_OF_THE_ROOM,
  }
  out.push({ do: 'append-private', message: shared })
  tellAll(room, { kind: 'private-message', message: shared }, out)
  if (delayMs === undefined) notify(room, shared, context, out)
}

/** Another device of ours has said something to one occupant: the server tells us, once for each copy that it knows. */
export function deviceWhispered(room: Room, message: PrivateMessage, context: Context, out: Effect[]): void {
  const { nick, body, stanza, stanzaId, delayMs } = message
  if (room.occupancy.at !== 'in') return
  if (!noteOnce(room.timeline, `q ${nick}\n${stanzaId ?? ''}\n${body}`) && mayRepeat({ stanzaId, delayMs })) return
  const shared: SharedMessage = {
    id: stanzaId ?? context.newId(),
    ...originOf(message),
    room: room.jid,
    nick: ownNick(room),
    to: nick,
    own: true,
    state: 'delivered',
    body,
    stampMs: delayMs ?? context.nowMs,
    ...fileOf(stanza),
    stanza,
    ...NOT_OF_THE_ROOM,
  }
  out.push({ do: 'append-private', message: shared })
  tellAll(room, { kind: 'private-message', message: shared }, out)
}

/** The file that a stanza is about, as a field of its message. */
function fileOf(stanza: XmlNode): { readonly file?: SharedFile } {
  const file = readSharedFile(stanza)
  return file ? { file } : {}
}
