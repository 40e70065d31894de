import type { PendingAmendment, SharedMessage, TabEvent } from '../contract/api.ts'
import type { LogLevel } from '../contract/model.ts'
import { readRoomConfig } from '../protocol/room-config.ts'
import { discoInfoRequest } from '../protocol/xep-0030-disco.ts'
import { entersRoom, leavesRoom } from '../protocol/xep-0045-muc.ts'
import { readSelfPing, selfPing } from '../protocol/xep-0410-self-ping.ts'
import type { XmlNode } from '../protocol/xml.ts'
import { amended } from '../rooms/amendments.ts'
import type { Effect, RoomView } from '../rooms/effects.ts'
import { limitHistory, limitsOf, stanzaLimit } from '../rooms/history-limits.ts'
import type { Input, Past } from '../rooms/inputs.ts'
import type { Room } from '../rooms/room.ts'
import type { Store } from '../storage/store.ts'
import type { Archive } from './archive.ts'
import type { CommitQueue } from './commit-queue.ts'
import type { Displayed } from './displayed.ts'
import type { Clock } from './ports.ts'
import type { Tabs } from './tabs.ts'
import type { Timers } from './timers.ts'

/** How many of a room's newest messages are looked at when it is opened, to know again what it sends twice. */
const LOOK_BACK = 200
const DISCO_MS = 10_000
const PING_MS = 30_000
/** How many messages a tab that comes back is given at once. */
const MOST_MISSED = 10_000

/** What the effects of a room need of the broker. */
export interface RoomWorld {
  readonly store: Store
  readonly commits: CommitQueue
  /** Runs what reads and then writes, one after the other: each sees what those before it have written. */
  readonly inTurn: (work: () => Promise<void>) => void
  readonly archive: Pick<Archive, 'catchUp'>
  readonly tabs: Tabs
  readonly timers: Timers
  readonly clock: Clock
  readonly send: (stanza: XmlNode) => void
  /** Which session it is: another number for each. */
  readonly session: () => number
  /** Asks, and gives the answer or `undefined`. */
  readonly request: (stanza: XmlNode, ms: number, onAnswer: (answer: XmlNode | undefined) => void) => void
  /** What was remembered of this entity is not to be believed any more. */
  readonly forget: (jid: string) => void
  readonly stopAutojoin: (roomJid: string, how: 'for-now' | 'for-good') => void
  readonly happened: (roomJid: string, input: Input) => void
  readonly displayed: Pick<Displayed, 'note' | 'loaded'>
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
      const { codes, config } = room
      commits.add({ put: 'room', row: { room: room.jid, member: { nick: effect.nick, codes, config }, gaps, subject } })
      return
    }
    case 'forget-membership': {
      const { timeline, subject } = room
      commits.add({ put: 'room', row: { room: room.jid, member: undefined, gaps: timeline.gaps, subject } })
      commits.add({ forget: 'occupants', room: room.jid })
      return
    }
    case 'append':
      commits.add({ put: 'message', row: effect.message })
      return
    case 'amend':
      commits.after(() => world.inTurn(() => amend(effect.amendment, world)))
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
      world.displayed.note(room.jid, effect.id, effect.markable)
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

function load(roomJid: string, world: RoomWorld): void {
  const { store } = world
  Promise.all([store.room(roomJid), pastOf(roomJid, store)]).then(
    ([row, past]) => {
      world.happened(roomJid, { on: 'loaded', past: { ...past, gaps: row?.gaps, subject: row?.subject } })
      world.displayed.loaded(roomJid)
    },
    (error: unknown) => {
      world.log('error', `open ${roomJid}: the archive cannot be read (${String(error)}); going on without it`)
      world.happened(roomJid, { on: 'loaded', past: { messages: [], gaps: undefined, subject: undefined, outbox: [] } })
    },
  )
}

/** The disk had no room for it: a chat is worth more than its history. */
function unstored(event: TabEvent): TabEvent {
  return event.kind === 'message' ? { ...event, message: { ...event.message, stored: false } } : event
}

/** How far back a message is looked for that somebody corrects: it is to be their last. */
const CORRECTABLE = 500

/** The message that this is about becomes what it makes of it; one that is not there may come by the archive yet. */
async function amend(amendment: PendingAmendment, { store, commits, happened, log }: RoomWorld): Promise<void> {
  const { room, kind, target } = amendment
  try {
    const found =
      kind === 'correction'
        ? await store.newest({ room, ...EVERYWHERE }, CORRECTABLE)
        : [(await store.find(room, target)) ?? []].flat()
    const message = found.findLast((each) => amended(each, amendment))
    const now = message && amended(message, amendment)
    if (now) happened(room, { on: 'amended', message: now, kind })
    // One that is there, and not theirs to change, stays as it is.
    else if (kind === 'correction' || found.length === 0) commits.add({ put: 'amendment', row: amendment })
  } catch (error) {
    log('error', `${kind} in ${room}: the archive cannot be read (${String(error)})`)
  }
}

const EVERYWHERE = { from: Number.MIN_SAFE_INTEGER, before: Number.MAX_SAFE_INTEGER }

/** How many messages are read at once for tabs that waited. */
const READ = 200

/** What was stored while the tabs waited for older ones. Where it cannot be read they are told nothing of it. */
async function readStored(
  room: string,
  { from, before }: { readonly from: number; readonly before: number },
  { store, happened, log }: RoomWorld,
): Promise<void> {
  try {
    const messages = await store.oldest({ room, from, before }, READ)
    const last = messages.at(-1)
    const all = messages.length < READ || last === undefined
    happened(room, { on: 'stored-read', read: { from, before: all ? before : last.order + 1, messages } })
  } catch (error) {
    log('error', `catch up ${room}: the archive cannot be read (${String(error)})`)
    happened(room, { on: 'stored-read', read: { from, before, messages: [] } })
  }
}

/** What the store knows of a room beside its row. Of the messages the newest, to know again what comes twice. */
export async function pastOf(room: string, store: Store): Promise<Pick<Past, 'messages' | 'outbox' | 'unread'>> {
  const [messages, outbox, unread] = await Promise.all([
    store.newest({ room, ...EVERYWHERE }, LOOK_BACK),
    store.outbox(room),
    store.unread(room),
  ])
  return { messages, outbox, unread }
}

/** So many unread messages are counted, at the most. */
const MOST_UNREAD = 1000

/** What is behind a message. Where the store cannot say it is as if there were no such message. */
async function countUnread(
  room: string,
  { id, was, call }: Extract<Effect, { do: 'count-unread' }>,
  { store, happened, log }: RoomWorld,
): Promise<void> {
  const read = async () => {
    const message = await store.find(room, id)
    const behind =
      message && was.count > 0 ? await store.newest({ ...EVERYWHERE, room, from: message.order + 1 }, MOST_UNREAD) : []
    return { message, behind: behind.filter(({ own }) => !own) }
  }
  const { message, behind } = await read().catch((error: unknown) => {
    log('error', `count what is unread in ${room}: ${String(error)}`)
    return { message: undefined, behind: [] }
  })
  const mentions = behind.filter(({ mentionsMe }) => mentionsMe).length
  happened(room, { on: 'unread-counted', counted: { id, was, message, count: behind.length, mentions, call } })
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

async function readHistory({ picture, history }: RoomView, world: RoomWorld): Promise<readonly SharedMessage[]> {
  const { store, clock, log } = world
  const { wish, from, before } = history
  const { room } = picture
  try {
    if (wish && 'order' in wish) {
      const tail = await store.newest({ room, from, before }, MOST_MISSED)
      // In another archive places are others: then everything is given, and the tab knows what it has.
      return wish.archive === store.archive ? tail.filter(({ order }) => order > wish.order) : tail
    }
    const limits = limitsOf(wish)
    const tail = await store.newest({ room, from, before }, stanzaLimit(limits))
    // What was taken back is not shown to who comes later (XEP-0424 section 5).
    const kept = tail.filter(({ retracted, moderated }) => !retracted && !moderated)
    return limitHistory(kept, limits, clock.nowMs())
  } catch (error) {
    log('error', `join ${picture.room}: history cannot be read (${String(error)})`)
    return []
  }
}
