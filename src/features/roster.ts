import {
  allContacts,
  closedBy,
  contactOf,
  noContacts,
  takeItem,
  takePresence,
  takeRequest,
  takeRoster,
} from '../account/contacts.ts'
import { failure, MinimixError } from '../contract/errors.ts'
import type { Envelope, Plugin, PluginParts, PluginWorker } from '../contract/plugin.ts'
import {
  type Contact,
  type ContactDevice,
  ROSTER,
  type RosterWorkerCalls,
  type RosterWorkerEvents,
  type SubscriptionRequest,
} from '../contract/roster.ts'
import { bareOf } from '../protocol/jid.ts'
import {
  NS_ROSTER,
  type RosterItem,
  readRoster,
  readShown,
  rosterQuery,
  rosterRemove,
  rosterSet,
  subscriptionPresence,
} from '../protocol/roster.ts'
import { readNick } from '../protocol/xep-0172-nick.ts'
import { child, type XmlNode } from '../protocol/xml.ts'

interface RosterRow {
  readonly ver: string | undefined
  readonly items: readonly RosterItem[]
}

/** What a session leaves for the worker that goes on with it: the server says it once. */
interface SessionRow {
  readonly devices: ReadonlyMap<string, ReadonlyMap<string, ContactDevice>>
  readonly requests: ReadonlyMap<string, SubscriptionRequest>
}

/** Whom the account knows (RFC 6121). */
export const roster: Plugin<RosterWorkerCalls, RosterWorkerEvents> = {
  name: ROSTER,
  start: (worker) => new Roster(worker).parts,
}

class Roster {
  readonly #worker: PluginWorker<RosterWorkerEvents>
  readonly #contacts = noContacts()
  readonly #loaded: Promise<void>
  /** What the worker before left of its session. */
  #before: SessionRow | undefined
  /** The session of the worker before is over, or goes on here. */
  #begun = false
  /** Ends with the answer of the server, or without one; it never fails. */
  #read: Promise<void> = Promise.resolve()
  /** This worker has had the server's word in its life. */
  #fresh = false
  #unsaved = false
  /** What is told as soon as the roster is stored as it is now. */
  readonly #untold: (() => void)[] = []
  #writing = false

  constructor(worker: PluginWorker<RosterWorkerEvents>) {
    this.#worker = worker
    this.#loaded = this.#load().catch((error: unknown) => worker.log('error', `not read: ${String(error)}`))
  }

  get parts(): PluginParts<RosterWorkerCalls> {
    return {
      calls: {
        list: () => this.#list(),
        set: (item) => this.#set(item),
        remove: (jid) => this.#remove(jid),
        ask: (to) => this.#ask(to),
        answer: (to) => this.#answer(to),
      },
      online: (resumed) => this.#online(resumed),
      lost: () => this.#forgetSession(),
      attached: (tab) => void this.#loaded.then(() => this.#worker.tell('loaded', this.#all, tab)),
      save: () => this.#save(),
      stanza: (stanza, envelope) => this.#stanza(stanza, envelope),
      request: (iq, envelope) => this.#pushed(iq, envelope),
    }
  }

  get #all(): RosterWorkerEvents['loaded'] {
    return { contacts: allContacts(this.#contacts), requests: [...this.#contacts.requests.values()] }
  }

  async #load(): Promise<void> {
    const { kept } = this.#worker
    // Only this plug-in writes what it reads here.
    const row = (await kept.get('roster')) as RosterRow | undefined
    if (row && !this.#contacts.complete) takeRoster(this.#contacts, row.items, row.ver)
    this.#before = (await kept.get('session')) as SessionRow | undefined
  }

  #online(resumed: boolean): void {
    if (!resumed) this.#forgetSession()
    else if (!this.#begun) void this.#loaded.then(() => this.#goOn())
    if (!resumed || !this.#fresh) this.#read = this.#fetch()
  }

  /** The session of the worker before goes on: what has come since is newer than what it left. */
  #goOn(): void {
    if (this.#begun) return
    this.#begun = true
    const { devices, requests } = this.#contacts
    for (const [jid, theirs] of this.#before?.devices ?? []) if (!devices.has(jid)) devices.set(jid, new Map(theirs))
    for (const [jid, request] of this.#before?.requests ?? []) if (!requests.has(jid)) requests.set(jid, request)
    this.#worker.tell('loaded', this.#all)
  }

  async #fetch(): Promise<void> {
    await this.#loaded
    const { complete, ver } = this.#contacts
    // A server that has given a version keeps them.
    const known = complete && ver !== undefined ? ver : this.#worker.versionsRosters ? '' : undefined
    try {
      const found = readRoster(await this.#worker.request({ type: 'get', payload: rosterQuery(known) }))
      this.#fresh = true
      // As we have it, where we have one.
      if (!found && known) return
      takeRoster(this.#contacts, found?.items ?? [], found?.ver)
      this.#tellStored(() => this.#worker.tell('loaded', this.#all))
    } catch (error) {
      if (!(error instanceof MinimixError)) throw error
      this.#worker.log('info', `not read: ${error.message}`)
    }
  }

  async #list(): Promise<readonly Contact[]> {
    await this.#loaded
    await this.#read
    if (!this.#contacts.complete) throw new MinimixError(failure('offline', 'roster: not read yet'))
    return allContacts(this.#contacts)
  }

  async #set({ jid, name, groups }: Parameters<RosterWorkerCalls['set']>[0]): Promise<void> {
    this.#mustBeOnline(`set ${jid}`)
    const before = this.#contacts.items.get(jid)
    const called = name ?? before?.name
    const item = { jid, ...(called && { name: called }), groups: groups ?? before?.groups ?? [] }
    const { subscription = 'none', ask = false } = before ?? {}
    await this.#request(rosterSet(item), { ...item, subscription, ask })
  }

  async #remove(jid: string): Promise<void> {
    this.#mustBeOnline(`remove ${jid}`)
    await this.#request(rosterRemove(jid), { jid, groups: [], subscription: 'remove', ask: false })
  }

  /** What the server says of the contact meanwhile is newer than what was asked for. */
  async #request(payload: XmlNode, item: RosterItem): Promise<void> {
    const { items } = this.#contacts
    const before = items.get(item.jid)
    await this.#worker.request({ type: 'set', payload })
    if (items === this.#contacts.items && items.get(item.jid) === before) await this.#changed(item)
    else await this.#tellStored(() => undefined)
  }

  #ask({ jid, wanted, status }: Parameters<RosterWorkerCalls['ask']>[0]): void {
    this.#mustBeOnline(`ask ${jid}`)
    // A presence to a room is for the room's own calls.
    if (this.#worker.isRoom(jid)) throw new MinimixError(failure('not-acceptable', `roster: ${jid} is a room`))
    this.#worker.send(subscriptionPresence(jid, wanted ? 'subscribe' : 'unsubscribe', status))
  }

  /** The first answer counts: whoever comes later finds it done. */
  #answer({ jid, yes }: Parameters<RosterWorkerCalls['answer']>[0]): void {
    this.#mustBeOnline(`answer ${jid}`)
    const asked = this.#contacts.requests.delete(jid)
    const subscription = this.#contacts.items.get(jid)?.subscription
    const seesUs = subscription === 'from' || subscription === 'both'
    if (asked || (!yes && seesUs)) this.#worker.send(subscriptionPresence(jid, yes ? 'subscribed' : 'unsubscribed'))
    if (asked) this.#closed(jid)
  }

  #closed(jid: string): void {
    this.#unsaved = true
    this.#worker.tell('request-closed', { jid })
  }

  #mustBeOnline(what: string): void {
    if (!this.#worker.online) throw new MinimixError(failure('offline', `roster: ${what}: there is no connection`))
  }

  #stanza(stanza: XmlNode, { kind, from, type }: Envelope): boolean {
    const { account, isRoom } = this.#worker
    if (kind !== 'presence' || from === undefined) return false
    const jid = bareOf(from)
    if (jid === account || isRoom(jid)) return false
    switch (type) {
      case 'subscribe':
        this.#requested(jid, stanza)
        return true
      case 'unsubscribe':
        if (this.#contacts.requests.delete(jid)) this.#closed(jid)
        return true
      case 'subscribed':
      case 'unsubscribed':
        // What that does to the roster the server says itself (section 3).
        return true
      case undefined:
      case 'unavailable':
        this.#present(from, jid, type === undefined ? readShown(stanza) : undefined)
        return this.#contacts.items.has(jid)
      default:
        return false
    }
  }

  #requested(jid: string, stanza: XmlNode): void {
    const { status } = readShown(stanza)
    const nick = readNick(stanza)
    const words = { jid, ...(nick && { nick }), ...(status !== undefined && { status }) }
    const request = takeRequest(this.#contacts, words)
    if (!request) return
    this.#unsaved = true
    this.#worker.tell('request', request)
  }

  #present(from: string, jid: string, shown: Omit<ContactDevice, 'resource'> | undefined): void {
    if (!takePresence(this.#contacts, from, shown)) return
    this.#unsaved = true
    const contact = contactOf(this.#contacts, jid)
    if (contact) this.#worker.tell('presence', { contact })
  }

  /** Only the account itself keeps its roster (section 2.1.6): a push of anybody else is forged. */
  #pushed(iq: XmlNode, { from, type }: Envelope): readonly XmlNode[] | undefined {
    if (type !== 'set' || !child(iq, NS_ROSTER, 'query')) return undefined
    const push = readRoster(iq)
    const [item, ...more] = push?.items ?? []
    if ((from !== undefined && from !== this.#worker.account) || !item || more.length > 0) {
      this.#worker.log('info', `a push of ${from ?? 'nobody'} is none, and changes nothing`)
      return undefined
    }
    this.#contacts.ver = push?.ver ?? this.#contacts.ver
    void this.#changed(item)
    return []
  }

  /** Told once, by whichever comes first, the server's push or its answer. */
  #changed(item: RosterItem): Promise<void> {
    const { jid } = item
    const changed = takeItem(this.#contacts, item)
    if (closedBy(this.#contacts, item)) this.#closed(jid)
    return this.#tellStored(() => {
      const contact = contactOf(this.#contacts, jid)
      if (changed) this.#worker.tell('changed', { jid, ...(contact && { contact }) })
    })
  }

  /** All that comes during a write goes into the next. */
  #tellStored(tell: () => void): Promise<void> {
    return new Promise((resolve) => {
      this.#untold.push(() => {
        tell()
        resolve()
      })
      if (!this.#writing) void this.#write()
    })
  }

  async #write(): Promise<void> {
    this.#writing = true
    // What is not read yet must not be written over.
    await this.#loaded
    while (this.#untold.length > 0) {
      const tells = this.#untold.splice(0)
      const { ver, items } = this.#contacts
      await this.#keep('roster', { ver, items: [...items.values()] })
      for (const tell of tells) tell()
    }
    this.#writing = false
  }

  /** Presence is of one session, and requests come again with the next. */
  #forgetSession(): void {
    this.#begun = true
    const { devices, requests } = this.#contacts
    const had = devices.size + requests.size > 0
    devices.clear()
    requests.clear()
    this.#unsaved = true
    if (had) this.#worker.tell('loaded', this.#all)
  }

  #save(): void {
    if (!this.#unsaved) return
    this.#unsaved = false
    const { devices, requests } = this.#contacts
    void this.#keep('session', { devices, requests })
  }

  /** What cannot be stored is told all the same. */
  async #keep(key: string, value: RosterRow | SessionRow): Promise<void> {
    await this.#worker.kept.set(key, value).catch((error: unknown) => {
      this.#worker.log('error', `${key} is not stored: ${String(error)}`)
    })
  }
}
