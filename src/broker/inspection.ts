import type { Inspection } from '../contract/model.ts'
import type { Room } from '../rooms/room.ts'
import type { TabLink } from './tab-link.ts'

/** The tabs and rooms as `inspect()` shows them. */
export function inspectTabsAndRooms(
  links: readonly TabLink[],
  rooms: readonly Room[],
): Pick<Inspection, 'tabs' | 'rooms'> {
  return {
    tabs: links.map((link) => ({
      id: link.id,
      rooms: rooms.filter((room) => room.holds.has(link.id)).map((room) => room.jid),
      ...link.figures,
    })),
    rooms: rooms.map((room) => ({
      jid: room.jid,
      phase: room.occupancy.at,
      ...(room.roster.ownNick !== undefined && { nick: room.roster.ownNick }),
      occupants: room.roster.byNick.size,
      tabs: room.holds.size,
      kept: room.kept !== undefined,
    })),
  }
}
