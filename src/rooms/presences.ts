import { failure } from '../contract/errors.ts'
import type { OccupantPresence } from '../protocol/room-stanza.ts'
import { STATUS } from '../protocol/xep-0045-muc.ts'
import { NS_OCCUPANT_ID } from '../protocol/xep-0421-occupant-id.ts'
import type { Effect } from './effects.ts'
import { selfArrived } from './entered.ts'
import { left } from './leaving.ts'
import { beginAnew, turnBack } from './made-anew.ts'
import { renameSettled } from './nick.ts'
import { thrownOut } from './removal.ts'
import { resyncIfBlind } from './resync.ts'
import type { Context, Room } from './room.ts'
import { applyPresence, MOST_OCCUPANTS, moveOwn, type RosterView } from './roster.ts'
import { tellRosterChange } from './roster-telling.ts'

/** An occupant, or we ourselves, came, changed or went. */
export function presenceArrived(room: Room, presence: OccupantPresence, context: Context, out: Effect[]): void {
  const { occupancy } = room
  const self = isSelf(room, presence)
  if (self && !presence.available && !isRename(presence)) {
    if (occupancy.at === 'leaving') left(room, context, out)
    else thrownOut(room, presence, context, out)
    return
  }
  if (!self && isTooMany(room, presence)) return tellCrowded(room, out)
  if (occupancy.at === 'in' && isOfNewRoom(room, presence, self)) beginAnew(room, context, out)
  const { at } = room.occupancy
  if (at === 'joining') joiningPresence(room, presence, self, context, out)
  else if (at === 'in') livePresence(room, presence, self, context, out)
  else if (at === 'out' && self && presence.available) turnBack(room, presence, context, out)
}

/** A room that we have just made may say so again, as long as nobody has configured it. */
const isOfNewRoom = ({ fresh }: Room, { available, muc }: OccupantPresence, self: boolean): boolean =>
  self && available && !fresh && muc.codes.includes(STATUS.created)

/**
 * Whether a presence is ours. No single sign will do: ejabberd leaves 110 out where it destroys a room and where a
 * second session of ours joins.
 */
function isSelf(room: Room, { nick, muc }: OccupantPresence): boolean {
  return muc.codes.includes(STATUS.self) || nick === room.roster.ownNick
}

/** Nobody whom we know, and there is no place for another one. */
const isTooMany = ({ roster }: Room, { nick, available }: OccupantPresence): boolean =>
  available && roster.byNick.size >= MOST_OCCUPANTS && !roster.byNick.has(nick)

/** Once for each time that the account enters: the room goes on with those who are known, and with all that is said. */
function tellCrowded({ jid, roster }: Room, out: Effect[]): void {
  if (roster.crowded) return
  roster.crowded = true
  const text = `room ${jid}: more than ${MOST_OCCUPANTS} occupants; the others are not shown`
  out.push({ do: 'log', level: 'error', text })
  const error = failure('stanza-error', text, { condition: 'resource-constraint' })
  out.push({ do: 'announce', event: { kind: 'error', error } })
}

/** 303 without the new nick says only that we are gone. */
const isRename = ({ muc }: OccupantPresence): boolean =>
  muc.codes.includes(STATUS.nickChanged) && muc.items[0]?.nick !== undefined

const viewOf = (room: Room, { account }: Context): RosterView => ({
  account,
  occupantIds: room.features?.has(NS_OCCUPANT_ID) ?? true,
})

function joiningPresence(room: Room, presence: OccupantPresence, self: boolean, context: Context, out: Effect[]): void {
  applyPresence(room.roster, presence, viewOf(room, context))
  const { occupancy } = room
  if (occupancy.at === 'joining' && self && presence.available && !occupancy.self) {
    selfArrived(room, occupancy, presence.nick, presence.muc.codes, out)
  }
}

function livePresence(room: Room, presence: OccupantPresence, self: boolean, context: Context, out: Effect[]): void {
  const view = viewOf(room, context)
  const before = room.roster.byNick.get(room.roster.ownNick ?? '')
  if (self && presence.available && presence.nick !== room.roster.ownNick) {
    // We go by another nick and no 303 said so: ejabberd, where another device of ours keeps the old one.
    for (const change of moveOwn(room.roster, presence, view)) tellRosterChange(room, change, false, out)
  } else {
    const change = applyPresence(room.roster, presence, view)
    if (!self) room.fresh = false
    if (change) tellRosterChange(room, change, false, out)
  }
  if (!self) return
  renameSettled(room, context, out)
  resyncIfBlind(room, before)
}
