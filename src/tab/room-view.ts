import type { RoomPicture, RoomTabEvent, SharedMessage } from '../contract/api.ts'
import type { Message, Occupant, RoomConfig, RoomPhase, Subject } from '../contract/model.ts'
import type { UnreadTabEvent } from '../contract/unread.ts'
import { type RosterChange, rosterDiff } from '../rooms/roster-diff.ts'
import type { NamedRoomEvent } from './events.ts'
import { given } from './given.ts'

/** What a tab knows of a room: nothing but a fold of the worker's events, so nothing that it could get wrong by itself. */
export interface RoomView {
  phase: RoomPhase
  nick: string | undefined
  readonly occupants: Map<string, Occupant>
  subject: Subject
  config: RoomConfig | undefined
  /** Of its picture, as the room itself says in its presence; empty for none. */
  avatarHash: string | undefined
  needsConfiguration: boolean
  /** Messages that nobody has seen, in whatever tab, and those of them that mention us. */
  unread: number
  mentions: number
  /** The nicks of those who type. */
  typing: readonly string[]
  /** What this account said and the room has not spread yet: by origin id, oldest first. */
  readonly outbox: Map<string, SharedMessage>
  /** How far it has come in the messages, in which archive places are counted like that, and when it was told at last. */
  cursor: { readonly order: number; readonly archive: string; readonly atMs: number } | undefined
  /** The newest messages that it was told of: where an archive counts anew, they are known again by their ids. */
  readonly recent: Set<string>
}

/** How many ids are remembered. */
const RECENT = 500

export function newRoomView(): RoomView {
  return {
    phase: 'out',
    nick: undefined,
    occupants: new Map(),
    subject: { text: '' },
    config: undefined,
    avatarHash: undefined,
    needsConfiguration: false,
    unread: 0,
    mentions: 0,
    typing: [],
    outbox: new Map(),
    cursor: undefined,
    recent: new Set(),
  }
}

/** Takes an event in, and gives what listeners are to be told, in their order. */
export function foldRoom(view: RoomView, event: RoomTabEvent | UnreadTabEvent, tab: string): NamedRoomEvent[] {
  switch (event.kind) {
    case 'room-joined':
      return view.phase === 'in' || view.phase === 'interrupted'
        ? caughtUp(view, event, tab)
        : entered(view, event, tab)
    case 'occupant-joined':
      return changed(view, { is: 'joined', occupant: event.occupant }, event.synthetic)
    case 'occupant-changed': {
      const before = view.occupants.get(event.occupant.nick)
      return before ? changed(view, { is: 'changed', occupant: event.occupant, before }, event.synthetic) : []
    }
    case 'nick-changed':
      return changed(view, { is: 'renamed', occupant: event.occupant, from: event.from }, event.synthetic)
    case 'occupant-left': {
      const occupant = view.occupants.get(event.nick)
      const { how, reason, actor } = event
      return occupant ? changed(view, { is: 'left', occupant, how, reason, actor }, event.synthetic) : []
    }
    case 'message':
      noteMessage(view, event.message)
      view.outbox.delete(event.message.originId ?? '')
      return [{ name: 'message', event: toMessage(event.message, false, tab) }]
    case 'private-message':
      return [{ name: 'private-message', event: toMessage(event.message, false, tab) }]
    case 'message-updated':
      if (event.change === 'state') noteOutbox(view, event.message)
      else if (view.cursor && event.message.changed) view.cursor = { ...view.cursor, atMs: event.message.changed.atMs }
      return [
        { name: 'message-updated', event: { message: toMessage(event.message, false, tab), change: event.change } },
      ]
    case 'subject':
      view.subject = event.subject
      return [{ name: 'subject', event: event.subject }]
    case 'config':
      view.config = event.config ?? view.config
      return [{ name: 'config', event: { config: view.config, codes: event.codes } }]
    case 'configuration-needed':
      view.needsConfiguration = true
      return [{ name: 'configuration-needed', event: {} }]
    case 'voice-request':
      return [{ name: 'voice-request', event: event.request }]
    case 'affiliation-changed': {
      const { jid, affiliation } = event
      return [{ name: 'affiliation-changed', event: { jid, affiliation, ...why(event) } }]
    }
    case 'catching-up':
      return [{ name: 'catching-up', event: { active: event.progress !== undefined, done: event.progress?.done ?? 0 } }]
    case 'unread':
      view.unread = event.unread
      view.mentions = event.mentions
      return []
    case 'typing':
      return types(view, event.nicks)
    case 'interrupted':
      return interrupt(view, event.cause)
    case 'resumed':
      if (view.phase !== 'interrupted') return []
      view.phase = 'in'
      view.occupants.set(event.self.nick, event.self)
      return [{ name: 'resumed', event: { cause: event.cause } }]
    case 'left':
      leave(view, 'out')
      return [{ name: 'left', event: { everywhere: event.everywhere } }]
    case 'removed':
      leave(view, 'removed')
      return [{ name: 'removed', event: { kind: event.how, ...why(event) } }]
    case 'destroyed': {
      leave(view, 'destroyed')
      const { alternate, password } = event
      return [{ name: 'destroyed', event: { ...why(event), ...given({ alternate, password }) } }]
    }
  }
}

/** The room or the way to it is gone for a while: what is known stays. */
export function interrupt(view: RoomView, cause: string): NamedRoomEvent[] {
  if (view.phase !== 'in') return []
  view.phase = 'interrupted'
  return [...types(view), { name: 'interrupted', event: { cause } }]
}

/** XEP-0045's order: the others, self, history, subject (section 7.1). */
function entered(view: RoomView, picture: RoomPicture, tab: string): NamedRoomEvent[] {
  take(view, picture)
  return [
    ...picture.occupants.map(
      (occupant): NamedRoomEvent => ({ name: 'occupant-joined', event: { occupant, initial: true, synthetic: false } }),
    ),
    { name: 'joined', event: picture.result },
    ...picture.history.map((message): NamedRoomEvent => ({ name: 'message', event: toMessage(message, true, tab) })),
    { name: 'subject', event: picture.subject },
    ...types(view, picture.typing),
  ]
}

/** Told where it is another. */
function types(view: RoomView, nicks: readonly string[] = []): NamedRoomEvent[] {
  if (nicks.length + view.typing.length === 0) return []
  view.typing = nicks
  return [{ name: 'typing', event: { nicks } }]
}

/** The tab was in before: it is told what changed, and what it missed as ordinary messages. */
function caughtUp(view: RoomView, picture: RoomPicture, tab: string): NamedRoomEvent[] {
  const before = new Map(view.occupants)
  const { nick: nickBefore } = view
  const subjectBefore = view.subject.text
  const wasInterrupted = view.phase === 'interrupted'
  const missed = missedBy(view, picture)
  take(view, picture)
  return [
    ...rosterDiff(before, view.occupants, nickBefore === view.nick ? undefined : nickBefore).map((change) =>
      named(change, true),
    ),
    ...missed.map((message): NamedRoomEvent => ({ name: 'message', event: toMessage(message, false, tab) })),
    ...(picture.subject.text === subjectBefore ? [] : [{ name: 'subject', event: picture.subject } as const]),
    ...types(view, picture.typing),
    ...(wasInterrupted ? [{ name: 'resumed', event: { cause: 'worker' } } as const] : []),
  ]
}

/**
 * The messages that came while this tab had no worker. In the archive that it knows the worker has left out the rest; in
 * another one (a private window's ends with its worker) those up to the last known one are old, and where none is known
 * those from before it last heard anything.
 */
function missedBy({ cursor, recent }: RoomView, { history, archive }: RoomPicture): readonly SharedMessage[] {
  if (cursor?.archive === archive) return history.filter(({ id }) => !recent.has(id))
  const lastKnown = history.findLastIndex(({ id }) => recent.has(id))
  if (lastKnown !== -1 || recent.size > 0) return history.slice(lastKnown + 1)
  // Servers stamp whole seconds.
  const sinceMs = (cursor?.atMs ?? 0) - 1000
  return history.filter(({ stampMs }) => stampMs >= sinceMs)
}

function take(view: RoomView, picture: RoomPicture): void {
  const { occupants, self, history, subject } = picture
  view.phase = 'in'
  view.nick = self.nick
  view.occupants.clear()
  for (const occupant of occupants) view.occupants.set(occupant.nick, occupant)
  view.occupants.set(self.nick, self)
  view.subject = subject
  view.config = picture.config ?? view.config
  view.unread = picture.unread?.count ?? 0
  view.mentions = picture.unread?.mentions ?? 0
  view.outbox.clear()
  for (const message of picture.outbox) noteOutbox(view, message)
  for (const message of history) noteMessage(view, message)
  view.cursor = { order: picture.before - 1, archive: picture.archive, atMs: picture.atMs }
}

function noteOutbox({ outbox }: RoomView, message: SharedMessage): void {
  if (message.state === 'queued' || message.state === 'sent') outbox.set(message.id, message)
  // In the archive it goes by another id.
  else outbox.delete(message.originId ?? message.id)
}

function noteMessage(view: RoomView, { order, id }: SharedMessage): void {
  if (view.cursor) view.cursor = { ...view.cursor, order }
  view.recent.add(id)
  if (view.recent.size <= RECENT) return
  const [oldest] = view.recent
  if (oldest !== undefined) view.recent.delete(oldest)
}

function changed(view: RoomView, change: RosterChange, synthetic: boolean): NamedRoomEvent[] {
  const { occupant } = change
  const event = named(change, synthetic, view.occupants)
  if (change.is === 'left') view.occupants.delete(occupant.nick)
  else {
    if (change.is === 'renamed') view.occupants.delete(change.from)
    view.occupants.set(occupant.nick, occupant)
    if (occupant.own) view.nick = occupant.nick
  }
  return [event]
}

function named(change: RosterChange, synthetic: boolean, occupants?: ReadonlyMap<string, Occupant>): NamedRoomEvent {
  const { occupant } = change
  switch (change.is) {
    case 'joined':
      return { name: 'occupant-joined', event: { occupant, initial: false, synthetic } }
    case 'changed':
      return { name: 'occupant-changed', event: { occupant, before: change.before, synthetic } }
    case 'renamed': {
      const before = occupants?.get(change.from) ?? { ...occupant, nick: change.from }
      return { name: 'nick-changed', event: { occupant, before, own: occupant.own, synthetic } }
    }
    case 'left': {
      return { name: 'occupant-left', event: { occupant, kind: change.how, synthetic, ...why(change) } }
    }
  }
}

type Why = { readonly reason?: string | undefined; readonly actor?: string | undefined }

/** The reason and whose doing it was, as far as they are known. */
function why({ reason, actor }: Why): { readonly reason?: string; readonly actor?: string } {
  return given({ reason, actor })
}

function leave(view: RoomView, phase: RoomPhase): void {
  view.phase = phase
  view.nick = undefined
  view.occupants.clear()
  view.config = undefined
  view.needsConfiguration = false
  view.typing = []
  view.outbox.clear()
  view.cursor = undefined
  view.recent.clear()
}

/** A message for this tab: whether it is history, and its own, no other tab can say. */
export function toMessage(
  { order: _order, tab: writer, reactors: _who, changed: _change, ...shared }: SharedMessage,
  history: boolean,
  tab: string,
): Message {
  return { ...shared, history, fromThisTab: writer === tab }
}
