import { CONTRACT_VERSION } from '../contract/api.ts'
import type { Inspection } from '../contract/model.ts'
import type { Room } from '../rooms/room.ts'
import type { TabLink } from './tab-link.ts'

/** What `inspect()` shows: what the broker says of itself, its tabs and its rooms. */
export function inspection(
  facts: Omit<Inspection, 'contract' | 'tabs' | 'rooms'>,
  links: readonly TabLink[],
  rooms: readonly Room[],
): Inspection {
  return {
    ...facts,
    contract: CONTRACT_VERSION,
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
