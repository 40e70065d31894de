// What people say of themselves, as it crosses between worker and tabs.

/** What somebody says of themselves; each field only where they do. */
export interface Profile {
  readonly nick?: string
  readonly fullName?: string
  readonly givenName?: string
  readonly familyName?: string
  /** As they write it; a date by ISO 8601, mostly. */
  readonly birthday?: string
  readonly email?: string
  readonly phone?: string
  readonly url?: string
  readonly organization?: string
  readonly title?: string
  readonly role?: string
  readonly note?: string
}

/** What tabs ask of the profiles in the worker. */
export type ProfileWorkerCalls = {
  get: (jid?: string | null) => Promise<Profile>
  set: (changes: Profile) => Promise<void>
}

export type ProfileWorkerEvents = {
  /** By bare JID, when a tab comes. */
  nicks: ReadonlyMap<string, string>
  /** Somebody calls themselves that from now on (XEP-0172), or nothing. */
  nick: { readonly jid: string; readonly nick?: string }
}

export const PROFILE = 'minimix:profile'
