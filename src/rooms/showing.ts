import type { JoinResult, Occupant } from '../contract/model.ts'
import { STATUS } from '../protocol/xep-0045-muc.ts'
import type { Effect, HistoryStretch, RoomView } from './effects.ts'
import { pendingMessages } from './outbox.ts'
import { type JoinAsk, ownNick, type Room, type TabId } from './room.ts'
import { tailFrom } from './timeline.ts'

/** Shows the room to a tab as if it had just joined by itself: others, self, history, subject (XEP-0045 section 7.1). */
export function showTo(room: Room, tab: TabId, out: Effect[], asked = false): void {
  const hold = room.holds.get(tab)
  const self = room.roster.byNick.get(ownNick(room))
  if (!hold || !self) return
  room.holds.set(tab, { ...hold, state: 'in', call: undefined })
  const { count, mentions } = room.unread
  const occupants: Occupant[] = []
  for (const occupant of room.roster.byNick.values()) if (occupant !== self) occupants.push(occupant)
  const view: RoomView = {
    picture: {
      room: room.jid,
      occupants,
      self,
      result: resultFor(room, hold.ask.nick, asked),
      subject: room.subject,
      before: room.timeline.nextOrder,
      outbox: pendingMessages(room),
      ...(count > 0 && { unread: { count, mentions } }),
      ...(room.typing.told.length > 0 && { typing: room.typing.told }),
      ...(room.config && { config: room.config }),
    },
    history: stretchFor(room, hold.ask),
  }
  out.push({ do: 'show', tab, call: hold.call, view })
}

/** A tab that goes on where it was gets what it missed, unless that is more than what is known without a hole. */
function stretchFor({ timeline }: Room, { history, after }: JoinAsk): HistoryStretch {
  return { from: tailFrom(timeline), before: timeline.nextOrder, wish: after ?? history }
}

/** Codes that describe the room as it is, not what this or that join did. */
const LASTING: readonly number[] = [STATUS.nonAnonymous, STATUS.self, STATUS.logged]

/** How a tab is taken in. `asked`: its own join made the account enter, so it hears all that the room said to that. */
export function resultFor(room: Room, askedNick: string, asked: boolean): JoinResult {
  const nick = ownNick(room)
  const nickAssigned = nick !== askedNick
  const codes = asked ? [...room.codes] : room.codes.filter((code) => LASTING.includes(code))
  if (!codes.includes(STATUS.self)) codes.push(STATUS.self)
  if (nickAssigned && !codes.includes(STATUS.nickAssigned)) codes.push(STATUS.nickAssigned)
  return { nick, codes, created: codes.includes(STATUS.created), nickAssigned }
}
