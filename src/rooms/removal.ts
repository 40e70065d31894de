import type { TabEvent } from '../contract/api.ts'
import { type ErrorCode, type Failure, failure } from '../contract/errors.ts'
import type { DepartureKind } from '../contract/model.ts'
import type { OccupantPresence } from '../protocol/room-stanza.ts'
import { roomAddress } from '../protocol/xep-0045-muc.ts'
import { abandonCalls } from './abandon.ts'
import { type Effect, tellAll } from './effects.ts'
import { doubtSent, failAllSending } from './outbox.ts'
import { type Context, isHeld, ownNick, type Room, WAIT } from './room.ts'
import { departureOf, emptyRoster } from './roster.ts'

type RemovalEvent = Extract<TabEvent, { kind: 'removed' | 'destroyed' }>

/** We are out, and did not ask to be: somebody removed us for good, or something broke. */
export function thrownOut(room: Room, { muc, status }: OccupantPresence, context: Context, out: Effect[]): void {
  const { occupancy } = room
  if (occupancy.at !== 'joining' && occupancy.at !== 'in') return
  const [item] = muc.items
  const reason = item?.reason ?? status
  const how = departureOf(muc.codes)
  if (muc.destroy) {
    const { reason, alternate, password } = muc.destroy
    const where = alternate && roomAddress(alternate)
    const facts = { ...(reason && { reason }), ...(where && { alternate: where }), ...(password && { password }) }
    removed(room, { kind: 'destroyed', room: room.jid, ...facts }, out)
  } else if (isForGood(how)) {
    const facts = { ...(item?.actor && { actor: item.actor }), ...(reason && { reason }) }
    removed(room, { kind: 'removed', room: room.jid, how, ...facts }, out)
  } else {
    // 332, 333, or no code at all: the room or the way to it broke. Nobody wanted us to go.
    interrupted(room, how === 'shutdown' ? 'shutdown' : 'technical', out)
    if (isHeld(room) || room.occupancy.at === 'interrupted') tryAgain(room, context, out)
  }
}

const isForGood = (how: DepartureKind): how is 'kicked' | 'banned' | 'not-a-member' =>
  how === 'kicked' || how === 'banned' || how === 'not-a-member'

/** Until the next try: longer each time, and spread, so that a crowd does not come back as one. */
export function tryAgain(room: Room, { chance = 0.5 }: Context, out: Effect[]): void {
  const ms = Math.min(WAIT.longestRejoinMs, WAIT.rejoinMs * 2 ** room.tries) * (0.5 + chance)
  room.tries += 1
  out.push({ do: 'wait', name: 'rejoin', ms })
}

/**
 * Out for technical reasons: the roster is kept, so that the tabs are told only what really changed.
 *
 * @param known the tabs have been told of the interruption
 */
export function interrupted(room: Room, cause: string, out: Effect[], known = false): void {
  const { occupancy } = room
  if (occupancy.at !== 'joining' && occupancy.at !== 'in') return
  out.push({ do: 'stop-waiting', name: 'join' }, { do: 'stop-waiting', name: 'settle' })
  doubtSent(room)
  const shadow = occupancy.at === 'in' ? room.roster : occupancy.shadow
  if (!shadow) {
    room.occupancy = { at: 'out' }
    room.roster = emptyRoster()
    return
  }
  const nick = shadow.ownNick ?? (occupancy.at === 'joining' ? occupancy.nick : '')
  room.roster = shadow
  room.occupancy = { at: 'interrupted', nick, password: occupancy.password }
  if (occupancy.at === 'in' && !known) tellAll(room, { kind: 'interrupted', room: room.jid, cause }, out)
}

/** What a removal is for a `join()` that was not complete. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  banned: 'room-banned',
  'not-a-member': 'room-members-only',
  kicked: 'forbidden',
}

/** Somebody removed us for good: every hold ends, and nothing brings us back but an explicit join. */
export function removed(room: Room, event: RemovalEvent, out: Effect[], why?: Failure): void {
  const how = event.kind === 'removed' ? event.how : 'destroyed'
  const alternate = event.kind === 'destroyed' && event.alternate !== undefined ? { alternate: event.alternate } : {}
  const error = why ?? failure(CODES[how] ?? 'room-gone', `join ${room.jid}: ${how} before it was complete`, alternate)
  const wasIn = room.occupancy.at === 'in' || room.occupancy.at === 'interrupted'
  const tabs: string[] = []
  for (const [tab, { call }] of room.holds) {
    if (call === undefined) tabs.push(tab)
    else out.push({ do: 'fail', call, error })
  }
  room.holds.clear()
  if (room.kept || wasIn) out.push({ do: 'stop-autojoin', how: how === 'kicked' ? 'for-now' : 'for-good' })
  room.kept = undefined
  for (const name of ['join', 'settle', 'rejoin', 'grace']) out.push({ do: 'stop-waiting', name })
  out.push({ do: 'forget-membership' })
  failAllSending(room, failure('not-joined', `send to ${room.jid}: ${how} before it was delivered`), out)
  const nick = toOut(room, out)
  room.ended = event.kind === 'destroyed'
  if (tabs.length > 0) out.push({ do: 'tell', tabs, event })
  out.push({ do: 'announce', event: { kind: 'membership', room: room.jid, change: 'removed', nick, by: 'room' } })
}

/** Who was in before may not come in again: for them it is as if they had been removed. */
export function lostForGood(
  room: Room,
  how: 'banned' | 'not-a-member' | 'destroyed',
  error: Failure,
  out: Effect[],
): void {
  room.occupancy = { at: 'interrupted', nick: ownNick(room), password: undefined }
  const { text, alternate } = error
  if (how === 'destroyed') {
    removed(
      room,
      { kind: 'destroyed', room: room.jid, ...(text && { reason: text }), ...(alternate && { alternate }) },
      out,
      error,
    )
  } else removed(room, { kind: 'removed', room: room.jid, how, ...(text && { reason: text }) }, out, error)
}

/** Nothing of the occupancy is left. @returns the nick that it had */
export function toOut(room: Room, out: Effect[]): string {
  const nick = ownNick(room)
  const error = failure('not-joined', `${room.jid}: the account is not in the room any more`)
  abandonCalls(room, error, out)
  room.occupancy = { at: 'out' }
  room.roster = emptyRoster()
  room.codes = []
  room.wantedNick = undefined
  room.configuring = undefined
  room.catchUp = undefined
  room.suspended = false
  room.fresh = false
  room.tries = 0
  for (const name of ['quiet', 'regain', 'catch-up']) out.push({ do: 'stop-waiting', name })
  return nick
}
