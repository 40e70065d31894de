import type { RoomSubject } from '../protocol/room-stanza.ts'
import { type Context, type Effect, listeners, type Room } from './room.ts'

export function subjectOf({ text, nick, delayMs }: RoomSubject, nowMs: number): Room['subject'] {
  const known = delayMs !== undefined || text !== ''
  return { text, ...(nick !== undefined && { nick }), ...(known && { stampMs: delayMs ?? nowMs }) }
}

export function subjectChanged(room: Room, subject: RoomSubject, context: Context, out: Effect[]): void {
  room.subject = subjectOf(subject, context.nowMs)
  const tabs = listeners(room)
  if (tabs.length > 0) out.push({ do: 'tell', tabs, event: { kind: 'subject', room: room.jid, subject: room.subject } })
}
