import type { SharedMessage } from '../contract/api.ts'
import { failure } from '../contract/errors.ts'
import { isMarkable } from '../protocol/xep-0333-markers.ts'
import type { Effect } from './effects.ts'
import { fail } from './fail.ts'
import type { Past } from './inputs.ts'
import type { CallId, Context, Room, TabId } from './room.ts'
import { noSuchMessage } from './send-error.ts'

/** What of a room's messages nobody has seen yet. Never changed: another one takes its place. */
export interface Unread {
  readonly count: number
  readonly mentions: number
  /** The place of the last message that was displayed; all before it count as read. */
  readonly readUpTo: number
  /** That message, if this worker knows it. */
  readonly last?: Displayable | undefined
}

/** A message that the room's archive has, so that other devices know which one is meant. */
export interface Displayable {
  readonly id: string
  readonly order: number
  /** Its sender wants to know who has seen it. */
  readonly markable: boolean
}

export const NOTHING_READ: Unread = { count: 0, mentions: 0, readUpTo: Number.MIN_SAFE_INTEGER }

/** A person sees the room: it is open in a tab that is visible. */
export function isSeen({ holds }: Room, { hiddenTabs }: Context): boolean {
  for (const [tab, { state, ask }] of holds)
    if (state === 'in' && ask.shown !== false && !hiddenTabs?.has(tab)) return true
  return false
}

/**
 * A message of others that came at the live end is worth a notification where nobody sees it, and the person wants it: of
 * a room where not everybody can come in all of them, of others what is for us, unless they say otherwise (XEP-0492
 * section 3).
 */
export function notify(room: Room, message: SharedMessage, context: Context, out: Effect[]): void {
  if (message.own || isSeen(room, context)) return
  if (message.jid !== undefined && context.isBlocked?.(message.jid)) return
  const when = context.notifyWhen?.(room.jid) ?? (room.config?.membersOnly ? 'always' : 'on-mention')
  const reason = message.to !== undefined ? 'private' : message.mentionsMe ? 'mention' : 'message'
  if (when === 'always' || (when === 'on-mention' && reason !== 'message')) out.push({ do: 'notify', message, reason })
}

/** A message has its place behind those that were read, or tells that they were. */
export function countMessage(room: Room, message: SharedMessage, out: Effect[]): void {
  const { unread, timeline } = room
  const { id, order, own, mentionsMe, retracted, moderated } = message
  noteNewest(room, message)
  if (order <= unread.readUpTo) return
  const { count, mentions } = unread
  // What was taken away before anybody saw it is nothing to read.
  const more = retracted || moderated ? 0 : 1
  room.unread = { ...unread, count: count + more, mentions: mentions + (mentionsMe ? 1 : 0) }
  if (!own && id !== room.awaited) return
  if (order === timeline.nextOrder - 1) readTo(room, message)
  // What was read up stands before what came live meanwhile.
  else out.push({ do: 'count-unread', id, was: room.unread })
}

const displayable = ({ id, order, archived, stanza }: SharedMessage): Displayable | undefined =>
  archived ? { id, order, markable: isMarkable(stanza) } : undefined

function noteNewest(room: Room, message: SharedMessage): void {
  if (message.order > (room.newest?.order ?? NOTHING_READ.readUpTo)) room.newest = displayable(message) ?? room.newest
}

/** What the worker before had counted. What is stored and was not counted has been read. */
export function restoreUnread(room: Room, { messages, unread, gaps }: Past): void {
  for (const message of messages) noteNewest(room, message)
  if (unread && unread.count > 0) room.unread = unread
  else if (gaps) skipTo(room, messages.at(-1)?.order)
}

/** What was said before we first came is nothing that we missed. */
export function skipHistory(room: Room): void {
  if (room.unread.readUpTo === NOTHING_READ.readUpTo) skipTo(room)
}

function skipTo(room: Room, readUpTo = room.timeline.nextOrder - 1): void {
  room.unread = { ...NOTHING_READ, readUpTo }
}

/** All that there is has been read. */
function readAll(room: Room): void {
  const { unread, timeline, catchUp, newest } = room
  const readUpTo = timeline.nextOrder - 1
  // What is being read up is not displayed yet, and another device may have read further.
  const last = catchUp ? unread.last : newest
  if (unread.count > 0 || unread.readUpTo < readUpTo || unread.last !== last)
    room.unread = { count: 0, mentions: 0, readUpTo, last }
}

/** Up to this message all is read; what is behind it is as many as they say. A message that is older changes nothing. */
function readTo(room: Room, message: SharedMessage, count = 0, mentions = 0): void {
  const { unread } = room
  const { id, order } = message
  if (order <= unread.readUpTo) return
  room.unread = {
    // What was there before us was never counted.
    count: Math.min(count, unread.count),
    mentions: Math.min(mentions, unread.mentions),
    readUpTo: order,
    last: displayable(message) ?? unread.last,
  }
  if (room.awaited === id) room.awaited = undefined
}

/** A tab shows the room, or something else in its place. */
export function tabShows({ holds }: Room, tab: TabId, shown: boolean): void {
  const hold = holds.get(tab)
  if (hold) holds.set(tab, { ...hold, ask: { ...hold.ask, shown } })
}

/** An app has shown this message, or (without a call) another device has. */
export function displayed(room: Room, id: string, call: CallId | undefined, out: Effect[]): void {
  if (!room.loaded) {
    fail(call, failure('not-joined', `markDisplayed in ${room.jid}: nobody has joined`), out)
    return
  }
  // It may be among what is still to come.
  if (call === undefined) room.awaited = id
  out.push({ do: 'count-unread', id, was: room.unread, call })
}

/** The store has been asked what is behind a message. */
export interface UnreadCounted {
  readonly id: string
  /** As it was when the question was asked. */
  readonly was: Unread
  readonly message: SharedMessage | undefined
  readonly count: number
  readonly mentions: number
  readonly call?: CallId | undefined
}

export function unreadCounted(room: Room, counted: UnreadCounted, context: Context, out: Effect[]): void {
  const { id, was, count, mentions, call } = counted
  // Nobody may have held the room for so long.
  const message = room.loaded ? counted.message : undefined
  if (message && room.unread !== was && message.order > room.unread.readUpTo) {
    // Something came while the store was asked.
    out.push({ do: 'count-unread', id, was: room.unread, call })
    return
  }
  if (message) readTo(room, message, count, mentions)
  if (call === undefined) return
  // Who has called sees what it changed.
  settleUnread(room, context, out)
  if (message) out.push({ do: 'answer', call, value: null })
  else fail(call, noSuchMessage(room.jid, id), out)
}

/** At the end of each step: what somebody sees is read, and what changed is told once, however many messages came. */
export function settleUnread(room: Room, context: Context, out: Effect[]): void {
  if (isSeen(room, context)) readAll(room)
  const { jid, unread, unreadTold: was } = room
  if (unread === was) return
  room.unreadTold = unread
  const { count, mentions, readUpTo, last } = unread
  if (count !== was.count || mentions !== was.mentions) {
    out.push({ do: 'save-unread', row: { room: jid, count, mentions, readUpTo } })
    out.push({ do: 'announce', event: { kind: 'unread', room: jid, unread: count, mentions } })
  }
  if (last && last.id !== was.last?.id) out.push({ do: 'displayed', id: last.id, markable: last.markable })
}
