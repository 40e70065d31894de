import type { RoomConfig } from '../contract/model.ts'
import type { RoomMessage, RoomSubject } from '../protocol/room-stanza.ts'
import { STATUS } from '../protocol/xep-0045-muc.ts'
import { NS_OCCUPANT_ID } from '../protocol/xep-0421-occupant-id.ts'
import { beginCatchUp } from './catch-up.ts'
import { type Effect, tellAll } from './effects.ts'
import { admitReady, waiting } from './entering.ts'
import type { Gap } from './gaps.ts'
import { DEFAULT_STANZAS } from './history-limits.ts'
import { appendMessage, noteDelivered } from './messages.ts'
import { offerConfiguration } from './new-room.ts'
import { regainLater } from './nick.ts'
import { failDoubtful, flush, resolveDoubts } from './outbox.ts'
import { type Context, hasArchive, type Joining, listeners, ownNick, type Room, WAIT } from './room.ts'
import { claimOwnNick, forgetOccupantIds, type Roster } from './roster.ts'
import { rosterDiff } from './roster-diff.ts'
import { tellRosterChange } from './roster-telling.ts'
import { subjectOf } from './subject.ts'
import { hasContent, holeOf, isKnown, messageKey, openGap, openGapBefore, openHoleSince } from './timeline.ts'
import { skipHistory } from './unread.ts'

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

/** Whatever a room sends between our presence and its subject is history; what comes behind it is live. */
export function keepForLater({ subject, history, live }: Joining, message: RoomMessage): void {
  if (subject) live.push(message)
  else history.push(message)
  // Servers end it by themselves far below.
  if (history.length > MOST_HISTORY) history.shift()
}

const MOST_HISTORY = 5_000

/**
 * Where the room still has us in it from before, live messages come until it has read our presence: the history has them
 * once more, in their order.
 */
function inOrder(history: readonly RoomMessage[]): RoomMessage[] {
  const last = new Map(history.map((message, at) => [messageKey(message), at]))
  return history.filter((message, at) => !hasId(message) || last.get(messageKey(message)) === at)
}

export function subjectArrived(
  room: Room,
  joining: Joining,
  subject: RoomSubject,
  context: Context,
  out: Effect[],
): void {
  room.occupancy = { ...joining, subject: subjectOf(subject, context.nowMs) }
  completeIfReady(room, context, out)
}

/** The room has said what it can do. `undefined`: it has not, and what it said before still holds. */
export function discoArrived(
  room: Room,
  features: ReadonlySet<string> | undefined,
  config: RoomConfig | undefined,
  context: Context,
  out: Effect[],
): void {
  const before = room.config
  room.features = features ?? room.features
  room.config = config ?? room.config
  // A room that cannot say it yet may be about to be made by our join.
  const notYet = room.features === undefined && room.occupancy.at === 'joining' && !room.occupancy.self
  if (!notYet) believeFeatures(room)
  if (room.occupancy.at === 'in') {
    if (room.config && JSON.stringify(room.config) !== JSON.stringify(before)) {
      tellAll(room, { kind: 'config', room: room.jid, config: room.config, codes: [] }, out)
    }
    return
  }
  if (room.occupancy.at !== 'joining') return
  room.occupancy = { ...room.occupancy, disco: true }
  completeIfReady(room, context, out)
}

/** A room that does not say what it can do can do nothing: what looks like its ids may be anybody's. */
function believeFeatures(room: Room): void {
  room.features ??= new Set()
  if (!room.features.has(NS_OCCUPANT_ID)) forgetOccupantIds(room.roster)
}

function completeIfReady(room: Room, context: Context, out: Effect[]): void {
  const { occupancy } = room
  if (occupancy.at === 'joining' && occupancy.self && occupancy.subject && occupancy.disco) {
    complete(room, occupancy, context, out)
  }
}

/** All that belongs to a join is here, or has had its time. */
export function complete(room: Room, joining: Joining, context: Context, out: Effect[]): void {
  room.occupancy = { at: 'in', password: joining.password }
  room.tries = 0
  if (joining.disco) believeFeatures(room)
  room.fresh = room.codes.includes(STATUS.created)
  out.push({ do: 'stop-waiting', name: 'settle' }, { do: 'wait', name: 'quiet', ms: WAIT.quietMs })
  const isNew = room.codes.includes(STATUS.created)
  const before = joining.shadow
  if (before) tellDifference(room, before, out)
  const history = inOrder(joining.history)
  const { known, all } = lookAt(history, room)
  const missed = missedSince(room, joining.asked, history, isNew)
  const goesOn = before !== undefined || waiting(room).some(([, { ask }]) => ask.after !== undefined)
  const hole = missed ?? holeToFill(room, all)
  if (hole && hasArchive(room)) beginCatchUp(room, hole, missed !== undefined && goesOn, out)
  // Tabs that were in all the time get what they missed as ordinary messages, those that enter as history.
  for (const [at, message] of history.entries())
    if (at > known) appendMessage(room, message, context, out, false)
    else noteDelivered(room, message, context, out)
  skipHistory(room)
  takeSubject(room, joining, out)
  out.push({ do: 'save-membership', nick: ownNick(room), gaps: room.timeline.gaps, subject: room.subject })
  const here = listeners(room)
  const self = room.roster.byNick.get(ownNick(room))
  if (before && self && here.length > 0) {
    out.push({ do: 'tell', tabs: here, event: { kind: 'resumed', room: room.jid, cause: 'rejoined', self } })
  }
  admitReady(room, context, out, joining.tab)
  if (isNew) offerConfiguration(room, joining.tab ?? listeners(room)[0], out)
  for (const message of joining.live) appendMessage(room, message, context, out)
  if (!before) {
    const by = joining.tab !== undefined ? { tab: joining.tab } : room.kept ? 'bookmark' : 'room'
    out.push({
      do: 'announce',
      event: { kind: 'membership', room: room.jid, change: 'joined', nick: ownNick(room), by },
    })
  }
  if (room.catchUp === undefined) {
    if (all) resolveDoubts(room)
    else failDoubtful(room, out)
  }
  flush(room, context, out)
  regainLater(room, out)
}

/** What an earlier life has not read up, or where something of ours may be that nothing else tells of. */
function holeToFill(room: Room, all: boolean): Gap | undefined {
  const since = [...room.sending.values()].find(({ state }) => state === 'doubtful')?.sinceMs
  return holeOf(room.timeline) ?? (all || since === undefined ? undefined : openHoleSince(room.timeline, since))
}

/**
 * How far the history that came with a join is known, and whether it shows all that came since: behind what is known,
 * or, where nothing is, as long as there is not more than rooms give by themselves.
 */
function lookAt(history: readonly RoomMessage[], room: Room): { readonly known: number; readonly all: boolean } {
  const { timeline } = room
  const known = history.findLastIndex((message) => hasId(message) && isKnown(timeline, messageKey(message)))
  const isEmpty = timeline.recent.size + timeline.earlier.size === 0 && timeline.newest === undefined
  const keepsHistory = hasArchive(room) || history.length > 0
  return { known, all: known !== -1 || (isEmpty && keepsHistory && history.length < DEFAULT_STANZAS) }
}

/** What has none may have been said twice. */
const hasId = ({ archiveId, stanzaId }: RoomMessage): boolean => archiveId !== undefined || stanzaId !== undefined

/** Where messages may have been missed while we were not there. */
function missedSince(
  room: Room,
  asked: Joining['asked'],
  history: readonly RoomMessage[],
  isNew: boolean,
): Gap | undefined {
  const { timeline } = room
  const keys = history.filter(hasContent).map(messageKey)
  if (asked === 'archive' && !isNew) return openGap(timeline)
  // Asked for all since the newest that is known: nothing came, or it is among them. Clocks may differ: an archive knows.
  if (asked === 'since' && !isNew && keys.length === 0 && !hasArchive(room)) return undefined
  return openGapBefore(timeline, keys, isNew)
}

/** Tabs that were in all the time are told of it where it is another one. */
function takeSubject(room: Room, { subject, shadow }: Joining, out: Effect[]): void {
  if (!subject) return
  const isNew = subject.text !== room.subject.text
  room.subject = subject
  if (shadow && isNew) tellAll(room, { kind: 'subject', room: room.jid, subject }, out)
}

function tellDifference(room: Room, before: Roster, out: Effect[]): void {
  const ownRename = before.ownNick !== undefined && room.roster.ownNick !== before.ownNick ? before.ownNick : undefined
  for (const change of rosterDiff(before.byNick, room.roster.byNick, ownRename))
    tellRosterChange(room, change, true, out)
}
