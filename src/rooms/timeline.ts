import type { SharedMessage } from '../contract/api.ts'
import type { RoomMessage } from '../protocol/room-stanza.ts'
import { BEGINNING, type Edge, type Gap } from './gaps.ts'

/**
 * The order of a room's messages, and what of them is known already.
 *
 * Each message has a whole number, its place in the room. Where messages may be missing, so many numbers are left out
 * that an archive page always finds room between its neighbours.
 */
export interface Timeline {
  /** Place of the next live message. */
  nextOrder: number
  /** Where messages may be missing, oldest first: behind the last of them all are known. */
  gaps: readonly Gap[]
  /** The newest message that the room's archive has. */
  newest: Edge | undefined
  /** When the newest message of all came. */
  newestMs: number | undefined
  /** Keys of the newest messages behind the last gap, oldest first. */
  readonly recent: Set<string>
  /** Keys of the newest messages before it: known, but they say nothing about what was missed since. */
  readonly earlier: Set<string>
}

/** Numbers left free where messages may be missing: 2^21 such gaps fit below 2^53. */
export const GAP = 2 ** 32
/** How many keys are remembered; a room sends at most its last messages again, and servers cap that far below. */
const REMEMBERED = 1000

/** Nothing is known, and the room may be old. */
export function emptyTimeline(): Timeline {
  const keys = { recent: new Set<string>(), earlier: new Set<string>() }
  return { nextOrder: 0, gaps: [beginning(0)], newest: undefined, newestMs: undefined, ...keys }
}

const beginning = (to: number): Gap => ({ from: BEGINNING, to, after: undefined, before: undefined })

/**
 * The timeline of a room whose newest stored messages are these, oldest first.
 *
 * @param next the place of the next message as tabs have been told it: behind a gap that was closed since it may be far
 *   behind the newest message
 */
export function timelineOf(newest: readonly SharedMessage[], gaps: readonly Gap[] | undefined, next = 0): Timeline {
  const timeline = emptyTimeline()
  if (gaps) timeline.gaps = gaps
  timeline.nextOrder = Math.max(0, next, tailFrom(timeline))
  for (const message of newest) {
    remember(message.order >= tailFrom(timeline) ? timeline.recent : timeline.earlier, sharedKey(message))
    if (message.archived) timeline.newest = edgeOf(message)
    timeline.newestMs = message.stampMs
    // Behind a gap nothing may have come yet: what comes now has its place there, and not in the gap.
    timeline.nextOrder = Math.max(timeline.nextOrder, message.order + 1)
  }
  return timeline
}

/** From here on nothing is missing: only this much may be given as history. */
export const tailFrom = ({ gaps }: Timeline): number => gaps.at(-1)?.to ?? BEGINNING

/**
 * What makes two copies of a message one: the room's archive id, or where it gives none the sender, their id and the text.
 */
export function messageKey(message: RoomMessage): string {
  if (message.archiveId !== undefined) return archiveKey(message.archiveId)
  return `m ${message.nick ?? ''}\n${message.stanzaId ?? ''}\n${message.body ?? ''}`
}

export const archiveKey = (archiveId: string): string => `a ${archiveId}`

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
  return !archived ? `m ${nick}\n${stanza.attrs['id'] ?? ''}\n${body}` : archiveKey(id)
}

/**
 * Whether it can be one that came before: only history repeats what has no id at all. Two of those that are live are
 * two, however alike.
 */
export const mayRepeat = ({ archiveId, stanzaId, delayMs }: Partial<RoomMessage>): boolean =>
  archiveId !== undefined || stanzaId !== undefined || delayMs !== undefined

/** A place for a message at the live end, or `undefined` where it is known already. */
export function place(timeline: Timeline, key: string, repeats = true): number | undefined {
  return noteOnce(timeline, key) || !repeats ? timeline.nextOrder++ : undefined
}

/** @returns whether it was new */
export function noteOnce(timeline: Timeline, key: string): boolean {
  if (isKnown(timeline, key)) return false
  remember(timeline.recent, key)
  return true
}

export const isKnown = ({ recent, earlier }: Timeline, key: string): boolean => recent.has(key) || earlier.has(key)

/** Messages that were missed have their places in a gap. Where none is left nothing separates what is known. */
export function noteFilled(timeline: Timeline, archiveIds: readonly string[]): void {
  for (const id of archiveIds) remember(timeline.earlier, archiveKey(id))
  if (holeOf(timeline)) return
  const behind = [...timeline.recent]
  timeline.recent.clear()
  for (const key of [...timeline.earlier, ...behind]) remember(timeline.recent, key)
  timeline.earlier.clear()
}

/** A message has its place at the live end: it may be the first one known behind a gap. */
export function noteNewest(timeline: Timeline, { id, stampMs }: Edge, archived = true): void {
  timeline.newestMs = stampMs
  if (!archived) return
  const edge = { id, stampMs }
  timeline.newest = edge
  const last = timeline.gaps.at(-1)
  if (last && last.before === undefined) timeline.gaps = [...timeline.gaps.slice(0, -1), { ...last, before: edge }]
}

const edgeOf = ({ id, stampMs }: SharedMessage): Edge => ({ id, stampMs })

/**
 * Prepares for the history that came with a join, oldest first: where none of it is known, though there were messages
 * before, something may be missing in between. A room that is new has nothing in common with what was there before.
 */
export function openGapBefore(timeline: Timeline, keys: readonly string[], isNew = false): Gap | undefined {
  if (isNew && timeline.recent.size === 0) {
    timeline.gaps = []
    return undefined
  }
  if (timeline.nextOrder === tailFrom(timeline) && timeline.newest === undefined) return undefined
  if (!isNew && keys.length > 0 && keys.some((key) => timeline.recent.has(key))) return undefined
  return openGap(timeline, isNew)
}

/** Something may have been missed since the newest message that is known. @returns where */
export function openGap(timeline: Timeline, isNew = false): Gap | undefined {
  const { newest, nextOrder, gaps } = timeline
  timeline.nextOrder += GAP
  for (const key of timeline.recent) remember(timeline.earlier, key)
  timeline.recent.clear()
  if (isNew) {
    // The room of that name is another one now: its archive has nothing of what was there before.
    timeline.gaps = [{ from: nextOrder, to: timeline.nextOrder, after: undefined, before: undefined }]
    return undefined
  }
  const gap: Gap = { from: nextOrder, to: timeline.nextOrder, after: newest, before: undefined }
  const last = gaps.at(-1)
  // Two gaps with nothing that the archive knows in between are one.
  timeline.gaps =
    last && last.to === gap.from ? [...gaps.slice(0, -1), { ...last, to: gap.to, before: undefined }] : [...gaps, gap]
  return timeline.gaps.at(-1)
}

/** Where something is missing behind a message that is known; what was before all of them is nobody's loss. */
export const holeOf = ({ gaps }: Timeline): Gap | undefined => gaps.find(({ after }) => after !== undefined)

/** Nothing is known, and yet something of that time is looked for: where it would be. */
export function openHoleSince(timeline: Timeline, stampMs: number): Gap | undefined {
  const last = timeline.gaps.at(-1)
  if (!last) return undefined
  const hole: Gap = { from: last.to - GAP, to: last.to, after: { id: '', stampMs }, before: last.before }
  timeline.gaps = [...timeline.gaps.slice(0, -1), { ...last, to: hole.from, before: undefined }, hole]
  return hole
}

function remember(keys: Set<string>, key: string): void {
  keys.add(key)
  if (keys.size <= REMEMBERED) return
  const [oldest] = keys
  if (oldest !== undefined) keys.delete(oldest)
}
