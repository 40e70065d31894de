import { type Block, BlockWriter, eachList } from './blocks.ts'
import {
  comparePlaces,
  type Documents,
  documentRows,
  factsOf,
  type Place,
  placesIn,
  type SegmentFacts,
  type Shape,
} from './segment.ts'

/** The number that each document of a segment has in the one that it becomes part of. */
export type Renumbering = Uint16Array<ArrayBuffer>

/**
 * The segments that are to become one, or `undefined` where nothing is to do.
 *
 * Segments are classed by the order of magnitude of their size; of a class with enough of them the oldest go first, so
 * that messages which came together stay together.
 */
export function nextMerge<T extends SegmentFacts>(segments: readonly T[], shape: Shape): readonly T[] | undefined {
  const classes = new Map<number, T[]>()
  for (const segment of segments) {
    if (segment.documents >= shape.fullDocuments) continue
    const size = Math.floor(Math.log(segment.documents) / Math.log(shape.fanOut) + 1e-9)
    const like = classes.get(size) ?? []
    classes.set(size, like)
    like.push(segment)
    const documents = like.reduce((sum, each) => sum + each.documents, 0)
    if (like.length === shape.fanOut || (like.length > 1 && documents >= shape.fullDocuments)) return like
  }
  return undefined
}

/** The documents of several segments as those of one. */
export interface MergedDocuments extends SegmentFacts {
  readonly rows: readonly Documents[]
  /** For each of the segments. */
  readonly renumberings: readonly Renumbering[]
}

/**
 * A message that was put again is one document with the words of both: the message itself says which it has.
 *
 * @param segments of each the rows of its documents
 */
export function mergeDocuments(segments: readonly (readonly Documents[])[], shape: Shape): MergedDocuments {
  const old = segments.flatMap((rows, segment) =>
    Array.from(placesIn(rows), (place, document) => ({ place, segment, document })),
  )
  old.sort((a, b) => comparePlaces(a.place, b.place))
  const renumberings = segments.map((rows) => new Uint16Array(rows.reduce((sum, { orders }) => sum + orders.length, 0)))
  const places: Place[] = []
  for (const { place, segment, document } of old) {
    const last = places.at(-1)
    if (!last || comparePlaces(last, place) !== 0) places.push(place)
    const renumbering = renumberings[segment]
    if (renumbering) renumbering[document] = places.length - 1
  }
  return { ...factsOf(places), rows: documentRows(places, shape.documentsInRow), renumberings }
}

export interface MergedSegment {
  /** All blocks that have tokens of the range. */
  readonly blocks: readonly Block[]
  readonly renumbering: Renumbering
}

export interface TokenRange {
  readonly after: string
  /** Inclusive; without it all that follow. */
  readonly upTo: string | undefined
}

/** The blocks of the new segment for a range of tokens. */
export function mergeBlocks(segments: readonly MergedSegment[], range: TokenRange, { blockSize }: Shape): Block[] {
  const lists = new Map<string, number[]>()
  const inRange = (token: string): boolean => token > range.after && (range.upTo === undefined || token <= range.upTo)
  // The latest segment mostly has the newest messages, which have the lowest numbers.
  for (const { blocks, renumbering } of segments.toReversed()) {
    for (const block of blocks) {
      eachList(block, inRange, (token, reader, end) => {
        const list = lists.get(token) ?? []
        lists.set(token, list)
        for (let document = 0; reader.at < end; ) {
          document += reader.next()
          list.push(renumbering[document] ?? 0)
        }
      })
    }
  }
  const writer = new BlockWriter(blockSize)
  for (const token of [...lists.keys()].sort()) writer.add(token, ascending(lists.get(token) ?? []))
  writer.end()
  return writer.blocks
}

/** Out of order, or twice there, where messages of one segment are not all newer than those of an earlier one. */
function ascending(list: readonly number[]): readonly number[] | Uint16Array {
  for (let at = 1; at < list.length; at++) {
    if ((list[at] ?? 0) <= (list[at - 1] ?? 0)) return Uint16Array.from(new Set(list)).sort()
  }
  return list
}
