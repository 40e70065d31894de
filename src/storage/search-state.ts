import type { SegmentFacts } from '../search/segment.ts'

export interface StoredSegment extends SegmentFacts {
  readonly id: number
}

/** Several segments on their way to be one: its documents are there, and its blocks up to a token. */
export interface Merge {
  readonly from: readonly number[]
  readonly into: StoredSegment
  readonly upTo: string
}

/** The index of words, but for its contents. */
export interface SearchState {
  readonly nextSegment: number
  /** In the order in which their messages came. */
  readonly segments: readonly StoredSegment[]
  readonly merge?: Merge
  /** Messages older than the index are yet to come in: those after this key. */
  readonly indexedUpTo?: readonly [room: string, order: number] | 'nothing'
}

export const emptyIndex: SearchState = { nextSegment: 0, segments: [] }
export const unindexed: SearchState = { ...emptyIndex, indexedUpTo: 'nothing' }
