import { failure } from '../contract/errors.ts'
import type { Effect } from './effects.ts'
import { enter } from './entering.ts'
import { interrupted } from './removal.ts'
import { type Context, type Room, WAIT } from './room.ts'

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
}

/** Messages that the room refused as if we were not in it: we are, so it meant the message. */
function refuseSuspects(room: Room, out: Effect[]): void {
  for (const [id, { again, call }] of room.sending) {
    if (again !== 'due') continue
    room.sending.delete(id)
    const error = failure('not-acceptable', `send to ${room.jid}: not-acceptable`, { condition: 'not-acceptable' })
    if (call !== undefined) out.push({ do: 'fail', call, error })
  }
}
