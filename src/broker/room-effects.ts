import type { SharedMessage } from '../contract/api.ts'
import type { LogLevel } from '../contract/model.ts'
import { readRoomConfig } from '../protocol/room-config.ts'
import { discoInfoRequest } from '../protocol/xep-0030-disco.ts'
import { entersRoom, leavesRoom } from '../protocol/xep-0045-muc.ts'
import { readSelfPing, selfPing } from '../protocol/xep-0410-self-ping.ts'
import type { XmlNode } from '../protocol/xml.ts'
import type { Effect, RoomView } from '../rooms/effects.ts'
import { limitHistory, limitsOf, stanzaLimit } from '../rooms/history-limits.ts'
import type { Input } from '../rooms/inputs.ts'
import { listeners, type Room } from '../rooms/room.ts'
import type { Store, Stretch } from '../storage/store.ts'
import type { CommitQueue } from './commit-queue.ts'
import type { Clock } from './ports.ts'
import type { Tabs } from './tabs.ts'
import type { Timers } from './timers.ts'

/** How many of a room's newest messages are looked at when it is opened, to know again what it sends twice. */
const LOOK_BACK = 200
/** How far back a message that a moderator takes away is looked for. */
const MOST_MODERATED = 1000
const DISCO_MS = 10_000
const PING_MS = 30_000
/** How many messages a tab that comes back is given at once. */
const MOST_MISSED = 1000

/** What the effects of a room need of the broker. */
export interface RoomWorld {
  readonly store: Store
  readonly commits: CommitQueue
  readonly tabs: Tabs
  readonly timers: Timers
  readonly clock: Clock
  readonly send: (stanza: XmlNode) => void
  /** Asks, and gives the answer or `undefined`. */
  readonly request: (stanza: XmlNode, ms: number, onAnswer: (answer: XmlNode | undefined) => void) => void
  /** What was remembered of this entity is not to be believed any more. */
  readonly forget: (jid: string) => void
  readonly stopAutojoin: (roomJid: string, how: 'for-now' | 'for-good') => void
  readonly happened: (roomJid: string, input: Input) => void
  readonly log: (level: LogLevel, text: string) => void
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
    case 'send':
      commits.after(() => send(effect.stanza, world))
      return
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
      const { nick, tailFrom, subject } = effect
      commits.add({ put: 'room', row: { room: room.jid, member: { nick }, tailFrom, subject } })
      return
    }
    case 'forget-membership': {
      const { timeline, subject } = room
      commits.add({ put: 'room', row: { room: room.jid, member: undefined, tailFrom: timeline.tailFrom, subject } })
      return
    }
    case 'append':
      commits.add({ put: 'message', row: effect.message })
      return
    case 'append-private':
      commits.add({ put: 'private', row: { ...effect.message, key: privateKey(effect.message) } })
      return
    case 'take-away':
      commits.after(() => takeAway(effect, room, world))
      return
    case 'stop-autojoin':
      world.stopAutojoin(room.jid, effect.how)
      return
    case 'tell':
      commits.after(() => tabs.tell(effect.tabs, effect.event))
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

function load(roomJid: string, world: RoomWorld): void {
  const { store } = world
  Promise.all([store.room(roomJid), store.newest(everythingOf(roomJid), LOOK_BACK)]).then(
    ([row, messages]) =>
      world.happened(roomJid, {
        on: 'loaded',
        past: { messages, tailFrom: row?.tailFrom ?? 0, subject: row?.subject },
      }),
    (error: unknown) => {
      world.log('error', `open ${roomJid}: the archive cannot be read (${String(error)}); going on without it`)
      world.happened(roomJid, { on: 'loaded', past: { messages: [], tailFrom: 0, subject: undefined } })
    },
  )
}

const everythingOf = (room: string): Stretch => ({
  room,
  from: Number.MIN_SAFE_INTEGER,
  before: Number.MAX_SAFE_INTEGER,
})

/** What the moderator took away stays in its place, without what it said (XEP-0425 section 4.2). */
function takeAway(
  { archiveId, stanza }: Extract<Effect, { do: 'take-away' }>,
  room: Room,
  { store, commits, tabs, log }: RoomWorld,
): void {
  store.newest(everythingOf(room.jid), MOST_MODERATED).then(
    (messages) => {
      const found = messages.findLast(({ id, archived }) => archived && id === archiveId)
      if (!found || found.moderated) return
      const message = { ...found, body: '', moderated: true, stanza }
      commits.add({ put: 'message', row: message })
      commits.after(() => tabs.tell(listeners(room), { kind: 'message-updated', message, change: 'moderation' }))
    },
    (error: unknown) => log('error', `moderation in ${room.jid}: the archive cannot be read (${String(error)})`),
  )
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

type Show = Extract<Effect, { do: 'show' }>

/** The tab's events wait for its history; those of the other tabs do not. */
function show({ tab, call, view }: Show, world: RoomWorld): void {
  const { archive } = world.store
  const atMs = world.clock.nowMs()
  const history = readHistory(view, world)
  world.tabs
    .link(tab)
    ?.push(history.then((found) => ({ kind: 'room-joined', ...view.picture, archive, atMs, history: found })))
  if (call !== undefined) world.tabs.answer(call, view.picture.result)
}

async function readHistory({ picture, history }: RoomView, { store, clock, log }: RoomWorld): Promise<SharedMessage[]> {
  const { wish, from, before } = history
  try {
    if (wish && 'order' in wish) {
      // In another archive places are others: then everything is given, and the tab knows what it has.
      const behind = wish.archive === store.archive ? Math.max(from, wish.order + 1) : from
      return await store.newest({ room: picture.room, from: behind, before }, MOST_MISSED)
    }
    const limits = limitsOf(wish)
    return limitHistory(
      await store.newest({ room: picture.room, from, before }, stanzaLimit(limits)),
      limits,
      clock.nowMs(),
    )
  } catch (error) {
    log('error', `join ${picture.room}: history cannot be read (${String(error)})`)
    return []
  }
}
