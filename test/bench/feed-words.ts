import type { TabEvent } from '../../src/contract/api.ts'

/** The room that the worker of the benches feeds. */
export const ROOM = 'fed@muc.localhost'
export const ACCOUNT = 'juliet@localhost'
export const WORKER = '/feed-worker.js'

/** By which way the messages go: through the SDK, bare in batches over a port, or each by a callback of Comlink. */
export type Way = 'sdk' | 'port' | 'comlink'

/** What a page of the benches says to their worker, over a port beside those of the SDK. */
export type PageWord =
  /** Comes with a port, over which Comlink offers a `Hearing`. */
  | { readonly bench: 'here' }
  /** Resolved by `done` when every page has had all of them. */
  | { readonly bench: 'run'; readonly way: Way; readonly count: number }
  /** Resolved by `done` when all of them are said. */
  | { readonly bench: 'say'; readonly count: number }
  | { readonly bench: 'ready' }
  /** It has had all that it was to wait for. */
  | { readonly bench: 'got' }

/** What the worker says to the page; a list is a batch of bare events. */
export type WorkerWord =
  /** A run begins: messages of these numbers will come, in their order. */
  | { readonly bench: 'expect'; readonly first: number; readonly count: number }
  | { readonly bench: 'done'; readonly ms: number }
  | readonly TabEvent[]

/** The page's side of Comlink. */
export interface Hearing {
  hear(event: TabEvent): void
}

/** A message begins with its number. */
export const numberOf = (body: string): number => Number.parseInt(body, 10)
