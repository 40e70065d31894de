import type { Extras } from '../contract/actions.ts'
import type { OutboxRow, SharedMessage } from '../contract/api.ts'
import { type Failure, failure } from '../contract/errors.ts'
import type { RoomError } from '../protocol/room-stanza.ts'
import { quoteOf, readSaid, sayWords } from '../protocol/said.ts'
import type { XmlNode } from '../protocol/xml.ts'
import type { Echo } from './echo.ts'
import { type Effect, type KeptKey, tellAll } from './effects.ts'
import { fail } from './fail.ts'
import { mentionsOf } from './mentions.ts'
import { type CallId, type Context, ownNick, type Room, type Sending, type TabId } from './room.ts'
import { stateWith } from './room-typing.ts'
import { idForOthers, sayIn } from './say.ts'
import { ping } from './self-ping.ts'
import { errorFor, noSuchMessage } from './send-error.ts'

/** What a tab wants to say. */
export type Send = Extras & {
  readonly tab: TabId
  readonly call: CallId
  readonly id: string
  readonly body: string
  readonly waitMs: number
  /** The message that it answers. */
  readonly answers?: SharedMessage | undefined
}

/** A tab says something. Its call is answered when the room reflects it. */
export function tabSends(room: Room, send: Send, context: Context, out: Effect[]): void {
  if (!mayQueue(room, send, 'send to', out)) return
  const { id, body, spoiler, attention, replyTo, answers, mentions = [] } = send
  if (replyTo !== undefined && !answers?.archived && !(room.isChat && answers)) {
    fail(send.call, noSuchMessage(room.jid, replyTo), out)
    return
  }
  const reply = answers && {
    id: idForOthers(answers),
    to: room.isChat ? answers.nick : occupantOf(answers),
    // What is hidden there is not to be seen here.
    quote: quoteOf(answers.nick, answers.spoiler === undefined ? answers.body : ''),
  }
  const words = sayWords({ body, spoiler, attention, reply, mentions: mentionsOf(room, body, mentions) })
  const stanza = sayIn(room, id, [...words, ...stateWith(room, send.tab)], true)
  queue(room, send, { stanza, body }, context, out)
}

/** As a room addresses whoever wrote a message. */
const occupantOf = ({ room, nick }: SharedMessage): string => (nick === '' ? room : `${room}/${nick}`)

type Asked = Pick<Send, 'tab' | 'call' | 'id' | 'waitMs'>

/** Whether a tab can put something into the outbox; if not its call has its answer. */
export function mayQueue(room: Room, asked: Asked, what: string, out: Effect[]): boolean {
  if (room.holds.get(asked.tab)?.state === 'in') return isNew(room, asked, out)
  fail(asked.call, failure('not-joined', `${what} ${room.jid}: this tab has not joined`), out)
  return false
}

/** A call repeated after the death of a worker is the same message. */
function isNew(room: Room, { call, id }: Asked, out: Effect[]): boolean {
  if (!room.sending.has(id)) return true
  out.push({ do: 'answer', call, value: pendingMessage(room, id) ?? null })
  return false
}

/** What a part of the worker says for a tab that may be gone by now. */
export interface WorkerWords extends Pick<Send, 'tab' | 'call' | 'id' | 'body' | 'waitMs'> {
  /** What the message holds beside its body. */
  readonly more: readonly XmlNode[]
  /** What that part has kept for it, and need not keep any longer. */
  readonly forget: KeptKey | undefined
}

export function workerSays(room: Room, words: WorkerWords, context: Context, out: Effect[]): void {
  const { call, id, body, forget, more } = words
  if (room.occupancy.at !== 'in' && room.occupancy.at !== 'interrupted') {
    fail(call, failure('not-joined', `send to ${room.jid}: the account is not in the room`), out)
    return
  }
  if (forget) out.push({ do: 'forget-kept', ...forget })
  if (!isNew(room, words, out)) return
  // Nobody has typed it: whoever types goes on.
  const stanza = sayIn(room, id, [...sayWords({ body }), ...stateWith(room, undefined), ...more], true)
  queue(room, words, { stanza, body, byWorker: true }, context, out)
}

/** It is stored before it goes out, and goes out in its turn. */
export function queue(
  room: Room,
  { tab, call, id, waitMs }: Asked,
  what: Pick<Sending, 'stanza' | 'body' | 'about' | 'was' | 'byWorker'>,
  context: Context,
  out: Effect[],
): void {
  const order = 1 + ([...room.sending.values()].at(-1)?.order ?? 0)
  const { was, byWorker, ...kept } = what
  const at = { tab, ...kept, sinceMs: context.nowMs, order }
  const here = { ...(was && { was }), ...(byWorker && { byWorker }) }
  room.sending.set(id, { ...at, ...here, call, state: 'queued', again: 'never', shown: false })
  out.push({ do: 'put-outbox', row: { room: room.jid, id, ...at } })
  flush(room, context, out)
  if (room.sending.get(id)?.state === 'queued' && what.about === undefined) show(room, id, out)
  if (waitMs > 0) out.push({ do: 'wait', name: `send ${id}`, ms: waitMs })
  else answerPending(room, id, out)
}

/** What waits goes out, in its order, as far as it may: behind what was missed, and only into a room where we are. */
export function flush(room: Room, context: Context, out: Effect[]): void {
  if (room.occupancy.at !== 'in' || room.suspended || !context.online || room.catchUp?.told) return
  for (const [id, sending] of room.sending) {
    if (sending.state === 'sent') continue
    // Its fate is not known: the session that it went out in is over, and nobody has looked for it yet.
    if (sending.state === 'doubtful') return
    room.sending.set(id, { ...sending, state: 'sent' })
    out.push({ do: 'send', stanza: sending.stanza })
    if (sending.shown) tellState(room, id, out)
  }
}

/** Whatever had gone out has been looked for where it would be: what was not found was not delivered. */
export function resolveDoubts(room: Room): void {
  for (const [id, sending] of room.sending)
    if (sending.state === 'doubtful') room.sending.set(id, { ...sending, state: 'queued' })
}

/** We are out, and did not want to be: what went out may have arrived, or not, but for what the room has refused. */
export function doubtSent(room: Room): void {
  for (const [id, sending] of room.sending)
    if (sending.state === 'sent')
      room.sending.set(id, sending.again === 'due' ? again(sending) : { ...sending, state: 'doubtful' })
}

/** Refused because we were not in: once we are it goes out once more, under the same id. */
const again = (sending: Sending): Sending => ({ ...sending, state: 'queued', again: 'done' })

/** Nobody can tell what became of what had gone out: there is no archive to look into, or it does not answer. */
export function failDoubtful(room: Room, out: Effect[]): void {
  const error = failure('timeout', `send to ${room.jid}: the connection broke, and nobody can tell whether it arrived`)
  for (const [id, { state }] of room.sending) if (state === 'doubtful') failSending(room, id, error, out)
}

/** What the worker before, or this one before the room was let go of, had not seen delivered. */
export function restoreOutbox(room: Room, rows: readonly OutboxRow[]): void {
  for (const { id, room: _room, ...row } of rows) {
    if (room.sending.has(id)) continue
    room.sending.set(id, { ...row, call: undefined, state: 'doubtful', again: 'never', shown: true })
  }
}

/** The room has spread it. */
export function delivered({ id, sending }: Echo, message: SharedMessage, out: Effect[]): void {
  out.push({ do: 'drop-outbox', order: sending.order }, { do: 'stop-waiting', name: `send ${id}` })
  if (sending.call !== undefined) out.push({ do: 'answer', call: sending.call, value: message })
}

/**
 * The room takes its time: the caller gets the message as it stands, or the one that something is done to, and hears of
 * its fate by events.
 */
export function answerPending(room: Room, id: string, out: Effect[]): void {
  const sending = room.sending.get(id)
  const message = pendingMessage(room, id)
  if (sending?.call === undefined) return
  room.sending.set(id, { ...sending, call: undefined })
  out.push({ do: 'answer', call: sending.call, value: message ?? null })
}

/** What the tabs are shown of what is on its way. */
export function pendingMessages(room: Room): SharedMessage[] {
  return [...room.sending].flatMap(([id, { shown }]) => (shown ? (pendingMessage(room, id) ?? []) : []))
}

/** A message that waits, as it is shown; of what is done to another one that. */
export function pendingMessage(room: Room, id: string): SharedMessage | undefined {
  const sending = room.sending.get(id)
  if (!sending || sending.about !== undefined) return sending?.was
  const { stanza, body, sinceMs, tab, state } = sending
  return {
    id,
    originId: id,
    room: room.jid,
    nick: ownNick(room),
    body,
    stampMs: sinceMs,
    own: true,
    state: state === 'queued' ? 'queued' : 'sent',
    reactions: [],
    mentionsMe: false,
    ...readSaid(stanza, body).said,
    stanza,
    order: room.timeline.nextOrder,
    archived: false,
    tab,
  }
}

/** It does not go out at once: from now on every tab sees how it stands. */
function show(room: Room, id: string, out: Effect[]): void {
  const sending = room.sending.get(id)
  if (!sending) return
  room.sending.set(id, { ...sending, shown: true })
  tellState(room, id, out)
}

function tellState(room: Room, id: string, out: Effect[]): void {
  const message = pendingMessage(room, id)
  if (message) tellAll(room, { kind: 'message-updated', message, change: 'state' }, out)
}

/** It will not be delivered. Its sender is told, and whoever has seen it. */
export function failSending(room: Room, id: string, error: Failure, out: Effect[]): void {
  const sending = room.sending.get(id)
  if (!sending) return
  const message = pendingMessage(room, id)
  room.sending.delete(id)
  out.push({ do: 'drop-outbox', order: sending.order }, { do: 'stop-waiting', name: `send ${id}` })
  fail(sending.call, error, out)
  if (!message || sending.about !== undefined) {
    // Nobody who waited for it is left: what it was about stays as it was.
    if (sending.call === undefined) out.push({ do: 'log', level: 'info', text: error.message })
    return
  }
  const event = { kind: 'message-updated', message: { ...message, state: 'failed', error }, change: 'state' } as const
  if (sending.shown) tellAll(room, event, out)
  else if (sending.call === undefined) out.push({ do: 'tell', tabs: [sending.tab], event })
}

/** The room is closed to us: nothing of it will be delivered. */
export function failAllSending(room: Room, error: Failure, out: Effect[]): void {
  for (const id of [...room.sending.keys()]) failSending(room, id, error, out)
}

/** The room has spread it, which tabs are not told as a message: those that see it waiting hear of it all the same. */
export function deliveredUnseen(room: Room, echo: Echo, message: SharedMessage, out: Effect[]): void {
  delivered(echo, message, out)
  if (echo.sending.shown) tellAll(room, { kind: 'message-updated', message, change: 'state' }, out)
}

/** We leave of our own will. What has not been delivered waits until somebody is in the room again. */
export function keepSending(room: Room, out: Effect[]): void {
  for (const id of [...room.sending.keys()]) answerPending(room, id, out)
  doubtSent(room)
}

/** The app does not want it to go out any more. What is on its way cannot be called back. */
export function giveUp(room: Room, id: string, call: CallId, out: Effect[]): void {
  const inTime = room.sending.get(id)?.state === 'queued'
  if (inTime) failSending(room, id, failure('aborted', `send to ${room.jid}: given up`), out)
  out.push({ do: 'answer', call, value: inTime })
}

/**
 * The room refuses a message of ours: its sender alone is told. `not-acceptable` may mean that we are not in the room:
 * then we ask, and where it is so the message goes out once more when we are.
 */
export function messageRefused(room: Room, { id, error }: RoomError, context: Context, out: Effect[]): void {
  const sending = id === undefined ? undefined : room.sending.get(id)
  if (id === undefined || !sending) return
  if (error.condition === 'not-acceptable' && sending.again === 'never') {
    const isIn = room.occupancy.at === 'in'
    room.sending.set(id, isIn ? { ...sending, again: 'due' } : again(sending))
    if (isIn) ping(room, context, out)
  } else failSending(room, id, errorFor(`send to ${room.jid}`, error), out)
}

/** Messages that the room refused as if we were not in it: we are, so it meant the message. */
export function refuseSuspects(room: Room, out: Effect[]): void {
  const error = failure('not-acceptable', `send to ${room.jid}: not-acceptable`, { condition: 'not-acceptable' })
  for (const [id, { again }] of room.sending) if (again === 'due') failSending(room, id, error, out)
}
