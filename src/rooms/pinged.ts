import type { Effect } from './effects.ts'
import { enter } from './entering.ts'
import { flush, refuseSuspects, resolveDoubts } from './outbox.ts'
import { interrupted } from './removal.ts'
import { type Context, hasArchive, type Room, WAIT } from './room.ts'
import { holeOf } from './timeline.ts'

/** The answer. A ghost comes in again, and the tabs are told only what changed; not knowing changes nothing. */
export function pinged(room: Room, found: 'in' | 'out' | 'unknown', context: Context, out: Effect[]): void {
  room.pinging = false
  if (room.occupancy.at !== 'in') return
  if (found === 'out') {
    interrupted(room, 'ghost', out)
    enter(room, context, out)
    return
  }
  if (found === 'in') room.heardAtMs = context.nowMs
  else out.push({ do: 'wait', name: 'quiet', ms: WAIT.restlessMs })
  refuseSuspects(room, out)
  if (found !== 'in' || room.catchUp || (hasArchive(room) && holeOf(room.timeline))) return
  // All that the room had for us before it answered has come.
  resolveDoubts(room)
  flush(room, context, out)
}
