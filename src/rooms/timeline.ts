import type { SharedMessage } from '../contract/api.ts'
import type { RoomMessage } from '../protocol/room-stanza.ts'

/**
 * The order of a room's messages, and what of them is known already.
 *
 * Each message has a whole number, its place in the room. Where messages may be missing, so many numbers are left out
 * that an archive page always finds room between its neighbours.
 */
export interface Timeline {
  /** Place of the next live message. */
  nextOrder: number
  /** From here on nothing is missing: only this much may be given as history. */
  tailFrom: number
  /** Keys of the newest messages, oldest first. */
  readonly recent: Set<string>
}

/** Numbers left free where messages may be missing: 2^21 such gaps fit below 2^53. */
export const GAP = 2 ** 32
/** How many keys are remembered; a room sends at most its last messages again, and servers cap that far below. */
const REMEMBERED = 1000

export function emptyTimeline(): Timeline {
  return { nextOrder: 0, tailFrom: 0, recent: new Set() }
}

/** The timeline of a room whose newest stored messages are these, oldest first. */
export function timelineOf(newest: readonly SharedMessage[], tailFrom: number): Timeline {
  const timeline = emptyTimeline()
  timeline.tailFrom = tailFrom
  timeline.nextOrder = tailFrom
  for (const message of newest) {
    remember(timeline, sharedKey(message))
    timeline.nextOrder = message.order + 1
  }
  return timeline
}

/**
 * What makes two copies of a message one: the room's archive id, or where it gives none the sender, their id and the text.
 */
export function messageKey(message: RoomMessage): string {
  if (message.archiveId !== undefined) return `a ${message.archiveId}`
  return `m ${message.nick ?? ''}\n${message.stanzaId ?? ''}\n${message.body ?? ''}`
}

/** The id of a message: the room's where it gives one, else one of ours. */
export function messageId(message: RoomMessage, fresh: () => string): string {
  return message.archiveId ?? fresh()
}

/** Whether the room keeps it in its archive, under its id. */
export const isArchived = (message: RoomMessage): boolean => message.archiveId !== undefined

/** Whether there is something to read: only then a message has a place. */
export function hasContent(message: RoomMessage): message is RoomMessage & { readonly body: string } {
  return message.body !== undefined && message.body !== ''
}

function sharedKey({ id, nick, stanza, body, archived }: SharedMessage): string {
  return !archived ? `m ${nick}\n${stanza.attrs['id'] ?? ''}\n${body}` : `a ${id}`
}

/**
 * Whether it can be one that came before: only history repeats what has no id at all. Two of those that are live are
 * two, however alike.
 */
export const mayRepeat = ({ archiveId, stanzaId, delayMs }: Partial<RoomMessage>): boolean =>
  archiveId !== undefined || stanzaId !== undefined || delayMs !== undefined

/** A place for a message at the live end, or `undefined` where it is known already. */
export function place(timeline: Timeline, key: string, repeats = true): number | undefined {
  return remember(timeline, key) || !repeats ? timeline.nextOrder++ : undefined
}

/**
 * Prepares for the history that came with a join, oldest first: where none of it is known, though there were messages
 * before, something may be missing in between. A room that is new has nothing in common with what was there before.
 */
export function openGapBefore(timeline: Timeline, keys: readonly string[], isNew = false): void {
  if (timeline.recent.size === 0) return
  if (!isNew && (keys.length === 0 || keys.some((key) => timeline.recent.has(key)))) return
  timeline.nextOrder += GAP
  timeline.tailFrom = timeline.nextOrder
}

/** @returns whether it was new */
export function remember(timeline: Timeline, key: string): boolean {
  if (timeline.recent.has(key)) return false
  timeline.recent.add(key)
  if (timeline.recent.size > REMEMBERED) {
    const [oldest] = timeline.recent
    if (oldest !== undefined) timeline.recent.delete(oldest)
  }
  return true
}
