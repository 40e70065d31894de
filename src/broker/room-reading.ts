import type { SharedMessage } from '../contract/api.ts'
import type { LogLevel } from '../contract/model.ts'
import type { Effect, RoomView } from '../rooms/effects.ts'
import { limitHistory, limitsOf, stanzaLimit } from '../rooms/history-limits.ts'
import type { Input, Past } from '../rooms/inputs.ts'
import type { Store } from '../storage/store.ts'
import type { CommitQueue } from './commit-queue.ts'
import type { Displayed } from './displayed.ts'
import type { Clock } from './ports.ts'
import type { Reading } from './tab-link.ts'

/** How many of a room's newest messages are looked at when it is opened, to know again what it sends twice. */
const LOOK_BACK = 200
/** How many messages a tab that comes back is given with the room; the rest of what it missed it is told behind that. */
const MOST_MISSED = 10_000
/** How many of those that it had before are looked at, for what was done to them since. */
const CHANGEABLE = 200
/** How many of the rest are read at once. */
const PART = 1_000

/** What reading a room's part of the store needs. What was read comes back as an input of the room. */
export interface ReadingWorld {
  readonly store: Store
  readonly commits: CommitQueue
  readonly clock: Clock
  readonly displayed: Pick<Displayed, 'loaded'>
  readonly happened: (roomJid: string, input: Input) => void
  readonly log: (level: LogLevel, text: string) => void
}

export function load(roomJid: string, world: ReadingWorld): void {
  const { store } = world
  Promise.all([store.room(roomJid), pastOf(roomJid, store)]).then(
    ([row, past]) => {
      world.happened(roomJid, {
        on: 'loaded',
        past: { ...past, gaps: row?.gaps, subject: row?.subject, next: row?.next },
      })
      world.displayed.loaded(roomJid)
    },
    (error: unknown) => {
      world.log('error', `open ${roomJid}: the archive cannot be read (${String(error)}); going on without it`)
      world.happened(roomJid, { on: 'loaded', past: { messages: [], gaps: undefined, subject: undefined, outbox: [] } })
    },
  )
}

export const EVERYWHERE = { from: Number.MIN_SAFE_INTEGER, before: Number.MAX_SAFE_INTEGER }

/** How many messages are read at once for tabs that waited. */
const READ = 200

/** What was stored while the tabs waited for older ones. Where it cannot be read they are told nothing of it. */
export async function readStored(
  room: string,
  { from, before }: { readonly from: number; readonly before: number },
  { store, happened, log }: ReadingWorld,
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
export async function countUnread(
  room: string,
  { id, was, call }: Extract<Effect, { do: 'count-unread' }>,
  { store, happened, log }: ReadingWorld,
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

/** What a tab is shown of a room's messages, oldest first, and the place from which on it is still to be told of them. */
export interface ShownHistory {
  readonly history: readonly SharedMessage[]
  readonly upTo: number
  /** What was done to earlier ones since it was there. */
  readonly changed?: readonly SharedMessage[]
}

export async function readHistory({ picture, history }: RoomView, world: ReadingWorld): Promise<ShownHistory> {
  const { store, clock, log } = world
  const { wish, from, before } = history
  const { room } = picture
  const all = (shown: readonly SharedMessage[]): ShownHistory => ({ history: shown, upTo: picture.before })
  try {
    if (wish && 'order' in wish) {
      // In another archive places are others: then everything is given, and the tab knows what it has.
      if (wish.archive !== store.archive) return all(await store.newest({ room, from, before }, MOST_MISSED))
      const first = Math.max(from, wish.order + 1)
      const missed = first < before ? await store.oldest({ room, from: first, before }, MOST_MISSED) : []
      const last = missed.at(-1)
      const { atMs = Number.POSITIVE_INFINITY } = wish
      const known = await store.newest({ room, ...EVERYWHERE, before: wish.order + 1 }, CHANGEABLE)
      const changed = known.filter((message) => message.changed && message.changed.atMs > atMs)
      const upTo = missed.length < MOST_MISSED || !last ? picture.before : last.order + 1
      return { history: missed, upTo, changed }
    }
    const limits = limitsOf(wish)
    const tail = await store.newest({ room, from, before }, stanzaLimit(limits))
    // What was taken back is not shown to who comes later (XEP-0424 section 5).
    const kept = tail.filter(({ retracted, moderated }) => !retracted && !moderated)
    return all(limitHistory(kept, limits, clock.nowMs()))
  } catch (error) {
    log('error', `join ${picture.room}: history cannot be read (${String(error)})`)
    return all([])
  }
}

/** The rest of what a tab missed, a part at a time: the next is read when the one before has gone out. */
export function restOf(room: string, from: number, before: number, world: ReadingWorld): Reading {
  const { store, log } = world
  const tell = (message: SharedMessage) => ({ kind: 'message', message }) as const
  const read = async (): ReturnType<Reading['read']> => {
    try {
      const messages = await store.oldest({ room, from, before }, PART)
      const last = messages.at(-1)
      if (messages.length < PART || !last) return messages.map(tell)
      return [...messages.map(tell), restOf(room, last.order + 1, before, world)]
    } catch (error) {
      log('error', `catch up ${room}: the archive cannot be read (${String(error)})`)
      return []
    }
  }
  return { read }
}
