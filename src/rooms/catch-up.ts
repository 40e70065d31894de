import type { PendingAmendment, SharedMessage } from '../contract/api.ts'
import type { RoomMessage } from '../protocol/room-stanza.ts'
import { readFate } from '../protocol/xep-0425-moderate.ts'
import { type AmendedAll, amendAll, amendmentOf, changedBy, seekAmended, withoutContent } from './amendments.ts'
import { type Echo, takeEcho } from './echo.ts'
import { type Effect, tellAll } from './effects.ts'
import { admitReady } from './entering.ts'
import { fillGap, type Gap, gapAbove, withGap } from './gaps.ts'
import type { Input } from './inputs.ts'
import { sharedMessage } from './messages.ts'
import { delivered, deliveredUnseen, failDoubtful, flush, resolveDoubts } from './outbox.ts'
import { type Context, hasArchive, ownNick, type Room, WAIT } from './room.ts'
import { archiveKey, hasContent, holeOf, noteFilled } from './timeline.ts'
import { countMessage } from './unread.ts'

/** A message of a room's archive, which always has an id and a time. */
export type ArchivedMessage = RoomMessage & { readonly archiveId: string }

/** The account missed some of a room, and is reading it up. */
export interface CatchUp {
  /** Tabs that were in all the time are told what they missed; live messages wait behind it. */
  readonly told: boolean
  /** From this place on the tabs have been told nothing. */
  untold: number
  done: number
  /** The tabs know: it takes more than a page. */
  shown: boolean
  /** Of tries that failed, one after the other. */
  failed: number
}

/** The gap that is to be filled next. */
export function nextGap({ catchUp, timeline }: Room): Gap | undefined {
  return catchUp && gapAbove(timeline.gaps, catchUp.untold - 1)
}

/** Something was missed: the archive of the room has it. One that was begun before goes on. */
export function beginCatchUp(room: Room, gap: Gap, told: boolean, out: Effect[]): void {
  room.catchUp =
    room.catchUp?.told || !told
      ? { ...(room.catchUp ?? { told, untold: gap.from, done: 0, shown: false }), failed: 0 }
      : { told, untold: gap.from, done: 0, shown: false, failed: 0 }
  out.push({ do: 'catch-up' })
}

/** A page has come: its messages have their places in the gap, and the tabs that wait for them are told. */
export function pageArrived(
  room: Room,
  { gap, direction, page, known, amendments, earlier = [] }: Extract<Input, { on: 'archive-page' }>,
  context: Context,
  out: Effect[],
): void {
  const { timeline, catchUp } = room
  // Whose messages are ours is known only inside: who comes back asks again.
  if (room.occupancy.at !== 'in') return
  const was = timeline.gaps.find(({ from, to }) => from === gap.from && to === gap.to)
  if (!was) return
  const { placed, left } = fillGap(was, direction, page, (id) => known.has(id) || timeline.recent.has(archiveKey(id)))
  timeline.gaps = withGap(timeline.gaps, was, left)
  if (direction === 'forward')
    noteFilled(
      timeline,
      placed.map(({ message }) => message.archiveId),
    )
  // Behind messages that came live between two gaps it is told with them, from the store.
  const inTurn = catchUp?.told === true && direction === 'forward' && was.from === catchUp.untold
  const echoes = new Map<number, Echo>()
  const messages: SharedMessage[] = []
  const amending = [...amendments]
  const ours = new Map<PendingAmendment, Echo>()
  for (const { message, order } of placed) {
    const amendment = amendmentOf(room, message, context)
    if (amendment) {
      amending.push(amendment)
      const echo = takeEcho(room, message)
      if (echo) ours.set(amendment, echo)
    } else if (hasContent(message)) {
      const echo = takeEcho(room, message)
      if (echo) echoes.set(order, echo)
      messages.push(sharedMessage(room, message, message.body, order, echo, context))
    } else {
      const fate = readFate(message.stanza)
      if (fate) messages.push(withoutContent(sharedMessage(room, message, '', order, undefined, context), fate))
    }
  }
  const now = amendAll([...earlier, ...messages], amending)
  tellEarlier(room, earlier.length, now, context, out)
  for (const message of now.messages.slice(earlier.length)) {
    out.push({ do: 'append', message })
    if (inTurn) tellAll(room, { kind: 'message', message }, out)
    const echo = echoes.get(message.order)
    if (echo && inTurn) delivered(echo, message, out)
    else if (echo) deliveredUnseen(room, echo, message, out)
    if (catchUp && direction === 'forward') countMessage(room, message, out)
  }
  for (const [amendment, echo] of ours) {
    const message = now.messages[now.found.get(amendment) ?? -1]
    if (message) delivered(echo, message, out)
  }
  const waiting = new Set(amendments)
  for (const amendment of now.others) if (!waiting.has(amendment)) seekAmended(amendment, ours.get(amendment), out)
  const done = amendments.filter((amendment) => now.found.has(amendment))
  if (done.length > 0) out.push({ do: 'forget-amendments', amendments: done })
  out.push({ do: 'save-membership', nick: ownNick(room), gaps: timeline.gaps, subject: room.subject })
  if (!catchUp || direction !== 'forward') return
  catchUp.done += placed.length
  if (placed.length > 0) catchUp.failed = 0
  if (inTurn) catchUp.untold = left?.from ?? was.to
  catchUp.shown ||= left !== undefined
  if (catchUp.shown) tellProgress(room, out)
}

/** What was done to messages that were there already: one write for each, however much it was. */
function tellEarlier(
  room: Room,
  count: number,
  { messages, changes }: AmendedAll,
  context: Context,
  out: Effect[],
): void {
  for (const [at, kinds] of changes) {
    const message = at < count ? messages[at] : undefined
    if (message) changedBy(room, message, kinds, context, out)
  }
}

/** Nothing is missing any more: what came live meanwhile is in the store, and comes now. */
export function gapsClosed(room: Room, context: Context, out: Effect[]): void {
  if (!room.catchUp) return
  if (!holeOf(room.timeline)) resolveDoubts(room)
  tellStored(room, context, out)
}

function tellStored(room: Room, context: Context, out: Effect[]): void {
  const { catchUp, timeline } = room
  if (catchUp?.told && catchUp.untold < timeline.nextOrder)
    out.push({ do: 'read-stored', from: catchUp.untold, before: timeline.nextOrder })
  else endCatchUp(room, context, out)
}

/** What was stored while the tabs waited. */
export interface StoredRead {
  readonly from: number
  /** All at places before this one are there. */
  readonly before: number
  readonly messages: readonly SharedMessage[]
}

export function storedRead(room: Room, { from, before, messages }: StoredRead, context: Context, out: Effect[]): void {
  const { catchUp } = room
  if (!catchUp || from !== catchUp.untold) return
  for (const message of messages) tellAll(room, { kind: 'message', message }, out)
  catchUp.untold = before
  tellStored(room, context, out)
}

/**
 * The archive does not answer, or not with anything of use.
 *
 * @param endless it goes on and on: to ask again would not help
 */
export function pageFailed(room: Room, endless: boolean, context: Context, out: Effect[]): void {
  const { catchUp } = room
  if (!catchUp || room.occupancy.at !== 'in') return
  catchUp.failed += 1
  if (!endless && catchUp.failed < WAIT.archiveTries) {
    out.push({ do: 'wait', name: 'catch-up', ms: WAIT.archiveMs * 2 ** catchUp.failed })
    return
  }
  // A chat that waits for an archive for ever is none: what is missing stays a gap, and is filled when it is asked for.
  const what = endless ? 'has no end' : 'does not answer'
  out.push({ do: 'log', level: 'error', text: `${room.jid}: its archive ${what}; some messages are missing` })
  failDoubtful(room, out)
  tellStored(room, context, out)
}

function endCatchUp(room: Room, context: Context, out: Effect[]): void {
  const failed = (room.catchUp?.failed ?? 0) > 0
  const shown = room.catchUp?.shown === true
  room.catchUp = undefined
  if (shown) tellProgress(room, out)
  if (room.occupancy.at !== 'in') return
  const hole = failed ? undefined : holeOf(room.timeline)
  // What an earlier life has left open: those wait for it who were in before it, and what is in doubt.
  if (hole && hasArchive(room)) beginCatchUp(room, hole, false, out)
  admitReady(room, context, out)
  flush(room, context, out)
}

function tellProgress(room: Room, out: Effect[]): void {
  const { jid, catchUp } = room
  tellAll(room, { kind: 'catching-up', room: jid, ...(catchUp && { progress: { done: catchUp.done } }) }, out)
}
