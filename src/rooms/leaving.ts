import type { TabEvent } from '../contract/api.ts'
import { failure } from '../contract/errors.ts'
import { leavePresence } from '../protocol/xep-0045-muc.ts'
import { enter, stopJoining } from './entering.ts'
import { abandonSending } from './messages.ts'
import { type CallId, type Context, type Effect, type Room, type TabId, WAIT } from './room.ts'
import { emptyRoster } from './roster.ts'

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
  if (room.holds.size > 0 || (room.occupancy.at === 'out' && going.length === 0)) {
    out.push(...going.map((each) => told(room, each, everywhere)), { do: 'answer', call, value: null })
    return
  }
  leave(room, { tabs: going, calls: [call], status, everywhere }, context, out)
}

/** A tab died. What it waited for ends with it; the room is kept a while, because a reload looks the same. */
export function tabGone(room: Room, tab: TabId, out: Effect[]): void {
  if (!room.holds.delete(tab)) return
  for (const [id, sending] of room.sending)
    if (sending.tab === tab) room.sending.set(id, { ...sending, call: undefined })
  if (room.holds.size === 0) out.push({ do: 'wait', name: 'grace', ms: WAIT.graceMs })
}

/** The grace is over and no tab has come back. */
export function graceOver(room: Room, context: Context, out: Effect[]): void {
  if (room.holds.size > 0) return
  if (context.lingering) out.push({ do: 'wait', name: 'grace', ms: WAIT.graceMs })
  else leave(room, { tabs: [], calls: [], status: undefined, everywhere: false }, context, out)
}

/** Ends a tab's hold, and the `join()` that it may be waiting for. */
function release(room: Room, tab: TabId, out: Effect[]): void {
  const hold = room.holds.get(tab)
  room.holds.delete(tab)
  if (hold?.call === undefined) return
  out.push({
    do: 'fail',
    call: hold.call,
    error: failure('aborted', `join ${room.jid}: the tab left before it was in`),
  })
}

type Going = {
  readonly tabs: readonly TabId[]
  readonly calls: readonly CallId[]
  readonly status: string | undefined
  readonly everywhere: boolean
}

function leave(room: Room, { tabs, calls, status, everywhere }: Going, context: Context, out: Effect[]): void {
  const { occupancy } = room
  const leaving = { at: 'leaving', everywhere, tabs, calls } as const
  if (occupancy.at === 'leaving') {
    room.occupancy = { ...occupancy, tabs: [...occupancy.tabs, ...tabs], calls: [...occupancy.calls, ...calls] }
    return
  }
  const nick = room.roster.ownNick ?? (occupancy.at === 'joining' ? occupancy.nick : undefined)
  const present = (occupancy.at === 'joining' || occupancy.at === 'in') && nick !== undefined && context.online
  if (occupancy.at === 'joining') stopJoining(room, out)
  out.push({ do: 'stop-waiting', name: 'rejoin' })
  room.occupancy = leaving
  if (room.loaded) out.push({ do: 'forget-membership' })
  if (present) {
    out.push({ do: 'wait', name: 'leave', ms: WAIT.leaveMs })
    out.push({ do: 'send', stanza: leavePresence(`${room.jid}/${nick}`, context.newId(), status) })
  } else left(room, context, out)
}

/** The room has confirmed, or has had its time. A tab that wants in meanwhile now gets its turn. */
export function left(room: Room, context: Context, out: Effect[]): void {
  const { occupancy } = room
  if (occupancy.at !== 'leaving') return
  const by = occupancy.tabs[0]
  out.push({ do: 'stop-waiting', name: 'leave' })
  const nick = toOut(room, out)
  out.push(...occupancy.tabs.map((tab) => told(room, tab, occupancy.everywhere)))
  out.push({
    do: 'announce',
    event: { kind: 'membership', room: room.jid, change: 'left', nick, by: by === undefined ? 'room' : { tab: by } },
  })
  out.push(...occupancy.calls.map((call): Effect => ({ do: 'answer', call, value: null })))
  if (room.holds.size > 0) enter(room, context, out)
}

const told = (room: Room, tab: TabId, everywhere: boolean): Effect => ({
  do: 'tell',
  tabs: [tab],
  event: { kind: 'left', room: room.jid, everywhere },
})

/** Somebody removed us for good: every hold ends, and nothing brings us back but an explicit join. */
export function removed(room: Room, event: Extract<TabEvent, { kind: 'removed' | 'destroyed' }>, out: Effect[]): void {
  const tabs: TabId[] = []
  for (const [tab, { call }] of room.holds) {
    if (call === undefined) tabs.push(tab)
    else
      out.push({
        do: 'fail',
        call,
        error: failure('forbidden', `join ${room.jid}: removed (${event.kind}) before it was complete`),
      })
  }
  room.holds.clear()
  out.push({ do: 'stop-waiting', name: 'join' }, { do: 'stop-waiting', name: 'settle' }, { do: 'forget-membership' })
  const nick = toOut(room, out)
  out.push({ do: 'tell', tabs, event })
  out.push({ do: 'announce', event: { kind: 'membership', room: room.jid, change: 'removed', nick, by: 'room' } })
}

/** Nothing of the occupancy is left. @returns the nick that it had */
function toOut(room: Room, out: Effect[]): string {
  const nick = room.roster.ownNick ?? ''
  abandonSending(room, failure('not-joined', `send to ${room.jid}: the account is not in the room any more`), out)
  room.occupancy = { at: 'out' }
  room.roster = emptyRoster()
  room.codes = []
  return nick
}
