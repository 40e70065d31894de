import { failure } from '../contract/errors.ts'
import { abandonCalls } from './abandon.ts'
import { beginCatchUp } from './catch-up.ts'
import { type Effect, tellAll } from './effects.ts'
import { admitReady, enter } from './entering.ts'
import type { Input } from './inputs.ts'
import { left } from './leaving.ts'
import { flush, keepSending } from './outbox.ts'
import { remember } from './past.ts'
import { interrupted, toOut } from './removal.ts'
import { type Context, hasArchive, isHeld, ownNick, type Room, WAIT } from './room.ts'
import { rosterOf } from './roster.ts'
import { lookedAt, ping } from './self-ping.ts'
import { holeOf } from './timeline.ts'

type StreamState = Extract<Input, { on: 'stream' }>['is']

/** What becomes of the account's session becomes of its rooms. */
export function streamIs(room: Room, is: StreamState, context: Context, out: Effect[]): void {
  if (is === 'suspended') suspended(room, out)
  else if (is === 'resumed') resumed(room, context, out)
  else if (is === 'lost') lost(room, context, out)
  else if (room.occupancy.at === 'out' || room.occupancy.at === 'interrupted') enter(room, context, out)
}

/** The connection is gone. To the room we are in as before; the tabs know that nothing comes for now. */
function suspended(room: Room, out: Effect[]): void {
  room.suspended = true
  if (room.occupancy.at === 'in') tellAll(room, { kind: 'interrupted', room: room.jid, cause: 'connection' }, out)
}

/** The session goes on where it was: nothing was missed, and nothing is to be asked (XEP-0198 section 5). */
function resumed(room: Room, context: Context, out: Effect[]): void {
  const { inherited } = room
  room.suspended = false
  room.inherited = false
  const self = room.roster.byNick.get(ownNick(room))
  if (room.occupancy.at !== 'in') {
    if (room.occupancy.at === 'out' || room.occupancy.at === 'interrupted') enter(room, context, out)
    else if (room.occupancy.at === 'leaving') out.push({ do: 'wait', name: 'leave', ms: WAIT.leaveMs })
    return
  }
  if (!self) {
    // The worker before died before it had stored who is there: all of it is asked for again.
    interrupted(room, 'connection', out, true)
    enter(room, context, out)
    return
  }
  tellAll(room, { kind: 'resumed', room: room.jid, cause: 'connection', self }, out)
  if (inherited) goOnCatchingUp(room, out)
  admitReady(room, context, out)
  const doubts = [...room.sending.values()].some(({ state }) => state === 'doubtful')
  // The room may have dropped us while nobody listened; and behind its answer nothing that it had for us is missing.
  if (doubts) ping(room, context, out)
  else lookedAt(room, context, out)
  flush(room, context, out)
  if (room.catchUp && !inherited) out.push({ do: 'catch-up' })
}

/** The worker before died while it read up what the account had missed: a tab that was in still waits for that. */
function goOnCatchingUp(room: Room, out: Effect[]): void {
  const hole = holeOf(room.timeline)
  if (hole && hasArchive(room)) beginCatchUp(room, hole, false, out)
}

/** The session is over, and the account is in no room any more; who is held comes in again. */
function lost(room: Room, context: Context, out: Effect[]): void {
  const nobodys = !isHeld(room) && room.inherited
  const wasSuspended = room.suspended
  room.pinging = false
  room.suspended = false
  room.inherited = false
  if (room.occupancy.at === 'leaving') left(room, context, out)
  else interrupted(room, 'connection', out, wasSuspended)
  for (const name of ['rejoin', 'quiet', 'regain']) out.push({ do: 'stop-waiting', name })
  abandonCalls(room, failure('offline', `${room.jid}: the connection was lost before the room answered`), out)
  // Written down with the end of the session: a worker that goes on with the next one is in no room of it yet.
  if (room.occupancy.at === 'interrupted') out.push({ do: 'forget-membership' })
  if (!nobodys) return
  // The store keeps what was to go out, until somebody comes in again; a part of the worker may wait for it.
  keepSending(room, out)
  room.sending.clear()
  out.push({ do: 'stop-waiting', name: 'grace' })
  toOut(room, out)
}

/** The worker before was in. Until its session goes on the room is as it was, and nothing may be sent to it. */
export function inherit(
  room: Room,
  { past, membership, occupants }: Extract<Input, { on: 'inherited' }>,
  out: Effect[],
): void {
  if (room.occupancy.at !== 'out' && room.occupancy.at !== 'loading') return
  remember(room, past)
  room.roster = rosterOf(occupants)
  room.roster.ownNick ??= membership.nick
  room.codes = membership.codes
  room.config = membership.config
  room.features = membership.config && new Set(membership.config.features)
  room.occupancy = { at: 'in', password: undefined }
  room.suspended = true
  room.inherited = true
  out.push({ do: 'wait', name: 'grace', ms: WAIT.graceMs }, { do: 'wait', name: 'quiet', ms: WAIT.quietMs })
}
