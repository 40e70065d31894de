import type { Effect } from './effects.ts'
import { type Context, ownNick, type Room, WAIT } from './room.ts'

/** Asks whether we are still in (XEP-0410): once for the room, not while a nick change or another ping is under way. */
export function ping(room: Room, context: Context, out: Effect[]): void {
  if (room.occupancy.at !== 'in' || room.pinging || room.renames.length > 0 || !context.online) return
  room.pinging = true
  out.push({ do: 'self-ping', occupantJid: `${room.jid}/${ownNick(room)}` })
}

/** The room has been silent for long, or not for that long after all. */
export function quietFor(room: Room, context: Context, out: Effect[]): void {
  if (room.occupancy.at !== 'in') return
  const silentMs = context.nowMs - room.heardAtMs
  if (silentMs >= WAIT.quietMs) ping(room, context, out)
  out.push({ do: 'wait', name: 'quiet', ms: Math.max(WAIT.restlessMs, WAIT.quietMs - silentMs) })
}

/** A person has come to look: a ghost should not be what they see. */
export function lookedAt(room: Room, context: Context, out: Effect[]): void {
  if (context.nowMs - room.heardAtMs >= WAIT.restlessMs) ping(room, context, out)
}
