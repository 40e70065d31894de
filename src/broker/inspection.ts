import { CONTRACT_VERSION } from '../contract/api.ts'
import type { Inspection, WireFigures } from '../contract/model.ts'
import type { Room } from '../rooms/room.ts'
import type { Store } from '../storage/store.ts'
import type { Log } from './log.ts'
import type { Upstream } from './ports.ts'
import type { Session } from './session.ts'
import type { Tabs } from './tabs.ts'

/** What the broker says of itself. */
export interface BrokerFacts extends Pick<Inspection, 'instance' | 'engine' | 'upSinceMs'> {
  readonly store: Store
  readonly upstream: Upstream
  readonly log: Log
  readonly counts: Pick<WireFigures, 'joins' | 'leaves'>
}

/** What `inspect()` shows. No password, no message and no name of a session is in it: tabs hand it on to anybody. */
export function inspection(
  { instance, engine, upSinceMs, store, upstream, log, counts }: BrokerFacts,
  session: Session,
  tabs: Tabs,
  rooms: readonly Room[],
): Inspection {
  return {
    instance,
    contract: CONTRACT_VERSION,
    engine,
    upSinceMs,
    status: session.status,
    stream: session.inspection,
    storage: store.kind,
    wire: { ...upstream.figures(), ...counts },
    tabs: tabs.all.map((link) => ({
      id: link.id,
      rooms: rooms.filter((room) => room.holds.has(link.id)).map((room) => room.jid),
      hidden: tabs.hidden.has(link.id),
      ...link.figures,
    })),
    rooms: rooms.map((room) => ({
      jid: room.jid,
      phase: room.occupancy.at,
      suspended: room.suspended,
      ...(room.roster.ownNick !== undefined && { nick: room.roster.ownNick }),
      occupants: room.roster.byNick.size,
      tabs: room.holds.size,
      kept: room.kept !== undefined,
    })),
    log: log.records,
  }
}
