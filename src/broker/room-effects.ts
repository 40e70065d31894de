import type { LogLevel } from '../contract/model.ts'
import { discoInfoRequest, readDiscoInfo } from '../protocol/xep-0030-disco.ts'
import { entersRoom, leavesRoom } from '../protocol/xep-0045-muc.ts'
import type { XmlNode } from '../protocol/xml.ts'
import { limitHistory, limitsOf, stanzaLimit } from '../rooms/history-limits.ts'
import type { Effect, Input, Room, RoomView } from '../rooms/room.ts'
import type { Store } from '../storage/store.ts'
import type { CommitQueue } from './commit-queue.ts'
import type { Clock } from './ports.ts'
import type { Tabs } from './tabs.ts'
import type { Timers } from './timers.ts'

/** How many of a room's newest messages are looked at when it is opened, to know again what it sends twice. */
const LOOK_BACK = 200
const DISCO_MS = 10_000
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

function send(stanza: XmlNode, { send, counted }: RoomWorld): void {
  if (entersRoom(stanza)) counted('joins')
  if (leavesRoom(stanza)) counted('leaves')
  send(stanza)
}

function load(roomJid: string, world: RoomWorld): void {
  const { store } = world
  const everything = { room: roomJid, from: Number.MIN_SAFE_INTEGER, before: Number.MAX_SAFE_INTEGER }
  Promise.all([store.room(roomJid), store.newest(everything, LOOK_BACK)]).then(
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

function disco(roomJid: string, world: RoomWorld): void {
  world.request(discoInfoRequest(roomJid, world.clock.newId()), DISCO_MS, (answer) =>
    world.happened(roomJid, { on: 'disco', features: answer && readDiscoInfo(answer)?.features }),
  )
}

type Show = Extract<Effect, { do: 'show' }>

/** The tab's events wait for its history; those of the other tabs do not. */
function show({ tab, call, view }: Show, world: RoomWorld): void {
  const history = readHistory(view, world)
  world.tabs.link(tab)?.push(history.then((found) => ({ kind: 'room-joined', ...view.picture, history: found })))
  if (call !== undefined) world.tabs.answer(call, view.picture.result)
}

async function readHistory({ picture, history }: RoomView, { store, clock, log }: RoomWorld) {
  const stretch = { room: picture.room, from: history.from, before: history.before }
  try {
    if (history.wish === 'everything') return await store.newest(stretch, MOST_MISSED)
    const limits = limitsOf(history.wish)
    return limitHistory(await store.newest(stretch, stanzaLimit(limits)), limits, clock.nowMs())
  } catch (error) {
    log('error', `join ${picture.room}: history cannot be read (${String(error)})`)
    return []
  }
}
