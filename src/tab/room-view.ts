import type { RoomPicture, SharedMessage, TabEvent } from '../contract/api.ts'
import type { Message, Occupant, RoomPhase, Subject } from '../contract/model.ts'
import { type RosterChange, rosterDiff } from '../rooms/roster-diff.ts'
import type { NamedRoomEvent } from './events.ts'

/** What a tab knows of a room: nothing but a fold of the worker's events, so nothing that it could get wrong by itself. */
export interface RoomView {
  phase: RoomPhase
  nick: string | undefined
  readonly occupants: Map<string, Occupant>
  subject: Subject
  /** The place of the newest message that was told. */
  lastOrder: number | undefined
}

export function newRoomView(): RoomView {
  return { phase: 'out', nick: undefined, occupants: new Map(), subject: { text: '' }, lastOrder: undefined }
}

/** An event of the worker that concerns one room. */
export type RoomTabEvent = Extract<TabEvent, { room: string } | { message: SharedMessage }>

/** Takes an event in, and gives what listeners are to be told, in their order. */
export function foldRoom(view: RoomView, event: RoomTabEvent, tab: string): NamedRoomEvent[] {
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
      view.lastOrder = event.message.order
      return [{ name: 'message', event: toMessage(event.message, false, tab) }]
    case 'message-updated':
      return [
        { name: 'message-updated', event: { message: toMessage(event.message, false, tab), change: event.change } },
      ]
    case 'subject':
      view.subject = event.subject
      return [{ name: 'subject', event: event.subject }]
    case 'config':
      return [{ name: 'config', event: { codes: event.codes } }]
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
    case 'removed': {
      leave(view, 'removed')
      const { how, actor, reason } = event
      return [
        {
          name: 'removed',
          event: { kind: how, ...(actor !== undefined && { actor }), ...(reason !== undefined && { reason }) },
        },
      ]
    }
    case 'destroyed': {
      leave(view, 'destroyed')
      const { reason, alternate } = event
      return [
        {
          name: 'destroyed',
          event: { ...(reason !== undefined && { reason }), ...(alternate !== undefined && { alternate }) },
        },
      ]
    }
    case 'membership':
      return []
  }
}

/** The room or the way to it is gone for a while: what is known stays. */
export function interrupt(view: RoomView, cause: string): NamedRoomEvent[] {
  if (view.phase !== 'in') return []
  view.phase = 'interrupted'
  return [{ name: 'interrupted', event: { cause } }]
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
  ]
}

/** The tab was in before: it is told what changed, and what it missed as ordinary messages. */
function caughtUp(view: RoomView, picture: RoomPicture, tab: string): NamedRoomEvent[] {
  const before = new Map(view.occupants)
  const subjectBefore = view.subject.text
  const last = view.lastOrder
  const wasInterrupted = view.phase === 'interrupted'
  take(view, picture)
  const missed = picture.history.filter(({ order }) => last === undefined || order > last)
  return [
    ...rosterDiff(before, view.occupants).map((change) => named(change, true)),
    ...missed.map((message): NamedRoomEvent => ({ name: 'message', event: toMessage(message, false, tab) })),
    ...(picture.subject.text === subjectBefore ? [] : [{ name: 'subject', event: picture.subject } as const]),
    ...(wasInterrupted ? [{ name: 'resumed', event: { cause: 'worker' } } as const] : []),
  ]
}

function take(view: RoomView, { occupants, self, history, subject }: RoomPicture): void {
  view.phase = 'in'
  view.nick = self.nick
  view.occupants.clear()
  for (const occupant of occupants) view.occupants.set(occupant.nick, occupant)
  view.occupants.set(self.nick, self)
  view.subject = subject
  view.lastOrder = history.at(-1)?.order ?? view.lastOrder
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
      const { how, reason, actor } = change
      const facts = { ...(reason !== undefined && { reason }), ...(actor !== undefined && { actor }) }
      return { name: 'occupant-left', event: { occupant, kind: how, synthetic, ...facts } }
    }
  }
}

function leave(view: RoomView, phase: RoomPhase): void {
  view.phase = phase
  view.nick = undefined
  view.occupants.clear()
  view.lastOrder = undefined
}

/** A message for this tab: whether it is history, and its own, no other tab can say. */
export function toMessage(
  { order: _order, tab: writer, ...shared }: SharedMessage,
  history: boolean,
  tab: string,
): Message {
  return { ...shared, history, fromThisTab: writer === tab }
}
