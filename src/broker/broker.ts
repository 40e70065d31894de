import type { ConnectionInput } from '../account/connection.ts'
import { type BrokerApi, type CallName, type Calls, CONTRACT_VERSION } from '../contract/api.ts'
import { failure, type Reply } from '../contract/errors.ts'
import type { Inspection } from '../contract/model.ts'
import { bareOf } from '../protocol/jid.ts'
import { readRoomStanza } from '../protocol/room-stanza.ts'
import { presence, readEnvelope } from '../protocol/stanza.ts'
import type { XmlNode } from '../protocol/xml.ts'
import { type CallId, type Context, type Input, newRoom, type Room, type TabId } from '../rooms/room.ts'
import { step } from '../rooms/step.ts'
import type { Store } from '../storage/store.ts'
import { CommitQueue } from './commit-queue.ts'
import { Log } from './log.ts'
import type { Clock, EventPort, Locks, Stream, Upstream } from './ports.ts'
import { Requests } from './requests.ts'
import { answerRequest } from './responder.ts'
import { perform, type RoomWorld } from './room-effects.ts'
import { Session } from './session.ts'
import { TabLink } from './tab-link.ts'
import { Tabs } from './tabs.ts'
import { Timers } from './timers.ts'

export interface BrokerOptions {
  /** Bare JID. */
  readonly account: string
  /** A name for this life of the worker. */
  readonly instance: string
  readonly engine: Inspection['engine']
  readonly upstream: Upstream
  readonly store: Store
  readonly clock: Clock
  readonly locks: Locks
}

/** A tab as the door sees it. */
export interface AttachedTab {
  readonly api: BrokerApi
  /** The tab has handled its events up to this number. */
  readonly acknowledge: (seq: number) => void
  /** It is gone, or has another way to the broker now. */
  readonly detach: () => void
}

type Happening =
  | { readonly on: 'call'; readonly tab: TabId; readonly call: CallId; readonly request: Request }
  | { readonly on: 'tab-gone'; readonly tab: TabId }
  | { readonly on: 'stanza'; readonly stanza: XmlNode; readonly stream: Stream }
  | { readonly on: 'connection'; readonly input: ConnectionInput; readonly stream: Stream | undefined }
  | { readonly on: 'room'; readonly room: string; readonly input: Input }
  | { readonly on: 'nobody' }

type Request = { [N in CallName]: { readonly name: N; readonly args: Calls[N]['args'] } }[CallName]

/** After the last tab is gone, until the person's wish for that case is carried out. */
const LAST_TAB_MS = 12_000

/**
 * The account's one engine: every stanza, call, timer and death of a tab becomes a happening on one queue, and is dealt
 * with before the next. It owns the state; nobody else changes it.
 */
export class Broker {
  readonly #options: BrokerOptions
  readonly #rooms = new Map<string, Room>()
  readonly #tabs = new Tabs()
  readonly #timers: Timers
  readonly #requests: Requests
  readonly #log: Log
  readonly #session: Session
  readonly #world: RoomWorld
  readonly #queue: Happening[] = []
  readonly #counts = { joins: 0, leaves: 0 }
  readonly #upSinceMs: number
  #onLastTab: 'linger' | 'leave' = 'linger'
  #busy = false

  constructor(options: BrokerOptions) {
    const { account, clock, locks, store, upstream } = options
    const log = (level: 'error' | 'info' | 'debug', text: string): void => this.#log.add(level, text)
    this.#options = options
    this.#upSinceMs = clock.nowMs()
    this.#timers = new Timers(clock)
    this.#requests = new Requests(clock)
    this.#log = new Log(clock)
    const commits = new CommitQueue(
      (ops) => store.write(ops),
      (error, lost) => log('error', `archive: a write of ${lost} failed (${String(error)})`),
    )
    this.#session = new Session({
      account,
      upstream,
      locks,
      clock,
      log,
      happened: (input, stream) => this.#happened({ on: 'connection', input, stream }),
      onStanza: (stanza, stream) => this.#happened({ on: 'stanza', stanza, stream }),
      onOnline: () => this.#online(),
      onLost: () => this.#lost(),
      onStatus: (status, error) =>
        commits.after(() => this.#tabs.announce({ kind: 'status', status, ...(error && { error }) })),
    })
    this.#world = {
      store,
      commits,
      tabs: this.#tabs,
      timers: this.#timers,
      clock,
      send: (stanza) => this.#session.send(stanza),
      request: (stanza, ms, onAnswer) => this.#request(stanza, ms, onAnswer),
      happened: (room, input) => this.#happened({ on: 'room', room, input }),
      log,
      counted: (what) => {
        this.#counts[what] += 1
      },
    }
  }

  /** A tab has said hello, over this way for events. One that is here already begins anew. */
  attach(tab: TabId, port: EventPort): AttachedTab {
    if (this.#tabs.has(tab)) this.#tabGone(tab)
    const link = new TabLink(tab, this.#options.instance, port, this.#options.clock)
    this.#tabs.add(link)
    this.#timers.stop('nobody')
    link.push({ kind: 'status', status: this.#session.status })
    link.push({ kind: 'memberships', rooms: this.#memberships() })
    return {
      api: { call: (name, args) => this.#call(tab, link, name, args) },
      acknowledge: (seq) => link.acknowledge(seq),
      detach: () => {
        if (this.#tabs.link(tab) === link) this.#happened({ on: 'tab-gone', tab })
      },
    }
  }

  #call<N extends CallName>(
    tab: TabId,
    link: TabLink,
    name: N,
    args: Calls[N]['args'],
  ): Promise<Reply<Calls[N]['value']>> {
    return new Promise((resolve) => {
      if (this.#tabs.link(tab) !== link) {
        resolve({ ok: false, error: failure('worker-gone', `${name}: the tab is not attached`), afterSeq: 0 })
        return
      }
      const call = this.#tabs.openCall(tab, (reply) => resolve(reply as Reply<Calls[N]['value']>))
      this.#happened({ on: 'call', tab, call, request: { name, args } as Request })
    })
  }

  /** One happening after the other: what one of them causes waits for its turn. */
  #happened(happening: Happening): void {
    this.#queue.push(happening)
    if (this.#busy) return
    this.#busy = true
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      try {
        this.#handle(next)
      } catch (error) {
        this.#log.add('error', `${next.on}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
      }
    }
    this.#busy = false
  }

  #handle(happening: Happening): void {
    switch (happening.on) {
      case 'call':
        this.#answer(happening.tab, happening.call, happening.request)
        return
      case 'tab-gone':
        this.#tabGone(happening.tab)
        return
      case 'stanza':
        if (this.#session.isCurrent(happening.stream)) this.#stanza(happening.stanza)
        return
      case 'connection':
        this.#session.step(happening.input, happening.stream)
        return
      case 'room':
        this.#stepRoom(happening.room, happening.input)
        return
      case 'nobody':
        this.#nobody()
    }
  }

  #answer(tab: TabId, call: CallId, request: Request): void {
    const { name, args } = request
    switch (name) {
      case 'signIn':
        this.#onLastTab = args.onLastTab
        this.#session.signIn(args, (error) => {
          if (error) this.#tabs.fail(call, error)
          else this.#tabs.answer(call, { status: this.#session.status })
        })
        return
      case 'join': {
        const ask = { nick: args.nick, password: args.password, history: args.history, after: args.after }
        this.#stepRoom(args.room, { on: 'tab-joins', tab, call, ask })
        return
      }
      case 'leave':
        this.#stepRoom(args.room, {
          on: 'tab-leaves',
          tab,
          call,
          status: args.status,
          everywhere: args.everywhere ?? false,
        })
        return
      case 'send':
        this.#stepRoom(args.room, { on: 'tab-sends', tab, call, id: args.id, body: args.body, waitMs: args.waitMs })
        return
      case 'inspect':
        this.#tabs.answer(call, this.#inspection())
        return
      case 'detach':
        this.#tabs.answer(call, null)
        this.#tabGone(tab)
        return
      case 'logout':
        this.#logout(tab, call)
        return
    }
  }

  #stepRoom(roomJid: string, input: Input): void {
    const room = this.#rooms.get(roomJid) ?? newRoom(roomJid)
    this.#rooms.set(roomJid, room)
    perform(step(room, input, this.#context()), room, this.#world)
    if (room.occupancy.at === 'out' && room.holds.size === 0) this.#rooms.delete(roomJid)
  }

  #context(): Context {
    const { account, clock } = this.#options
    return {
      nowMs: clock.nowMs(),
      newId: () => clock.newId(),
      account,
      online: this.#session.online,
      lingering: this.#tabs.size === 0 && this.#onLastTab === 'linger',
    }
  }

  #stanza(stanza: XmlNode): void {
    const envelope = readEnvelope(stanza)
    if (!envelope) return
    if (envelope.kind === 'iq') {
      if (envelope.type === 'result' || envelope.type === 'error') this.#requests.answer(envelope, stanza)
      else {
        const answer = answerRequest(envelope, stanza)
        if (answer) this.#session.send(answer)
      }
      return
    }
    const roomJid = envelope.from && bareOf(envelope.from)
    if (!roomJid || !this.#rooms.has(roomJid)) return
    const meaning = readRoomStanza(stanza, roomJid)
    if (meaning) this.#stepRoom(roomJid, { on: 'stanza', stanza: meaning })
  }

  #request(stanza: XmlNode, ms: number, onAnswer: (answer: XmlNode | undefined) => void): void {
    if (!this.#session.online) {
      onAnswer(undefined)
      return
    }
    this.#requests.expect(stanza, this.#options.account, ms, onAnswer)
    this.#session.send(stanza)
  }

  #online(): void {
    this.#session.send(presence({}))
    for (const roomJid of this.#rooms.keys()) this.#stepRoom(roomJid, { on: 'stream', is: 'online' })
  }

  #lost(): void {
    this.#requests.endAll()
    for (const roomJid of this.#rooms.keys()) this.#stepRoom(roomJid, { on: 'stream', is: 'lost' })
  }

  #tabGone(tab: TabId): void {
    this.#tabs.remove(tab)
    for (const [roomJid, room] of this.#rooms) if (room.holds.has(tab)) this.#stepRoom(roomJid, { on: 'tab-gone', tab })
    if (this.#tabs.size === 0) this.#timers.start('nobody', LAST_TAB_MS, () => this.#happened({ on: 'nobody' }))
  }

  /** No tab has come back. `linger` leaves the session to the worker's end and the server's patience. */
  #nobody(): void {
    if (this.#tabs.size > 0 || this.#onLastTab === 'linger') return
    this.#world.commits.after(() => this.#session.signOut())
  }

  #logout(tab: TabId, call: CallId): void {
    for (const [roomJid, room] of this.#rooms) {
      if (room.holds.size === 0) continue
      const silent = this.#tabs.openCall(tab, () => undefined)
      this.#stepRoom(roomJid, { on: 'tab-leaves', tab, call: silent, status: undefined, everywhere: true })
    }
    this.#world.commits.after(() => {
      this.#session.signOut()
      this.#tabs.answer(call, null)
    })
  }

  #memberships(): { room: string; nick: string }[] {
    const joined = [...this.#rooms.values()].filter(
      (room) => room.occupancy.at === 'in' || room.occupancy.at === 'interrupted',
    )
    return joined.map((room) => ({ room: room.jid, nick: room.roster.ownNick ?? '' }))
  }

  #inspection(): Inspection {
    const { instance, engine, store, upstream } = this.#options
    const rooms = [...this.#rooms.values()]
    return {
      instance,
      contract: CONTRACT_VERSION,
      upSinceMs: this.#upSinceMs,
      status: this.#session.status,
      engine,
      storage: store.kind,
      wire: { ...upstream.figures(), ...this.#counts },
      tabs: this.#tabs.all.map((link) => ({
        id: link.id,
        rooms: rooms.filter((room) => room.holds.has(link.id)).map((room) => room.jid),
        ...link.figures,
      })),
      rooms: rooms.map((room) => ({
        jid: room.jid,
        phase: room.occupancy.at,
        ...(room.roster.ownNick !== undefined && { nick: room.roster.ownNick }),
        occupants: room.roster.byNick.size,
        tabs: room.holds.size,
      })),
      log: this.#log.records,
    }
  }
}
