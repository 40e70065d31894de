// How a tab and a worker find each other, and what they say about the ways between them.
import type { TabEvent } from './api.ts'
import type { Failure } from './errors.ts'

/** The first message of a tab; the ports for calls and for events are handed over with it, in this order. */
export interface Hello {
  readonly minimix: 'hello'
  readonly contract: number
  readonly tab: string
  /** The Web Lock that the tab holds while it lives. */
  readonly lock: string
  /** Bare JID. */
  readonly account: string
}

export type Greeting =
  | { readonly minimix: 'welcome'; readonly contract: number; readonly instance: string }
  /** Sent first on each new connection, so that a tab notices a worker that began again on its port. */
  | {
      readonly minimix: 'born'
      readonly contract: number
      readonly instance: string
      /** The Web Lock that the worker holds while it lives: held by now. */
      readonly lock: string
    }
  /** Another worker of the same contract has the account: it is found by a broadcast (`openWord`). */
  | { readonly minimix: 'elsewhere'; readonly contract: number }
  | { readonly minimix: 'refused'; readonly contract: number; readonly error: Failure }

/** A run of events, the first of which has the number `seq`. */
export interface Batch {
  readonly instance: string
  readonly seq: number
  readonly events: readonly TabEvent[]
}

/** What a tab says on the way that its events come by. */
export type TabWord =
  /** Every event up to this number has been handled. */
  | { readonly ack: number }
  /** Is anybody there? Answered with the same number, whatever else goes on. */
  | { readonly ping: number }
  /** The page is going: `kept` by the browser, which may bring it back, or for good. */
  | { readonly going: 'kept' | 'for-good' }

/** To a dedicated worker, from the page that started it. */
export type LeaderWord =
  /** A tab's port comes with it. */
  | { readonly minimix: 'connect' }
  /** The page cannot host the worker any more: another is to go on. Answered with `released`. */
  | { readonly minimix: 'release' }

/** How a page without a port to the worker that has the account asks for a way: a broadcast that only the two know. */
export interface OpenWord {
  readonly minimix: 'open'
  readonly way: string
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

export function isHello(value: unknown): value is Hello {
  return (
    isRecord(value) &&
    value['minimix'] === 'hello' &&
    typeof value['contract'] === 'number' &&
    typeof value['tab'] === 'string' &&
    typeof value['lock'] === 'string' &&
    typeof value['account'] === 'string'
  )
}

const GREETINGS: readonly unknown[] = ['welcome', 'born', 'elsewhere', 'refused'] satisfies Greeting['minimix'][]

export function isGreeting(value: unknown): value is Greeting {
  return isRecord(value) && GREETINGS.includes(value['minimix'])
}

export function isBatch(value: unknown): value is Batch {
  return isRecord(value) && typeof value['seq'] === 'number' && Array.isArray(value['events'])
}

export function isTabWord(value: unknown): value is TabWord {
  if (!isRecord(value)) return false
  const { ack, ping, going } = value
  return typeof ack === 'number' || typeof ping === 'number' || going === 'kept' || going === 'for-good'
}

/** @returns the number of the ping that it answers */
export function pongOf(value: unknown): number | undefined {
  return isRecord(value) && typeof value['pong'] === 'number' ? value['pong'] : undefined
}

export function isLeaderWord(value: unknown): value is LeaderWord {
  return isRecord(value) && (value['minimix'] === 'connect' || value['minimix'] === 'release')
}

export function isOpenWord(value: unknown): value is OpenWord {
  return isRecord(value) && value['minimix'] === 'open' && typeof value['way'] === 'string'
}
