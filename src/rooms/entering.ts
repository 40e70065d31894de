import { failure } from '../contract/errors.ts'
import { presenceWords } from '../protocol/room-presence.ts'
import type { RoomError } from '../protocol/room-stanza.ts'
import { type HistoryLimits, joinPresence } from '../protocol/xep-0045-muc.ts'
import type { Effect } from './effects.ts'
import { fail } from './fail.ts'
import { DEFAULT_STANZAS, limitsOf, MOST_STANZAS } from './history-limits.ts'
import type { Past } from './inputs.ts'
import { offerConfiguration } from './new-room.ts'
import { rename } from './nick.ts'
import { remember } from './past.ts'
import { askedTheSame, refusalOf } from './refusal.ts'
import { lostForGood, tryAgain } from './removal.ts'
import {
  type CallId,
  type Context,
  type Cursor,
  type Hold,
  hasArchive,
  isHeld,
  type JoinAsk,
  type Joining,
  type Room,
  type TabId,
  WAIT,
} from './room.ts'
import { emptyRoster } from './roster.ts'
import { resultFor, showTo } from './showing.ts'
import { holeOf } from './timeline.ts'

/** A tab wants to be in. The first one makes the account enter; the others wait for it, or are shown the room. */
export function tabJoins(room: Room, tab: TabId, call: CallId, ask: JoinAsk, context: Context, out: Effect[]): void {
  const held = room.holds.get(tab)
  if (held?.state === 'in' && room.occupancy.at === 'in') {
    // It goes on hearing of everything, also while its nick is being changed.
    if (wantsAnother(room, ask)) rename(room, { nick: ask.nick, call, tab }, context, out)
    else out.push({ do: 'answer', call, value: resultFor(room, ask.nick, false) })
    return
  }
  fail(held?.call, failure('aborted', `join ${room.jid}: another join of this tab took its place`), out)
  room.holds.set(tab, { ask, state: 'waiting', call })
  out.push({ do: 'stop-waiting', name: 'grace' })
  if (room.occupancy.at === 'out') enter(room, context, out)
  else if (room.occupancy.at === 'in' && !waitsFor(room, ask)) {
    admit(room, tab, context, out)
    if (room.fresh && room.configuring === undefined) offerConfiguration(room, tab, out)
  }
}

/** A tab that is in was not told of everything: it is shown the room as it is, behind the last message that it was told. */
export function tabIsBack(room: Room, tab: TabId, after: Cursor | undefined, context: Context, out: Effect[]): void {
  const hold = room.holds.get(tab)
  if (hold?.state !== 'in') return
  const ask: JoinAsk = { ...hold.ask, takeover: false, after: after ?? hold.ask.after }
  room.holds.set(tab, { ...hold, ask, state: 'waiting' })
  if (room.occupancy.at !== 'in' || room.suspended)
    out.push({ do: 'tell', tabs: [tab], event: { kind: 'interrupted', room: room.jid, cause: 'connection' } })
  else if (!waitsFor(room, ask)) admit(room, tab, context, out)
}

/** Not yet: the room is away, or what this tab has missed is still being read up. */
const waitsFor = ({ suspended, catchUp, timeline }: Room, { after }: JoinAsk): boolean =>
  suspended ||
  catchUp?.told === true ||
  (catchUp !== undefined && (holeOf(timeline)?.to ?? 0) > (after?.order ?? Infinity))

/** Lets those in who need not wait. */
export function admitReady(room: Room, context: Context, out: Effect[], asking?: TabId): void {
  for (const [tab, { ask }] of waiting(room))
    if (!waitsFor(room, ask)) admit(room, tab, context, out, asking !== undefined && tab === asking)
}

/** Whether the tab insists on a nick that is not the one in use. */
const wantsAnother = (room: Room, { nick, takeover }: JoinAsk): boolean =>
  takeover === true && nick !== room.roster.ownNick

/** The account is in: the tab is shown the room, after the nick has been changed where it insists on its own. */
export function admit(room: Room, tab: TabId, context: Context, out: Effect[], asked = false): void {
  const ask = room.holds.get(tab)?.ask
  if (!ask) return
  if (wantsAnother(room, ask)) rename(room, { nick: ask.nick, call: undefined, tab }, context, out)
  else showTo(room, tab, out, asked)
}

/** A bookmark wants the room without any tab. */
export function keep(room: Room, kept: Room['kept'], context: Context, out: Effect[]): void {
  room.kept = kept
  if (!kept) return
  out.push({ do: 'stop-waiting', name: 'grace' })
  if (room.occupancy.at === 'out') enter(room, context, out)
}

/** Begins to enter, where somebody wants to be in and nothing is under way. */
export function enter(room: Room, context: Context, out: Effect[]): void {
  if (!room.loaded) {
    room.occupancy = { at: 'loading' }
    out.push({ do: 'load' })
    return
  }
  if (!context.online) return
  // It may be gone: then this would make it anew.
  if (room.occupancy.at === 'interrupted' && room.ending.size > 0) return
  const joining = beginJoining(room, context, out)
  if (!joining) return
  const { id, nick, password } = joining
  const history = historyFor(room, joining.asked)
  out.push({ do: 'stop-waiting', name: 'rejoin' }, { do: 'wait', name: 'join', ms: WAIT.joinMs }, { do: 'disco' })
  out.push({
    do: 'send',
    stanza: joinPresence(`${room.jid}/${nick}`, { id, password, history }, presenceWords(context)),
  })
}

/** From here on what the room says of who is there is the answer to a join. `undefined`: nobody wants to be in. */
export function beginJoining(room: Room, context: Context, out: Effect[]): Joining | undefined {
  const wish = wishFor(room)
  if (!wish) return undefined
  const joining: Joining = {
    at: 'joining',
    id: context.newId(),
    ...wish,
    asked: askFor(room),
    shadow: room.occupancy.at === 'interrupted' ? room.roster : undefined,
    self: false,
    subject: undefined,
    disco: false,
    history: [],
    live: [],
  }
  // A worker that dies before the list of occupants is whole leaves nothing that another could take it for.
  if (joining.shadow) out.push({ do: 'forget-membership' })
  // Recorded before the stanza leaves: a server on the same machine may answer within the call.
  room.occupancy = joining
  room.roster = emptyRoster()
  room.listWanted = false
  room.ended = false
  return joining
}

/** As whom to enter: who was in before, else the first tab that wants to, else the bookmark. */
function wishFor(room: Room): Pick<Joining, 'nick' | 'password' | 'tab'> | undefined {
  const { occupancy, kept } = room
  if (occupancy.at === 'interrupted') return { nick: occupancy.nick, password: occupancy.password, tab: undefined }
  const [first] = waiting(room)
  if (first) {
    const [tab, { ask }] = first
    return { nick: ask.nick, password: ask.password ?? kept?.password, tab }
  }
  return kept && { nick: kept.nick, password: kept.password, tab: undefined }
}

/** What was missed comes from the archive, where there is one, and from the room's own memory, where there is none. */
function askFor(room: Room): Joining['asked'] {
  const { newest, newestMs } = room.timeline
  // Who comes as a stranger wants to be shown something: then what was missed is read up behind that.
  const goesOn = room.occupancy.at === 'interrupted' || waiting(room).some(([, { ask }]) => ask.after !== undefined)
  if (hasArchive(room)) return goesOn && newest !== undefined ? 'archive' : 'history'
  if (newestMs === undefined) return 'history'
  // What the room can do is not known yet: should it have an archive, that is asked whether something is missing.
  return room.features || goesOn ? 'since' : 'history'
}

function historyFor(room: Room, asked: Joining['asked']): HistoryLimits | undefined {
  if (asked === 'archive') return { maxStanzas: 0 }
  // Servers stamp whole seconds, and give no more than usual by time alone (Prosody).
  if (asked === 'since') return { sinceMs: (room.timeline.newestMs ?? 0) - 1000, maxStanzas: MOST_STANZAS }
  return widestHistory(room)
}

/** More than the room gives by itself is asked for only where a tab asks for more. */
function widestHistory(room: Room): { maxStanzas: number } | undefined {
  const most = Math.max(0, ...waiting(room).map(([, { ask }]) => limitsOf(ask.history).maxStanzas ?? 0))
  return most > DEFAULT_STANZAS ? { maxStanzas: most } : undefined
}

export const waiting = (room: Room): [TabId, Hold][] => [...room.holds].filter(([, hold]) => hold.state === 'waiting')

/** The store has answered. */
export function loaded(room: Room, past: Past, context: Context, out: Effect[]): void {
  if (room.loaded) return
  remember(room, past)
  if (room.occupancy.at !== 'loading') return
  room.occupancy = { at: 'out' }
  if (isHeld(room)) enter(room, context, out)
}

/** The room does not let us in. What is wrong with one tab's nick or password is told to that tab alone. */
export function refused(
  room: Room,
  joining: Joining,
  { error: why }: RoomError,
  context: Context,
  out: Effect[],
): void {
  const refusal = refusalOf(room.jid, joining.nick, why)
  const { error } = refusal
  out.push({ do: 'log', level: 'info', text: error.message })
  stopJoining(room, out)
  if (joining.shadow) {
    refusedAgain(room, joining, refusal, context, out)
    return
  }
  turnAway(room, joining, refusal, out)
  if (refusal.passes && room.kept) tryAgain(room, context, out)
  else if (joining.tab === undefined && room.kept) {
    room.kept = undefined
    out.push({ do: 'announce', event: { kind: 'error', error } })
  }
  if (room.holds.size > 0) enter(room, context, out)
  else if (!room.kept) out.push({ do: 'forget-membership' })
}

type Refusal = ReturnType<typeof refusalOf>

/** Those who wait and whom it concerns: all, or who asked for the same. */
function turnAway(room: Room, joining: Joining, { error, concernsAll }: Refusal, out: Effect[]): void {
  for (const [tab, hold] of waiting(room)) {
    if (!concernsAll && !askedTheSame(hold.ask, joining)) continue
    room.holds.delete(tab)
    fail(hold.call, error, out)
  }
}

/** Who was in before, and now may not come back: told as what it is, or tried again where that can help. */
function refusedAgain(room: Room, joining: Joining, refusal: Refusal, context: Context, out: Effect[]): void {
  const { error, passes, removal } = refusal
  const { nick, password, shadow } = joining
  room.roster = shadow ?? room.roster
  if (error.code === 'room-nick-conflict') {
    // Somebody else has our nick by now: in under another one, and back to ours when it is free.
    room.wantedNick ??= shadow?.ownNick ?? nick
    room.occupancy = { at: 'interrupted', nick: `${nick}_`, password }
    enter(room, context, out)
  } else if (passes) {
    turnAway(room, joining, refusal, out)
    room.occupancy = { at: 'interrupted', nick, password }
    tryAgain(room, context, out)
  } else lostForGood(room, removal, error, out)
}

/** No answer: the room may be there again later, but no call waits for ever. Who was in before goes on trying. */
export function joinTimedOut(room: Room, joining: Joining, context: Context, out: Effect[]): void {
  const error = failure('timeout', `join ${room.jid}: no answer within ${WAIT.joinMs} ms`)
  for (const [tab, hold] of room.holds) {
    if (hold.call === undefined) continue
    room.holds.delete(tab)
    fail(hold.call, error, out)
  }
  stopJoining(room, out)
  if (!isHeld(room)) return
  if (joining.shadow) {
    room.roster = joining.shadow
    room.occupancy = { at: 'interrupted', nick: joining.nick, password: joining.password }
  }
  tryAgain(room, context, out)
}

export function stopJoining(room: Room, out: Effect[]): void {
  room.occupancy = { at: 'out' }
  room.roster = emptyRoster()
  out.push({ do: 'stop-waiting', name: 'join' }, { do: 'stop-waiting', name: 'settle' })
}
