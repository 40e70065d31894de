import type { TabId } from '../rooms/room.ts'
import type { Rooms } from './rooms.ts'
import type { Tabs } from './tabs.ts'

/**
 * Takes the account out of every room, and calls back when all of them have said that we are out: ejabberd may lose what
 * comes right before the end of a stream.
 */
export function leaveAll(rooms: Rooms, tabs: Tabs, tab: TabId, onLeft: () => void): void {
  const waiting = new Set<string>()
  for (const { jid, occupancy, holds } of rooms.all) if (occupancy.at !== 'out' || holds.size > 0) waiting.add(jid)
  if (waiting.size === 0) onLeft()
  for (const room of [...waiting]) {
    const leaving = tabs.openCall(tab, () => {
      if (waiting.delete(room) && waiting.size === 0) onLeft()
    })
    rooms.step(room, { on: 'tab-leaves', tab, call: leaving, status: undefined, everywhere: true })
  }
}
