import type { Effect } from './effects.ts'
import type { Room, TabId } from './room.ts'

/** The tab is to configure the new room; if it goes before it has, another one is (section 10.1.1). */
export function offerConfiguration(room: Room, tab: TabId | undefined, out: Effect[]): void {
  room.configuring = tab
  if (tab === undefined) return
  out.push({ do: 'tell', tabs: [tab], event: { kind: 'configuration-needed', room: room.jid } })
}
