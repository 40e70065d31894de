import type { Plugin } from '../contract/plugin.ts'
import type { Contact, RosterWorkerCalls, RosterWorkerEvents, SubscriptionRequest } from '../contract/roster.ts'
import { bareJid, mustBe, optional } from './check.ts'
import { Emitter } from './emitter.ts'
import { given } from './given.ts'
import type { HandleOf, PluginHandle } from './plugin-handle.ts'

/** What `account.roster.on(…)` can listen to. */
export type RosterEvents = RosterWorkerEvents

/** Whom the account knows at one moment, by bare JID. */
export interface RosterSnapshot {
  readonly contacts: ReadonlyMap<string, Contact>
  /** Those who wait for an answer. */
  readonly requests: ReadonlyMap<string, SubscriptionRequest>
}

/** Whom the account knows, and who sees whom (RFC 6121). */
export interface RosterCalls {
  /** The state of this moment; the same object until the next change. */
  snapshot(): RosterSnapshot
  /** Calls the listener after changes of `snapshot()`. @returns takes it off again */
  subscribe(listener: () => void): () => void
  on: PluginHandle<RosterWorkerCalls, RosterWorkerEvents>['on']
  /** Waits for the server's word. @throws MinimixError rejects with `offline` where none has come yet */
  list(): Promise<readonly Contact[]>
  /** Puts somebody on the roster, or changes what is given; an empty name is none. */
  set(jid: string, item?: { readonly name?: string; readonly groups?: readonly string[] }): Promise<void>
  /** Takes somebody off, and with that neither sees the other any more. */
  remove(jid: string): Promise<void>
  /** Asks to see somebody's presence, on every device. */
  subscribeTo(jid: string, status?: string): Promise<void>
  unsubscribeFrom(jid: string): Promise<void>
  /** Lets somebody who asked see the account's presence. The first answer of any tab counts. */
  approve(jid: string): Promise<void>
  /** Does not, or not any more. */
  deny(jid: string): Promise<void>
}

export function rosterCalls(untyped: PluginHandle): RosterCalls {
  // The worker's own roster is at the other end of that name.
  const { call, on } = untyped as HandleOf<Plugin<RosterWorkerCalls, RosterWorkerEvents>>
  const contacts = new Map<string, Contact>()
  const requests = new Map<string, SubscriptionRequest>()
  const changes = new Emitter<{ change: undefined }>()
  let snapshot: RosterSnapshot | undefined
  let told = true
  const changed = (): void => {
    snapshot = undefined
    if (!told) return
    told = false
    // Once for all that comes at once.
    queueMicrotask(() => {
      told = true
      changes.emit('change', undefined)
    })
  }
  on('loaded', (all) => {
    contacts.clear()
    requests.clear()
    for (const contact of all.contacts) contacts.set(contact.jid, contact)
    for (const request of all.requests) requests.set(request.jid, request)
    changed()
  })
  on('changed', ({ jid, contact }) => {
    if (contact) contacts.set(jid, contact)
    else contacts.delete(jid)
    changed()
  })
  on('presence', ({ contact }) => {
    contacts.set(contact.jid, contact)
    changed()
  })
  on('request', (request) => {
    requests.set(request.jid, request)
    changed()
  })
  on('request-closed', ({ jid }) => {
    requests.delete(jid)
    changed()
  })
  let wanted = false
  /** Whoever looks wants it: until then the worker does without. */
  const want = (): void => {
    if (wanted) return
    wanted = true
    call('list').catch(() => undefined) // without a connection it comes with the next one
  }
  const done = (called: Promise<unknown>): Promise<void> => called.then(() => undefined)
  const ask = (jid: string, wanted: boolean, status?: string): Promise<void> => {
    optional(status, 'string', 'roster: status')
    return done(call('ask', given({ jid: bareJid(jid, 'roster: jid'), wanted, status })))
  }
  const answer = (jid: string, yes: boolean): Promise<void> =>
    done(call('answer', { jid: bareJid(jid, 'roster: jid'), yes }))
  return {
    snapshot: () => {
      want()
      snapshot ??= { contacts: new Map(contacts), requests: new Map(requests) }
      return snapshot
    },
    subscribe(listener) {
      want()
      return changes.on('change', () => listener())
    },
    on(name, listener, options) {
      want()
      return on(name, listener, options)
    },
    list: () => call('list'),
    set: (jid, { name, groups } = {}) => {
      optional(name, 'string', 'roster.set(…, { name })')
      const areTexts =
        groups === undefined || (Array.isArray(groups) && groups.every((each) => typeof each === 'string'))
      mustBe(areTexts, 'roster.set(…, { groups }) must be a list of texts')
      return done(call('set', given({ jid: bareJid(jid, 'roster.set(jid)'), name, groups })))
    },
    remove: (jid) => done(call('remove', bareJid(jid, 'roster.remove(jid)'))),
    subscribeTo: (jid, status) => ask(jid, true, status),
    unsubscribeFrom: (jid) => ask(jid, false),
    approve: (jid) => answer(jid, true),
    deny: (jid) => answer(jid, false),
  }
}
