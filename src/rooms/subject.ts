import { failure } from '../contract/errors.ts'
import { subjectMessage } from '../protocol/room-message.ts'
import type { RoomError, RoomSubject } from '../protocol/room-stanza.ts'
import { type Effect, tellAll } from './effects.ts'
import { fail } from './fail.ts'
import { mayAct } from './messages.ts'
import { type CallId, type Context, type Room, type TabId, WAIT } from './room.ts'
import { errorFor } from './send-error.ts'

export function subjectOf({ text, nick, delayMs }: RoomSubject, nowMs: number): Room['subject'] {
  const known = delayMs !== undefined || text !== ''
  return { text, ...(nick !== undefined && { nick }), ...(known && { stampMs: delayMs ?? nowMs }) }
}

/** A tab sets the subject (section 8.1). */
export function tabSetsSubject(
  room: Room,
  tab: TabId,
  call: CallId,
  text: string,
  context: Context,
  out: Effect[],
): void {
  if (!mayAct(room, tab, call, 'subject of', context, out)) return
  const id = context.newId()
  room.subjects = [...room.subjects, { id, text, call }]
  out.push({ do: 'wait', name: `subject ${id}`, ms: WAIT.changeMs })
  out.push({ do: 'send', stanza: subjectMessage(room.jid, id, text) })
}

/** The subject of a room where we are. One that says nothing new comes with a resync, and is nobody's news. */
export function subjectChanged(room: Room, subject: RoomSubject, context: Context, out: Effect[]): void {
  const mine = takeOwn(room, subject)
  const repeated = !mine && subject.delayMs !== undefined && subject.text === room.subject.text
  room.subject = repeated ? room.subject : subjectOf(subject, context.nowMs)
  if (!repeated) tellAll(room, { kind: 'subject', room: room.jid, subject: room.subject }, out)
  if (mine) out.push({ do: 'stop-waiting', name: `subject ${mine.id}` }, { do: 'answer', call: mine.call, value: null })
}

/** Prosody tells a new subject without the id under which it was set: then our nick and the text must do. */
function takeOwn(room: Room, { nick, text, stanzaId }: RoomSubject): Room['subjects'][number] | undefined {
  const found = room.subjects.find((each) =>
    stanzaId === undefined ? nick === room.roster.ownNick && each.text === text : each.id === stanzaId,
  )
  if (found) room.subjects = room.subjects.filter((each) => each !== found)
  return found
}

export function subjectRefused(room: Room, { id, error }: RoomError, out: Effect[]): boolean {
  const found = room.subjects.find((each) => each.id === id)
  if (!found) return false
  room.subjects = room.subjects.filter((each) => each !== found)
  out.push({ do: 'stop-waiting', name: `subject ${found.id}` })
  fail(found.call, errorFor(`subject of ${room.jid}`, error), out)
  return true
}

export function subjectTimedOut(room: Room, id: string, out: Effect[]): void {
  const found = room.subjects.find((each) => each.id === id)
  if (!found) return
  room.subjects = room.subjects.filter((each) => each !== found)
  const error = failure('timeout', `subject of ${room.jid}: no answer within ${WAIT.changeMs} ms`)
  fail(found.call, error, out)
}
