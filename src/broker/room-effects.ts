import type { SharedMessage, TabEvent } from '../contract/api.ts'
import { readRoomConfig } from '../protocol/room-config.ts'
import { discoInfoRequest } from '../protocol/xep-0030-disco.ts'
import { entersRoom, leavesRoom } from '../protocol/xep-0045-muc.ts'
import { readSelfPing, selfPing } from '../protocol/xep-0410-self-ping.ts'
import type { XmlNode } from '../protocol/xml.ts'
import type { Effect } from '../rooms/effects.ts'
import type { Room } from '../rooms/room.ts'
import type { Archive } from './archive.ts'
import type { Displayed } from './displayed.ts'
import { countUnread, load, type ReadingWorld, readHistory, readStored, restOf } from './room-reading.ts'
import type { Seeking } from './seeking.ts'
import type { Reading } from './tab-link.ts'
import type { Tabs } from './tabs.ts'
import type { Timers } from './timers.ts'

const DISCO_MS = 10_000
const PING_MS = 30_000

/** What the effects of a room need of the broker. */
export interface RoomWorld extends ReadingWorld {
  readonly seeking: Seeking
  readonly archive: Pick<Archive, 'catchUp'>
  readonly tabs: Tabs
  readonly timers: Timers
  readonly send: (stanza: XmlNode) => void
  /** Which session it is: another number for each. */
  readonly session: () => number
  /** Asks, and gives the answer or `undefined`. */
  readonly request: (stanza: XmlNode, ms: number, onAnswer: (answer: XmlNode | undefined) => void) => void
  /** What was remembered of this entity is not to be believed any more. */
  readonly forget: (jid: string) => void
  readonly stopAutojoin: (roomJid: string, how: 'for-now' | 'for-good') => void
  readonly displayed: Pick<Displayed, 'note' | 'loaded'>
  readonly counted: (what: 'joins' | 'leaves') => void
}

/** Does in the world what a step of a room asks for, in its order. What is stored is stored before anything behind it. */
export function perform(effects: readonly Effect[], room: Room, world: RoomWorld): void {
  for (const effect of effects) performOne(effect, room, world)
}

function performOne(effect: Effect, room: Room, world: RoomWorld): void {
  const { commits, tabs } = world
  switch (effect.do) {
    case 'load':
      commits.after(() => load(room.jid, world))
      return
    case 'send': {
      const session = world.session()
      // What was meant for a session that is over by now says nothing true in the next one.
      commits.after(() => session === world.session() && send(effect.stanza, world))
      return
    }
    case 'disco':
      commits.after(() => disco(room.jid, world))
      return
    case 'self-ping':
      commits.after(() =>
        ping(effect.occupantJid, world, (answer) =>
          world.happened(room.jid, { on: 'self-ping', found: readSelfPing(answer) }),
        ),
      )
      return
    case 'pass-post':
      commits.after(() =>
        ping(effect.occupantJid, world, () => world.happened(room.jid, { on: 'post-passed', id: effect.id })),
      )
      return
    case 'save-membership': {
      const { gaps, subject } = effect
      const { codes, config, timeline, isChat } = room
      const member = isChat ? undefined : { nick: effect.nick, codes, config }
      commits.add({ put: 'room', row: { room: room.jid, member, gaps, subject, next: timeline.nextOrder } })
      return
    }
    case 'forget-membership': {
      const { timeline, subject } = room
      const { gaps, nextOrder: next } = timeline
      commits.add({ put: 'room', row: { room: room.jid, member: undefined, gaps, subject, next } })
      commits.add({ forget: 'occupants', room: room.jid })
      return
    }
    case 'append':
      commits.add({ put: 'message', row: effect.message })
      return
    case 'amend':
      world.seeking.amend(effect, room.isChat)
      return
    case 'forget-amendments':
      world.seeking.forget(room.jid, effect.amendments)
      return
    case 'mark':
      world.seeking.mark(room.jid, effect.mark)
      return
    case 'forget-kept':
      commits.add({ put: 'kept', part: effect.part, key: effect.key, value: undefined })
      return
    case 'put-outbox':
      commits.add({ put: 'outbox', row: effect.row })
      return
    case 'drop-outbox':
      commits.add({ forget: 'outbox', room: room.jid, order: effect.order })
      return
    case 'catch-up':
      commits.after(() => void world.archive.catchUp(room.jid))
      return
    case 'read-stored':
      commits.after(() => void readStored(room.jid, effect, world))
      return
    case 'append-private':
      commits.add({ put: 'private', row: { ...effect.message, key: privateKey(effect.message) } })
      return
    case 'save-unread':
      commits.add({ put: 'unread', row: effect.row })
      return
    case 'count-unread':
      commits.after(() => void countUnread(room.jid, effect, world))
      return
    case 'displayed':
      world.displayed.note(room.jid, effect)
      return
    case 'notify': {
      const { message, reason } = effect
      commits.after(() => tabs.tellLast({ kind: 'notify', message, reason }))
      return
    }
    case 'stop-autojoin':
      world.stopAutojoin(room.jid, effect.how)
      return
    case 'tell':
      commits.after((stored) => tabs.tell(effect.tabs, stored ? effect.event : unstored(effect.event)))
      return
    case 'announce':
      commits.after(() => tabs.announce(effect.event))
      return
    case 'show':
      commits.after(() => show(effect, world))
      return
    case 'answer':
      commits.after(() => tabs.answer(effect.call, effect.value))
      return
    case 'fail':
      commits.after(() => tabs.fail(effect.call, effect.error))
      return
    case 'wait':
      world.timers.start(`${room.jid} ${effect.name}`, effect.ms, () =>
        world.happened(room.jid, { on: 'time', name: effect.name }),
      )
      return
    case 'stop-waiting':
      world.timers.stop(`${room.jid} ${effect.name}`)
      return
    case 'log':
      world.log(effect.level, effect.text)
  }
}

/** Servers keep a copy for each device, under different ids: who, which id and what makes them one. */
const privateKey = ({ nick, to, id, body }: SharedMessage): string => `${nick}\n${to ?? ''}\n${id}\n${body}`

function send(stanza: XmlNode, { send, counted }: RoomWorld): void {
  if (entersRoom(stanza)) counted('joins')
  if (leavesRoom(stanza)) counted('leaves')
  send(stanza)
}

/** The disk had no room for it: a chat is worth more than its history. */
function unstored(event: TabEvent): TabEvent {
  return event.kind === 'message' ? { ...event, message: { ...event.message, stored: false } } : event
}

/** Asked anew each time: the room is new, or is not what it was. */
function disco(roomJid: string, world: RoomWorld): void {
  world.forget(roomJid)
  world.request(discoInfoRequest(roomJid, world.clock.newId()), DISCO_MS, (answer) => {
    const config = answer && readRoomConfig(answer)
    world.happened(roomJid, { on: 'disco', features: config && new Set(config.features), config })
  })
}

/** Asks our own occupant; the answer says whether it is there, and that all that was sent before has been dealt with. */
function ping(occupantJid: string, world: RoomWorld, onAnswer: (answer: XmlNode | undefined) => void): void {
  world.request(selfPing(occupantJid, world.clock.newId()), PING_MS, onAnswer)
}

const updated = (message: SharedMessage): TabEvent => ({
  kind: 'message-updated',
  message,
  change: message.changed?.what ?? 'state',
})

type Show = Extract<Effect, { do: 'show' }>

/** The tab's events wait for its history; those of the other tabs do not. */
function show({ tab, call, view }: Show, world: RoomWorld): void {
  const { archive } = world.store
  const atMs = world.clock.nowMs()
  const { room, before } = view.picture
  const reading = readHistory(view, world)
  const read = async (): ReturnType<Reading['read']> => {
    const { history, upTo, changed = [] } = await reading
    const joined = { kind: 'room-joined', ...view.picture, before: upTo, archive, atMs, history } as const
    const updates = changed.map((message) => updated(message))
    return upTo < before ? [joined, ...updates, restOf(room, upTo, before, world)] : [joined, ...updates]
  }
  world.tabs.link(tab)?.push({ read })
  if (call !== undefined) world.tabs.answer(call, view.picture.result)
}
