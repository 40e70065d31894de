/** An archived message at the edge of a gap. */
export interface Edge {
  /** In the room's archive (XEP-0359); empty where only the time is known. */
  readonly id: string
  readonly stampMs: number
}

/** A stretch of a room's messages in which some may be missing: places from `from` up to but not including `to`. */
export interface Gap {
  readonly from: number
  readonly to: number
  /** The last message known before it; `undefined` where it goes back to the beginning of the archive. */
  readonly after: Edge | undefined
  /** The first message known behind it; `undefined` as long as none came that the archive has. */
  readonly before: Edge | undefined
}

/** Before every place. */
export const BEGINNING = Number.MIN_SAFE_INTEGER

/** Where a gap is filled from, and so in which direction. */
export type Direction = 'forward' | 'backward'

/** One page of the room's archive, oldest first. */
export interface ArchivePage<T> {
  readonly messages: readonly T[]
  /** The last of what it had in its direction, whether that is a message or not. */
  readonly edge: Edge | undefined
  /** There is nothing behind it in its direction. */
  readonly complete: boolean
}

/** What a page puts into a gap, at which places, and what is left of the gap. */
export interface Filling<T> {
  readonly placed: readonly { readonly message: T; readonly order: number }[]
  readonly left: Gap | undefined
}

type Archived = { readonly archiveId: string }

/**
 * Puts a page into a gap, next to what is known already.
 *
 * @param isKnown whether a message is stored beyond the gap: where the page reaches it, the gap is closed
 */
export function fillGap<T extends Archived>(
  gap: Gap,
  direction: Direction,
  { messages, edge, complete }: ArchivePage<T>,
  isKnown: (id: string) => boolean,
): Filling<T> {
  const forward = direction === 'forward'
  const far = forward ? gap.before : gap.after
  // From the side that is known, towards the other one.
  const inward = forward ? messages : [...messages].reverse()
  const reached = inward.findIndex(({ archiveId }) => archiveId === far?.id || isKnown(archiveId))
  const fresh = reached === -1 ? inward : inward.slice(0, reached)
  const placed = fresh.map((message, at) => ({ message, order: forward ? gap.from + at : gap.to - 1 - at }))
  // A page of nothing would be asked for again for ever.
  const closed = complete || reached !== -1 || edge === undefined
  const left = forward
    ? { ...gap, from: gap.from + fresh.length, after: edge ?? gap.after }
    : { ...gap, to: gap.to - fresh.length, before: edge ?? gap.before }
  return { placed: forward ? placed : placed.reverse(), left: closed ? undefined : left }
}

/** The gaps with one of them changed, or taken out. */
export function withGap(gaps: readonly Gap[], was: Gap, now: Gap | undefined): readonly Gap[] {
  return gaps.flatMap((gap) => (gap === was ? (now ?? []) : gap))
}

/** The gaps of a room whose messages before that one were forgotten. */
export function forgottenBefore(
  gaps: readonly Gap[],
  { order, id, stampMs, archived }: Edge & { readonly order: number; readonly archived: boolean },
): readonly Gap[] {
  const before = archived ? { id, stampMs } : undefined
  return [{ from: BEGINNING, to: order, after: undefined, before }, ...gaps.filter(({ to }) => to > order)]
}

/** The newest gap below a place. */
export function gapBelow(gaps: readonly Gap[], order: number): Gap | undefined {
  return gaps.findLast((gap) => gap.from < order)
}

/** The oldest gap above a place. */
export function gapAbove(gaps: readonly Gap[], order: number): Gap | undefined {
  return gaps.find((gap) => gap.to > order + 1)
}
