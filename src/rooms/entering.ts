import { failure } from '../contract/errors.ts'
import type { JoinResult, Occupant } from '../contract/model.ts'
import type { RoomError, RoomMessage, RoomSubject } from '../protocol/room-stanza.ts'
import { joinPresence, STATUS } from '../protocol/xep-0045-muc.ts'
import { NS_OCCUPANT_ID } from '../protocol/xep-0421-occupant-id.ts'
import { DEFAULT_STANZAS, limitsOf } from './history-limits.ts'
import { appendMessage } from './messages.ts'
import { askedTheSame, refusalOf } from './refusal.ts'
import {
  type CallId,
  type Context,
  type Effect,
  type HistoryStretch,
  type Hold,
  type JoinAsk,
  type Joining,
  listeners,
  type Past,
  type Room,
  type RoomView,
  type TabId,
  WAIT,
} from './room.ts'
import { claimOwnNick, emptyRoster, forgetOccupantIds, type Roster } from './roster.ts'
import { rosterDiff } from './roster-diff.ts'
import { tellRosterChange } from './roster-telling.ts'
import { subjectOf } from './subject.ts'
import { messageKey, openGapBefore, timelineOf } from './timeline.ts'

/** A tab wants to be in. The first one makes the account enter; the others wait for it, or are shown the room. */
export function tabJoins(room: Room, tab: TabId, call: CallId, ask: JoinAsk, context: Context, out: Effect[]): void {
  const held = room.holds.get(tab)
  if (held?.state === 'in' && room.occupancy.at === 'in') {
    out.push({ do: 'answer', call, value: resultFor(room, ask.nick, false) })
    return
  }
  if (held?.call !== undefined) {
    out.push({
      do: 'fail',
      call: held.call,
      error: failure('aborted', `join ${room.jid}: another join of this tab took its place`),
    })
  }
  room.holds.set(tab, { ask, state: 'waiting', call })
  out.push({ do: 'stop-waiting', name: 'grace' })
  if (room.occupancy.at === 'out') enter(room, context, out)
  else if (room.occupancy.at === 'in') show(room, tab, out)
}

/** Begins to enter, where somebody wants to be in and nothing is under way. */
export function enter(room: Room, context: Context, out: Effect[]): void {
  if (!room.loaded) {
    room.occupancy = { at: 'loading' }
    out.push({ do: 'load' })
    return
  }
  if (!context.online) return
  const was = room.occupancy
  const [first] = waiting(room)
  const again = was.at === 'interrupted' ? was : undefined
  const nick = again?.nick ?? first?.[1].ask.nick
  if (nick === undefined) return
  const joining: Joining = {
    at: 'joining',
    id: context.newId(),
    nick,
    password: again ? again.password : first?.[1].ask.password,
    tab: again ? undefined : first?.[0],
    shadow: again && room.roster,
    self: false,
    subject: false,
    disco: false,
    history: [],
  }
  // Recorded before the stanza leaves: a server on the same machine may answer within the call.
  room.occupancy = joining
  room.roster = emptyRoster()
  const history = widestHistory(room)
  out.push({ do: 'wait', name: 'join', ms: WAIT.joinMs }, { do: 'disco' })
  out.push({
    do: 'send',
    stanza: joinPresence(`${room.jid}/${nick}`, { id: joining.id, password: joining.password, history }),
  })
}

/** More than the room gives by itself is asked for only where a tab asks for more. */
function widestHistory(room: Room): { maxStanzas: number } | undefined {
  const most = Math.max(0, ...waiting(room).map(([, { ask }]) => limitsOf(ask.history).maxStanzas ?? 0))
  return most > DEFAULT_STANZAS ? { maxStanzas: most } : undefined
}

const waiting = (room: Room): [TabId, Hold][] => [...room.holds].filter(([, hold]) => hold.state === 'waiting')

/** The store has answered. */
export function loaded(room: Room, past: Past, context: Context, out: Effect[]): void {
  if (room.loaded) return
  room.loaded = true
  room.timeline = timelineOf(past.messages, past.tailFrom)
  if (past.subject) room.subject = past.subject
  if (room.occupancy.at !== 'loading') return
  room.occupancy = { at: 'out' }
  if (room.holds.size > 0) enter(room, context, out)
}

/** Our own presence has come: we are in, under the nick that the room gave (section 7.2.2). */
export function selfArrived(room: Room, joining: Joining, nick: string, codes: readonly number[], out: Effect[]): void {
  claimOwnNick(room.roster, nick)
  room.codes = codes
  // A new room could not say what it can do before it was there.
  const isNew = codes.includes(STATUS.created)
  room.occupancy = { ...joining, self: true, disco: joining.disco && !isNew }
  out.push({ do: 'stop-waiting', name: 'join' }, { do: 'wait', name: 'settle', ms: WAIT.settleMs })
  if (isNew) out.push({ do: 'disco' })
}

/** Whatever a room sends between our presence and its subject is history. */
export function keepHistory(joining: Joining, message: RoomMessage): void {
  joining.history.push(message)
}

export function subjectArrived(
  room: Room,
  joining: Joining,
  subject: RoomSubject,
  context: Context,
  out: Effect[],
): void {
  room.subject = subjectOf(subject, context.nowMs)
  room.occupancy = { ...joining, subject: true }
  completeIfReady(room, context, out)
}

export function discoArrived(
  room: Room,
  features: ReadonlySet<string> | undefined,
  context: Context,
  out: Effect[],
): void {
  room.features = features ?? new Set()
  if (!room.features.has(NS_OCCUPANT_ID)) forgetOccupantIds(room.roster)
  if (room.occupancy.at !== 'joining') return
  room.occupancy = { ...room.occupancy, disco: true }
  completeIfReady(room, context, out)
}

function completeIfReady(room: Room, context: Context, out: Effect[]): void {
  const { occupancy } = room
  if (occupancy.at === 'joining' && occupancy.self && occupancy.subject && occupancy.disco)
    complete(room, occupancy, context, out)
}

/** All that belongs to a join is here, or has had its time. */
export function complete(room: Room, joining: Joining, context: Context, out: Effect[]): void {
  room.occupancy = { at: 'in', password: joining.password }
  out.push({ do: 'stop-waiting', name: 'settle' })
  openGapBefore(room.timeline, joining.history.map(messageKey), room.codes.includes(STATUS.created))
  const before = joining.shadow
  if (before) tellDifference(room, before, out)
  // Tabs that were in all the time get what they missed as ordinary messages, those that enter as history.
  for (const message of joining.history) appendMessage(room, message, context, out)
  out.push({ do: 'save-membership', nick: ownNick(room), tailFrom: room.timeline.tailFrom, subject: room.subject })
  const here = listeners(room)
  const self = room.roster.byNick.get(ownNick(room))
  if (before && self && here.length > 0) {
    out.push({ do: 'tell', tabs: here, event: { kind: 'resumed', room: room.jid, cause: 'rejoined', self } })
  }
  for (const [tab] of waiting(room)) show(room, tab, out, tab === joining.tab)
  if (!before) {
    const by = joining.tab === undefined ? 'room' : { tab: joining.tab }
    out.push({
      do: 'announce',
      event: { kind: 'membership', room: room.jid, change: 'joined', nick: ownNick(room), by },
    })
  }
}

function tellDifference(room: Room, before: Roster, out: Effect[]): void {
  for (const change of rosterDiff(before.byNick, room.roster.byNick)) tellRosterChange(room, change, true, out)
}

export const ownNick = (room: Room): string => room.roster.ownNick ?? ''

/** Shows the room to a tab as if it had just joined by itself: others, self, history, subject (section 7.1). */
function show(room: Room, tab: TabId, out: Effect[], asked = false): void {
  const hold = room.holds.get(tab)
  const self = room.roster.byNick.get(ownNick(room))
  if (!hold || !self) return
  room.holds.set(tab, { ...hold, state: 'in', call: undefined })
  const occupants: Occupant[] = []
  for (const occupant of room.roster.byNick.values()) if (occupant !== self) occupants.push(occupant)
  const view: RoomView = {
    picture: { room: room.jid, occupants, self, result: resultFor(room, hold.ask.nick, asked), subject: room.subject },
    history: stretchFor(room, hold.ask),
  }
  out.push({ do: 'show', tab, call: hold.call, view })
}

/** A tab that goes on where it was gets what it missed, unless that is more than what is known without a hole. */
function stretchFor({ timeline }: Room, { history, after }: JoinAsk): HistoryStretch {
  const { tailFrom: from, nextOrder: before } = timeline
  return after === undefined
    ? { from, before, wish: history }
    : { from: Math.max(from, after + 1), before, wish: 'everything' }
}

/** Codes that describe the room as it is, not what this or that join did. */
const LASTING: readonly number[] = [STATUS.nonAnonymous, STATUS.self, STATUS.logged]

function resultFor(room: Room, askedNick: string, asked: boolean): JoinResult {
  const nick = ownNick(room)
  const nickAssigned = nick !== askedNick
  const codes = asked ? [...room.codes] : room.codes.filter((code) => LASTING.includes(code))
  if (!codes.includes(STATUS.self)) codes.push(STATUS.self)
  if (nickAssigned && !codes.includes(STATUS.nickAssigned)) codes.push(STATUS.nickAssigned)
  return { nick, codes, created: codes.includes(STATUS.created), nickAssigned }
}

/** The room does not let us in. What is wrong with one tab's nick or password is told to that tab alone. */
export function refused(
  room: Room,
  joining: Joining,
  { error: why }: RoomError,
  context: Context,
  out: Effect[],
): void {
  const { error, concernsAll } = refusalOf(room.jid, joining.nick, why)
  for (const [tab, hold] of room.holds) {
    if (!concernsAll && !askedTheSame(hold.ask, joining)) continue
    room.holds.delete(tab)
    if (hold.call !== undefined) out.push({ do: 'fail', call: hold.call, error })
    else out.push({ do: 'tell', tabs: [tab], event: { kind: 'left', room: room.jid, everywhere: true } })
  }
  stopJoining(room, out)
  out.push({ do: 'log', level: 'info', text: error.message })
  if (room.holds.size > 0) enter(room, context, out)
  else out.push({ do: 'forget-membership' })
}

/** No answer: the room may be there again later, but no call waits for ever. Who was in before goes on trying. */
export function joinTimedOut(room: Room, joining: Joining, out: Effect[]): void {
  const error = failure('timeout', `join ${room.jid}: no answer within ${WAIT.joinMs} ms`)
  for (const [tab, hold] of room.holds) {
    if (hold.call === undefined) continue
    room.holds.delete(tab)
    out.push({ do: 'fail', call: hold.call, error })
  }
  stopJoining(room, out)
  if (room.holds.size === 0 || !joining.shadow) return
  room.roster = joining.shadow
  room.occupancy = { at: 'interrupted', nick: joining.nick, password: joining.password }
  out.push({ do: 'wait', name: 'rejoin', ms: WAIT.rejoinMs })
}

export function stopJoining(room: Room, out: Effect[]): void {
  room.occupancy = { at: 'out' }
  room.roster = emptyRoster()
  out.push({ do: 'stop-waiting', name: 'join' }, { do: 'stop-waiting', name: 'settle' })
}
