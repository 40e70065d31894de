import { failure } from '../contract/errors.ts'
import type { RoomStanza } from '../protocol/room-stanza.ts'
import {
  complete,
  discoArrived,
  enter,
  joinTimedOut,
  keepHistory,
  loaded,
  refused,
  subjectArrived,
  tabJoins,
} from './entering.ts'
import { graceOver, left, tabGone, tabLeaves } from './leaving.ts'
import { abandonSending, answerPending, appendMessage, messageRefused, tabSends } from './messages.ts'
import { interrupted, presenceArrived } from './presences.ts'
import type { Context, Effect, Input, Room } from './room.ts'
import { subjectChanged } from './subject.ts'

/**
 * What one thing that happened makes of a room. The room is changed in place (it has one owner, the broker); all that
 * is to be done in the world comes back as data, in the order in which it must be done.
 */
export function step(room: Room, input: Input, context: Context): Effect[] {
  const out: Effect[] = []
  switch (input.on) {
    case 'tab-joins':
      tabJoins(room, input.tab, input.call, input.ask, context, out)
      break
    case 'tab-leaves':
      tabLeaves(room, input, context, out)
      break
    case 'tab-gone':
      tabGone(room, input.tab, out)
      break
    case 'tab-sends':
      tabSends(room, input, context, out)
      break
    case 'loaded':
      loaded(room, input.past, context, out)
      break
    case 'stanza':
      stanzaArrived(room, input.stanza, context, out)
      break
    case 'disco':
      discoArrived(room, input.features, context, out)
      break
    case 'time':
      timePassed(room, input.name, context, out)
      break
    case 'stream':
      if (input.is === 'lost') streamLost(room, context, out)
      else if (room.occupancy.at === 'out' || room.occupancy.at === 'interrupted') enter(room, context, out)
  }
  return out
}

function stanzaArrived(room: Room, stanza: RoomStanza, context: Context, out: Effect[]): void {
  const { occupancy } = room
  switch (stanza.kind) {
    case 'presence':
      presenceArrived(room, stanza, context, out)
      return
    case 'presence-error':
      if (occupancy.at === 'joining' && !occupancy.self && (stanza.id === undefined || stanza.id === occupancy.id)) {
        refused(room, occupancy, stanza, context, out)
      } else if (occupancy.at === 'leaving') left(room, context, out)
      return
    case 'message':
      if (occupancy.at === 'joining') keepHistory(occupancy, stanza)
      else if (occupancy.at === 'in') appendMessage(room, stanza, context, out)
      return
    case 'subject':
      if (occupancy.at === 'joining' && occupancy.self) subjectArrived(room, occupancy, stanza, context, out)
      else if (occupancy.at === 'in') subjectChanged(room, stanza, context, out)
      return
    case 'message-error':
      messageRefused(room, stanza, out)
  }
}

function timePassed(room: Room, name: string, context: Context, out: Effect[]): void {
  const { occupancy } = room
  if (name === 'join' && occupancy.at === 'joining') joinTimedOut(room, occupancy, out)
  else if (name === 'settle' && occupancy.at === 'joining' && occupancy.self) complete(room, occupancy, context, out)
  else if (name === 'leave') left(room, context, out)
  else if (name === 'grace') graceOver(room, context, out)
  else if (name === 'rejoin' && occupancy.at === 'interrupted') enter(room, context, out)
  else if (name.startsWith('send ')) answerPending(room, name.slice('send '.length), out)
}

function streamLost(room: Room, context: Context, out: Effect[]): void {
  if (room.occupancy.at === 'leaving') left(room, context, out)
  else interrupted(room, 'connection', out)
  out.push({ do: 'stop-waiting', name: 'rejoin' })
  abandonSending(room, failure('offline', `send to ${room.jid}: the connection was lost before the room answered`), out)
}
