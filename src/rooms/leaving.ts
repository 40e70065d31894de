import { failure } from '../contract/errors.ts'
import { emptySubmit } from '../protocol/xep-0004-forms.ts'
import { configureRequest } from '../protocol/xep-0045-admin.ts'
import { leavePresence } from '../protocol/xep-0045-muc.ts'
import type { Effect } from './effects.ts'
import { enter, stopJoining } from './entering.ts'
import { fail } from './fail.ts'
import { offerConfiguration } from './new-room.ts'
import { keepSending } from './outbox.ts'
import { toOut } from './removal.ts'
import { type CallId, type Context, isHeld, type Leaving, listeners, type Room, type TabId, WAIT } from './room.ts'

type Leave = {
  readonly tab: TabId
  readonly call: CallId
  readonly status: string | undefined
  readonly everywhere: boolean
}

/** One tab goes, or all of them. The room hears of it only when nobody holds it any more. */
export function tabLeaves(room: Room, { tab, call, status, everywhere }: Leave, context: Context, out: Effect[]): void {
  const going = everywhere ? [...room.holds.keys()] : room.holds.has(tab) ? [tab] : []
  for (const each of going) release(room, each, out)
  if (everywhere) {
    room.kept = undefined
    out.push({ do: 'stop-autojoin', how: 'for-good' })
  }
  if (isHeld(room) || (room.occupancy.at === 'out' && going.length === 0)) {
    out.push(...going.map((each) => told(room, each, everywhere)), { do: 'answer', call, value: null })
    return
  }
  leave(room, { tabs: going, calls: [call], by: tab, everywhere }, status, context, out)
}

/** The bookmark does not want the room any more: the account leaves it, in every tab (XEP-0402 section 4). */
export function letGo(room: Room, context: Context, out: Effect[]): void {
  room.kept = undefined
  const going = [...room.holds.keys()]
  for (const each of going) release(room, each, out)
  if (room.occupancy.at === 'out' && going.length === 0) return
  leave(room, { tabs: going, calls: [], by: 'bookmark', everywhere: true }, undefined, context, out)
}

/** A tab died. What it waited for ends with it; the room is kept a while, because a reload looks the same. */
export function tabGone(room: Room, tab: TabId, out: Effect[]): void {
  if (!room.holds.delete(tab)) return
  for (const [id, sending] of room.sending)
    if (sending.tab === tab && !sending.byWorker) room.sending.set(id, { ...sending, call: undefined })
  handOverConfiguration(room, tab, out)
  if (!isHeld(room)) out.push({ do: 'wait', name: 'grace', ms: WAIT.graceMs })
}

/** The grace is over and no tab has come back. */
export function graceOver(room: Room, context: Context, out: Effect[]): void {
  if (isHeld(room) || room.occupancy.at === 'out') return
  if (context.lingering) out.push({ do: 'wait', name: 'grace', ms: WAIT.graceMs })
  else leave(room, { tabs: [], calls: [], by: undefined, everywhere: false }, undefined, context, out)
}

/** Ends a tab's hold, and the `join()` that it may be waiting for. */
function release(room: Room, tab: TabId, out: Effect[]): void {
  const hold = room.holds.get(tab)
  room.holds.delete(tab)
  handOverConfiguration(room, tab, out)
  fail(hold?.call, failure('aborted', `join ${room.jid}: the tab left before it was in`), out)
}

/** Some tab must configure a room that one of them made. */
function handOverConfiguration(room: Room, tab: TabId, out: Effect[]): void {
  if (room.configuring !== tab) return
  room.configuring = undefined
  offerConfiguration(room, listeners(room)[0], out)
}

type Going = Pick<Leaving, 'tabs' | 'calls' | 'by' | 'everywhere'>

function leave(room: Room, going: Going, status: string | undefined, context: Context, out: Effect[]): void {
  const { occupancy } = room
  if (occupancy.at === 'leaving') {
    const { tabs, calls } = going
    room.occupancy = { ...occupancy, tabs: [...occupancy.tabs, ...tabs], calls: [...occupancy.calls, ...calls] }
    return
  }
  const nick = room.roster.ownNick ?? (occupancy.at === 'joining' ? occupancy.nick : undefined)
  const { fresh } = room
  const reachable = context.online || room.suspended
  const present = (occupancy.at === 'joining' || occupancy.at === 'in') && nick !== undefined && reachable
  const wasIn =
    occupancy.at === 'in' ||
    occupancy.at === 'interrupted' ||
    (occupancy.at === 'joining' && occupancy.shadow !== undefined)
  if (occupancy.at === 'joining') stopJoining(room, out)
  out.push({ do: 'stop-waiting', name: 'rejoin' }, { do: 'stop-waiting', name: 'grace' })
  room.occupancy = { at: 'leaving', ...going, wasIn }
  if (room.loaded) out.push({ do: 'forget-membership' })
  if (!present) {
    left(room, context, out)
    return
  }
  // A new room that nobody will configure would stay locked for others (section 10.1.1). It takes its defaults and ends
  // with us; to destroy it would leave a mark on its name, to cancel the form means nothing to Prosody.
  if (fresh && room.ending.size === 0)
    out.push({ do: 'send', stanza: configureRequest(room.jid, context.newId(), emptySubmit()) })
  out.push({ do: 'send', stanza: leavePresence(`${room.jid}/${nick}`, context.newId(), status) })
  if (context.online) out.push({ do: 'wait', name: 'leave', ms: WAIT.leaveMs })
  else leftForUs(room, room.occupancy, nick, out)
}

/** Nobody need wait for a connection: the tabs are out now, and the room hears of it when the session goes on. */
function leftForUs(room: Room, leaving: Leaving, nick: string, out: Effect[]): void {
  tellLeft(room, leaving, nick, out)
  room.occupancy = { ...leaving, tabs: [], calls: [], wasIn: false }
}

/** The room has confirmed, or has had its time. A tab that wants in meanwhile now gets its turn. */
export function left(room: Room, context: Context, out: Effect[]): void {
  const { occupancy } = room
  if (occupancy.at !== 'leaving') return
  out.push({ do: 'stop-waiting', name: 'leave' })
  keepSending(room, out)
  tellLeft(room, occupancy, toOut(room, out), out)
  if (isHeld(room)) enter(room, context, out)
}

function tellLeft(room: Room, { tabs, calls, by, everywhere, wasIn }: Leaving, nick: string, out: Effect[]): void {
  out.push(...tabs.map((tab) => told(room, tab, everywhere)))
  if (wasIn) {
    const who = by === undefined ? 'room' : by === 'bookmark' ? by : { tab: by }
    out.push({ do: 'announce', event: { kind: 'membership', room: room.jid, change: 'left', nick, by: who } })
  }
  out.push(...calls.map((call): Effect => ({ do: 'answer', call, value: null })))
}

const told = (room: Room, tab: TabId, everywhere: boolean): Effect => ({
  do: 'tell',
  tabs: [tab],
  event: { kind: 'left', room: room.jid, everywhere },
})
