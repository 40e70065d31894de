import type { Occupant } from '../contract/model.ts'
import { presenceWords } from '../protocol/room-presence.ts'
import { joinPresence, STATUS } from '../protocol/xep-0045-muc.ts'
import type { Effect } from './effects.ts'
import { type Context, ownNick, type Room } from './room.ts'

/** The whole list of occupants is to come again. */
export function resync(room: Room): void {
  room.listWanted = true
}

/**
 * After each step: asks for the list where it is wanted, by a join in the room where we are: the same nick is not news
 * there (XEP-0045 section 17.3). Not while the room is to end by our own wish: for ejabberd a join behind that, as any
 * presence, is a new room.
 */
export function settleList(room: Room, context: Context, out: Effect[]): void {
  if (!room.listWanted || room.occupancy.at !== 'in' || room.ending.size > 0 || !context.online) return
  room.listWanted = false
  const words = { id: context.newId(), password: room.occupancy.password, history: { maxStanzas: 0 } }
  const stanza = joinPresence(`${room.jid}/${ownNick(room)}`, words, presenceWords(context))
  out.push({ do: 'send', stanza })
}

/**
 * Who becomes a moderator may see JIDs, and who ceases to be one may not any more. Prosody sends them by itself where the
 * role came with an affiliation; ejabberd never does.
 */
export function resyncIfBlind(room: Room, before: Occupant | undefined): void {
  const now = room.roster.byNick.get(ownNick(room))
  if (!before || !now) return
  if ((before.role === 'moderator') === (now.role === 'moderator')) return
  if (room.codes.includes(STATUS.nonAnonymous)) return
  resync(room)
}
