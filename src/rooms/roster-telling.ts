import type { Effect } from './effects.ts'
import { listeners, type Room } from './room.ts'
import type { RosterChange } from './roster-diff.ts'
import { otherIsRenamed } from './typing.ts'

/** Somebody who comes and goes under ever other nicks must not fill our memory. */
const MOST_NICKS = 20_000

/** Somebody has the nick from now on. Of the nicks noted longest ago it is then known only that it was not before that. */
function noteNick(room: Room, nick: string): void {
  const { nickSince, timeline } = room
  nickSince.delete(nick)
  nickSince.set(nick, timeline.nextOrder)
  if (nickSince.size <= MOST_NICKS) return
  const [oldest] = nickSince
  if (!oldest) return
  nickSince.delete(oldest[0])
  room.nickSinceAtLeast = oldest[1]
}

/** Tells everybody who listens; `synthetic` where it was worked out and not seen. */
export function tellRosterChange(room: Room, change: RosterChange, synthetic: boolean, out: Effect[]): void {
  const { occupant } = change
  if (change.is === 'joined' || change.is === 'renamed') noteNick(room, occupant.nick)
  if (change.is === 'renamed') otherIsRenamed(room.typing, change.from, occupant.nick)
  const tabs = listeners(room)
  if (tabs.length === 0) return
  const where = { room: room.jid, synthetic }
  switch (change.is) {
    case 'joined':
      out.push({ do: 'tell', tabs, event: { kind: 'occupant-joined', ...where, occupant } })
      return
    case 'changed':
      out.push({ do: 'tell', tabs, event: { kind: 'occupant-changed', ...where, occupant } })
      return
    case 'renamed':
      out.push({ do: 'tell', tabs, event: { kind: 'nick-changed', ...where, from: change.from, occupant } })
      return
    case 'left': {
      const facts = { ...(change.reason && { reason: change.reason }), ...(change.actor && { actor: change.actor }) }
      out.push({
        do: 'tell',
        tabs,
        event: { kind: 'occupant-left', ...where, nick: occupant.nick, how: change.how, ...facts },
      })
    }
  }
}
