import { type ErrorCode, type Failure, failure } from '../contract/errors.ts'
import { occupantPresence } from '../protocol/room-presence.ts'
import type { RoomError } from '../protocol/room-stanza.ts'
import type { Effect } from './effects.ts'
import { fail } from './fail.ts'
import { mayAct } from './messages.ts'
import { type CallId, type Context, isHeld, ownNick, type Rename, type Room, type TabId, WAIT } from './room.ts'
import { ping } from './self-ping.ts'
import { resultFor, showTo } from './showing.ts'

type Wish = { readonly nick: string; readonly call: CallId | undefined; readonly tab: TabId | undefined }

/** A tab wants another nick for all (section 7.6). One change after the other: the last one wins. */
export function tabRenames(room: Room, tab: TabId, call: CallId, nick: string, context: Context, out: Effect[]): void {
  if (mayAct(room, tab, call, 'nick in', context, out)) rename(room, { nick, call, tab: undefined }, context, out)
}

/** Puts a change behind those under way. */
export function rename(room: Room, wish: Wish, context: Context, out: Effect[]): void {
  room.renames = [...room.renames, { id: context.newId(), ...wish }]
  if (room.renames.length === 1) sendFirst(room, context, out)
}

function sendFirst(room: Room, context: Context, out: Effect[]): void {
  const [first] = room.renames
  if (!first) {
    // What may not be asked while a change is under way (XEP-0410 section 4).
    if ([...room.sending.values()].some(({ again }) => again === 'due')) ping(room, context, out)
    return
  }
  if (first.nick === room.roster.ownNick) {
    finish(room, first, context, out)
    return
  }
  out.push({ do: 'wait', name: 'rename', ms: WAIT.changeMs })
  out.push({ do: 'send', stanza: occupantPresence(`${room.jid}/${first.nick}`, first.id, context) })
}

/** After each presence of ours: whether the change under way has come about. */
export function renameSettled(room: Room, context: Context, out: Effect[]): void {
  const [first] = room.renames
  if (first && first.nick === room.roster.ownNick) finish(room, first, context, out)
}

function finish(room: Room, done: Rename, context: Context, out: Effect[]): void {
  out.push({ do: 'stop-waiting', name: 'rename' })
  room.wantedNick = undefined
  out.push({ do: 'save-membership', nick: ownNick(room), gaps: room.timeline.gaps, subject: room.subject })
  const { call, tab } = done
  if (call !== undefined)
    out.push({ do: 'answer', call, value: tab === undefined ? null : resultFor(room, done.nick, false) })
  else if (tab !== undefined) showTo(room, tab, out)
  room.renames = room.renames.slice(1)
  sendFirst(room, context, out)
}

const CODES: ReadonlyMap<string, ErrorCode> = new Map<string, ErrorCode>([
  ['conflict', 'room-nick-conflict'],
  ['not-acceptable', 'room-nick-not-acceptable'],
  ['jid-malformed', 'jid-malformed'],
  ['not-allowed', 'forbidden'],
  ['forbidden', 'forbidden'],
])

/** The room refuses the change under way: whoever asked for it is told, and nobody else. */
export function renameRefused(room: Room, { error }: RoomError, context: Context, out: Effect[]): void {
  const [first] = room.renames
  if (!first) return
  const facts = { condition: error.condition, nick: first.nick, ...(error.text !== undefined && { text: error.text }) }
  const what = `nick ${first.nick} in ${room.jid}: ${error.condition}${error.text ? ` (${error.text})` : ''}`
  giveUp(room, first, failure(CODES.get(error.condition) ?? 'stanza-error', what, facts), context, out)
}

/** Whether an error answers the change under way: by its id, else by the nick that it comes from. */
export function answersRename(room: Room, { id, nick }: RoomError): boolean {
  const [first] = room.renames
  return first !== undefined && (id === undefined ? nick === first.nick : id === first.id)
}

export function renameTimedOut(room: Room, context: Context, out: Effect[]): void {
  const [first] = room.renames
  if (!first) return
  const error = failure('timeout', `nick ${first.nick} in ${room.jid}: no answer within ${WAIT.changeMs} ms`)
  giveUp(room, first, error, context, out)
}

function giveUp(room: Room, { call, tab }: Rename, error: Failure, context: Context, out: Effect[]): void {
  out.push({ do: 'stop-waiting', name: 'rename' })
  fail(call, error, out)
  const hold = tab === undefined ? undefined : room.holds.get(tab)
  if (tab !== undefined && hold?.state === 'waiting') {
    room.holds.delete(tab)
    fail(hold.call, error, out)
    // The tabs that were in may have left meanwhile, counting on this one.
    if (!isHeld(room)) out.push({ do: 'wait', name: 'grace', ms: WAIT.graceMs })
  }
  room.renames = room.renames.slice(1)
  if (call === undefined && tab === undefined) regainLater(room, out)
  sendFirst(room, context, out)
}

/** The nick that the person chose is somebody else's for now: it is asked for again, later and later. */
export function regainLater(room: Room, out: Effect[]): void {
  if (room.wantedNick === undefined) return
  const ms = Math.min(WAIT.longestRegainMs, WAIT.regainMs * 2 ** room.tries)
  room.tries += 1
  out.push({ do: 'wait', name: 'regain', ms })
}

export function regain(room: Room, context: Context, out: Effect[]): void {
  if (room.wantedNick === undefined || room.occupancy.at !== 'in' || !context.online) return
  if (room.renames.length > 0) regainLater(room, out)
  else rename(room, { nick: room.wantedNick, call: undefined, tab: undefined }, context, out)
}
