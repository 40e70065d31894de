import type { Effect } from './effects.ts'
import { enter } from './entering.ts'
import { removed } from './removal.ts'
import type { Context, Room } from './room.ts'

/** What became of our request to end the room. Where it goes on, what waited for that is made up for. */
export function endAnswered(room: Room, id: string, ended: boolean, context: Context, out: Effect[]): void {
  if (!room.ending.delete(id)) return
  const { at } = room.occupancy
  // Whom it knew to be in it has told before it answered: it had lost us.
  if (ended && (at === 'in' || at === 'interrupted')) removed(room, { kind: 'destroyed', room: room.jid }, out)
  else if (at === 'interrupted') enter(room, context, out)
}
