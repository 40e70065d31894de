// Whom the account knows, as it crosses between worker and tabs.
import type { Show } from './model.ts'

/** Who sees whom: `to`, we see them; `from`, they see us (RFC 6121 section 2.1.2.5). */
export type Subscription = 'none' | 'to' | 'from' | 'both'

/** A contact where they are signed in. */
export interface ContactDevice {
  readonly resource: string
  readonly show: Show
  readonly status?: string
  readonly priority: number
}

/** Somebody on the account's roster. */
export interface Contact {
  /** Bare JID. */
  readonly jid: string
  /** What the account calls them. */
  readonly name?: string
  readonly groups: readonly string[]
  readonly subscription: Subscription
  /** We asked to see their presence, and they have not answered yet. */
  readonly ask: boolean
  /** Of the strongest of their devices; `offline` where none can be seen. */
  readonly show: Show | 'offline'
  readonly status?: string
  /** The strongest first. */
  readonly devices: readonly ContactDevice[]
}

/** Somebody who wants to see the account's presence, and waits for an answer. */
export interface SubscriptionRequest {
  /** Bare JID. */
  readonly jid: string
  /** What they call themselves (XEP-0172). */
  readonly nick?: string
  readonly status?: string
}

/** What tabs ask of the roster in the worker. */
export type RosterWorkerCalls = {
  list: () => Promise<readonly Contact[]>
  set: (item: { readonly jid: string; readonly name?: string; readonly groups?: readonly string[] }) => Promise<void>
  remove: (jid: string) => Promise<void>
  ask: (to: { readonly jid: string; readonly wanted: boolean; readonly status?: string }) => void
  answer: (to: { readonly jid: string; readonly yes: boolean }) => void
}

export type RosterWorkerEvents = {
  /** When a tab comes, and when everything is another: all that there is. */
  loaded: { readonly contacts: readonly Contact[]; readonly requests: readonly SubscriptionRequest[] }
  /** Somebody is on the roster, or is there otherwise than before; without a contact they are not any more. */
  changed: { readonly jid: string; readonly contact?: Contact }
  /** A contact came, went, or shows something else. */
  presence: { readonly contact: Contact }
  request: SubscriptionRequest
  /** Answered, in whichever tab or device, or taken back. */
  'request-closed': { readonly jid: string }
}

export const ROSTER = 'minimix:roster'
