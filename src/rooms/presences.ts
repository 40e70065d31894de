import type { DepartureKind } from '../contract/model.ts'
import type { OccupantPresence } from '../protocol/room-stanza.ts'
import { STATUS } from '../protocol/xep-0045-muc.ts'
import { NS_OCCUPANT_ID } from '../protocol/xep-0421-occupant-id.ts'
import { selfArrived } from './entering.ts'
import { left, removed } from './leaving.ts'
import { type Context, type Effect, listeners, type Room, WAIT } from './room.ts'
import { applyPresence, departureOf } from './roster.ts'
import { tellRosterChange } from './roster-telling.ts'

/** An occupant, or we ourselves, came, changed or went. */
export function presenceArrived(room: Room, presence: OccupantPresence, context: Context, out: Effect[]): void {
  const { occupancy } = room
  const self = isSelf(room, presence)
  if (self && !presence.available && !presence.muc.codes.includes(STATUS.nickChanged)) {
    selfGone(room, presence, context, out)
    return
  }
  if (occupancy.at !== 'joining' && occupancy.at !== 'in') return
  const view = { account: context.account, occupantIds: room.features?.has(NS_OCCUPANT_ID) ?? true }
  const change = applyPresence(room.roster, presence, view)
  if (occupancy.at === 'in') {
    if (change) tellRosterChange(room, change, false, out)
  } else if (self && !occupancy.self) selfArrived(room, occupancy, presence.nick, presence.muc.codes, out)
}

/**
 * Whether a presence is ours. No single sign will do: ejabberd leaves 110 out where it destroys a room and where a
 * second session of ours joins.
 */
function isSelf(room: Room, { nick, muc }: OccupantPresence): boolean {
  return muc.codes.includes(STATUS.self) || nick === room.roster.ownNick
}

/** We are out: because we left, because somebody removed us for good, or because something broke. */
function selfGone(room: Room, { muc, status }: OccupantPresence, context: Context, out: Effect[]): void {
  const { occupancy } = room
  if (occupancy.at === 'leaving') {
    left(room, context, out)
    return
  }
  if (occupancy.at !== 'joining' && occupancy.at !== 'in') return
  const [item] = muc.items
  const reason = item?.reason ?? status
  const how = departureOf(muc.codes)
  if (muc.destroy) {
    const facts = {
      ...(muc.destroy.reason && { reason: muc.destroy.reason }),
      ...(muc.destroy.alternate && { alternate: muc.destroy.alternate }),
    }
    removed(room, { kind: 'destroyed', room: room.jid, ...facts }, out)
  } else if (isForGood(how)) {
    removed(
      room,
      { kind: 'removed', room: room.jid, how, ...(item?.actor && { actor: item.actor }), ...(reason && { reason }) },
      out,
    )
  } else {
    // 332, 333, or no code at all: the room or the way to it broke. Nobody wanted us to go.
    interrupted(room, how === 'shutdown' ? 'shutdown' : 'technical', out)
    out.push({ do: 'wait', name: 'rejoin', ms: WAIT.rejoinMs })
  }
}

const isForGood = (how: DepartureKind): how is 'kicked' | 'banned' | 'not-a-member' =>
  how === 'kicked' || how === 'banned' || how === 'not-a-member'

/** Out for technical reasons: the roster is kept, so that the tabs are told only what really changed. */
export function interrupted(room: Room, cause: string, out: Effect[]): void {
  const { occupancy } = room
  if (occupancy.at !== 'joining' && occupancy.at !== 'in') return
  out.push({ do: 'stop-waiting', name: 'join' }, { do: 'stop-waiting', name: 'settle' })
  const shadow = occupancy.at === 'in' ? room.roster : occupancy.shadow
  if (!shadow) {
    room.occupancy = { at: 'out' }
    return
  }
  const nick = shadow.ownNick ?? (occupancy.at === 'joining' ? occupancy.nick : '')
  room.roster = shadow
  room.occupancy = { at: 'interrupted', nick, password: occupancy.password }
  const tabs = listeners(room)
  if (tabs.length > 0 && occupancy.at === 'in')
    out.push({ do: 'tell', tabs, event: { kind: 'interrupted', room: room.jid, cause } })
}
