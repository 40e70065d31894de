import type { CallName, Calls, TabEvent } from '../contract/api.ts'
import { type Failure, failure, type Reply } from '../contract/errors.ts'
import type { LogLevel } from '../contract/model.ts'
import type { Bookmark } from '../protocol/xep-0402-bookmarks.ts'
import type { XmlNode } from '../protocol/xml.ts'
import type { Input } from '../rooms/inputs.ts'
import type { Room, TabId } from '../rooms/room.ts'
import { Account } from './account.ts'
import { suppressedRooms } from './account-bookmarks.ts'
import { Archive } from './archive.ts'
import { ArchivePages } from './archive-pages.ts'
import type { AttachedTab, BrokerOptions } from './broker-options.ts'
import { ClientState } from './client-state.ts'
import { CommitQueue } from './commit-queue.ts'
import { Conversations } from './conversations.ts'
import { DirectedPresence } from './directed-presence.ts'
import { type Happening, happeningName } from './happening.ts'
import { History } from './history.ts'
import { Identity } from './identity.ts'
import { type Receivers, receive } from './incoming.ts'
import { takeOver } from './inheritance.ts'
import { inspection } from './inspection.ts'
import { LastTab } from './last-tab.ts'
import { callsLater, LATE_PLUGINS, LateParts, meansLater } from './later.ts'
import { describe, Log } from './log.ts'
import { logout } from './logout.ts'
import { watchEnd } from './own-ends.ts'
import { sayFor } from './plugin-words.ts'
import { Plugins, type PluginsWorld } from './plugins.ts'
import type { EventPort } from './ports.ts'
import { Queue } from './queue.ts'
import { Remembered } from './remembered.ts'
import { type OnAnswer, Requests } from './requests.ts'
import { Keeper } from './retention.ts'
import { contextOf } from './room-context.ts'
import type { RoomWorld } from './room-effects.ts'
import { Rooms } from './rooms.ts'
import { Seeking } from './seeking.ts'
import { Session } from './session.ts'
import { SignIns } from './sign-ins.ts'
import { SlowCalls } from './slow-calls.ts'
import { answerCall, type Desk, type TabRequest } from './tab-calls.ts'
import { TabLink } from './tab-link.ts'
import { Tabs } from './tabs.ts'
import { Targets } from './targets.ts'
import { Timers } from './timers.ts'
import { turnsOver } from './turns.ts'

export type { AttachedTab, BrokerOptions } from './broker-options.ts'

const REQUEST_MS = 20_000
const FULL = failure('storage-full', 'the disk is full: the oldest messages are not kept here any more')

/**
 * The account's one engine: every stanza, call, timer and death of a tab becomes a happening on one queue, and is dealt
 * with before the next. It owns the state; nobody else changes it.
 */
export class Broker {
  readonly #options: BrokerOptions
  readonly #rooms: Rooms
  readonly #late: LateParts
  readonly #conversations: Conversations
  readonly #tabs = new Tabs(
    () => this.#clientState.changed(),
    (event) => this.#plugins.announced(event),
  )
  readonly #timers: Timers
  readonly #requests: Requests
  readonly #log: Log
  readonly #slowCalls: SlowCalls
  readonly #session: Session
  readonly #identity: Identity
  readonly #clientState: ClientState
  readonly #signIns: SignIns
  readonly #account: Account
  readonly #directed: DirectedPresence
  readonly #commits: CommitQueue
  readonly #seeking: Seeking
  readonly #desk: Desk
  readonly #plugins: Plugins
  readonly #receivers: Receivers
  readonly #queue: Queue<Happening>
  readonly #counts = { joins: 0, leaves: 0 }
  readonly #lastTab: LastTab
  /** Another engine has the account. */
  #over = false
  #wiped = false

  constructor(options: BrokerOptions) {
    const { account, clock, store, caps } = options
    this.#options = options
    this.#timers = new Timers(clock)
    this.#requests = new Requests(clock)
    this.#log = options.log ?? new Log(clock)
    const log = (level: LogLevel, text: string): void => this.#log.add(level, text)
    this.#slowCalls = new SlowCalls(clock, log)
    const send = (stanza: XmlNode): void => this.#session.send(stanza)
    const request = (stanza: XmlNode, ms: number, onAnswer: OnAnswer): void => this.#request(stanza, ms, onAnswer)
    const stepRoom = (room: string, input: Input): void => this.#queue.push({ on: 'room', room, input })
    const stepRooms = (input: Input): void => this.#conversations.stepAll(input)
    this.#queue = new Queue({
      handle: (happening) => this.#handle(happening),
      onError: (happening, error) => this.#failed(happening, error),
      clock,
      onLong: (happening, ms) => log('warn', `${happeningName(happening)}: took ${ms} ms`),
    })
    this.#lastTab = new LastTab(this.#tabs, this.#timers, () => this.#queue.push({ on: 'nobody' }))
    const announce = (event: TabEvent): void => this.#commits.after(() => this.#tabs.announce(event))
    const keeper = new Keeper(
      { store, clock, happened: stepRoom, onFull: () => announce({ kind: 'error', error: FULL }), log },
      options.retention ?? {},
    )
    const commits = new CommitQueue(
      (ops) => keeper.write(ops),
      (error, lost) => log('error', `archive: a write of ${lost} failed (${String(error)})`),
      (error) => log('error', `after a write: ${describe(error)}`),
    )
    this.#commits = commits
    const tellTab = (tab: TabId, event: TabEvent): boolean => {
      commits.after(() => this.#tabs.tell([tab], event))
      return this.#tabs.has(tab)
    }
    const save = (mechanism: string): void => commits.add({ put: 'strongest', mechanism })
    const isShown = (): boolean => this.#tabs.anyShown
    this.#identity = new Identity({ account, upstream: options.upstream, save, isShown })
    this.#clientState = new ClientState({ isShown, say: (word) => this.#session.say(word) })
    const ownJid = (): string => this.#identity.bareJid
    this.#session = this.#newSession(log, announce)
    this.#signIns = new SignIns({
      account,
      session: this.#session,
      prints: options.passwords,
      clock,
      ask: (among) => {
        const tab = this.#tabs.last(among)
        if (tab !== undefined) tellTab(tab, { kind: 'password-wanted' })
        return tab
      },
    })
    const isRoom = (jid: string): boolean => this.#rooms.mayBe(jid)
    this.#directed = new DirectedPresence(send, isRoom)
    const online = (): boolean => this.#session.online
    const isIn = (room: string): boolean => this.#rooms.isIn(room)
    this.#account = new Account({
      ownJid,
      clock,
      caps,
      online,
      send,
      request,
      announce,
      tellTab,
      stepRoom,
      stepRooms,
      isIn,
      isChat: (jid) => this.#conversations.isChat(jid),
      copied: (message) => this.#conversations.chats?.stanza(message, true) ?? false,
      suppressed: suppressedRooms(store, commits),
      log,
    })
    const room = (jid: string): Room | undefined => this.#conversations.get(jid)
    const ask = (stanza: XmlNode, onAnswer: OnAnswer): void =>
      request(stanza, REQUEST_MS, watchEnd(stanza, onAnswer, stepRoom))
    // What rooms are about to send waits for the store: what a tab asks for then goes out behind it.
    const askInTurn: Desk['ask'] = (stanza, onAnswer) => {
      const heard = watchEnd(stanza, onAnswer, stepRoom)
      commits.after(() => request(stanza, REQUEST_MS, heard))
    }
    const plugins = options.plugins ?? []
    const setBookmark = (bookmark: Bookmark): Promise<Failure | undefined> => this.#account.bookmarks.set(bookmark)
    const forget = (jid: string): void => this.#requests.forget(jid)
    const say = (...words: Parameters<PluginsWorld['say']>): void =>
      sayFor({ tabs: this.#tabs, late: this.#late, conversations: this.#conversations, stepRoom }, ...words)
    const told = { announce, tellTab, log, isIn, setBookmark, forget, say }
    const versionsRosters = (): boolean => this.#identity.bound.rosterVersions ?? false
    const present = (part: string, words: XmlNode | undefined): void => this.#account.present(part, words)
    const isLate = (plugin: string): boolean => !this.#late.parts && LATE_PLUGINS.includes(plugin)
    const facts = { ownJid, online, versionsRosters, isRoom, isLate, clock, store }
    this.#plugins = new Plugins(plugins, { ...facts, ...told, present, send, ask })
    const pages = new ArchivePages({ newId: () => clock.newId(), ownJid, request })
    const page: ArchivePages['page'] = (jid, wish) =>
      ((this.#conversations.isChat(jid) && this.#conversations.chats) || pages).page(jid, wish)
    const inTurn = turnsOver(commits)
    const isOpen = (jid: string): boolean => room(jid) !== undefined
    this.#seeking = new Seeking({ store, commits, inTurn, clock, isOpen, happened: stepRoom, log })
    const archive = new Archive({ pages: { page }, store, commits, inTurn, room, happened: stepRoom })
    const history = new History({
      store,
      archive,
      room,
      whenKnown: async (jid) => this.#conversations.chats?.whenKnown(jid),
    })
    const world: RoomWorld = {
      store,
      commits,
      seeking: this.#seeking,
      archive,
      tabs: this.#tabs,
      timers: this.#timers,
      clock,
      send,
      session: () => this.#session.number,
      request,
      forget,
      displayed: this.#account.displayed,
      stopAutojoin: (room, how) => this.#account.bookmarks.stopAutojoin(room, how),
      happened: stepRoom,
      log,
      counted: (what) => {
        this.#counts[what] += 1
      },
    }
    const context = contextOf({
      ...options,
      ownJid,
      isBlocked: (jid) => this.#account.blocking.has(jid),
      notifyWhen: (room) => this.#plugins.notifyWhen(room),
      presence: () => this.#account.presence,
      more: () => this.#account.more,
      hiddenTabs: () => this.#tabs.hidden,
      online: () => this.#session.online,
      lingering: () => this.#tabs.size === 0 && this.#lastTab.wish === 'linger',
    })
    this.#rooms = new Rooms(world, context, (room) => {
      this.#account.closeInvite(room)
      this.#plugins.entered(room)
    })
    this.#conversations = new Conversations(this.#rooms)
    this.#late = new LateParts(
      {
        load: options.loadLater ?? (() => Promise.reject(new Error('there is none'))),
        chats: {
          rooms: world,
          context,
          pages,
          ownJid,
          managed: () => this.#session.managed,
          askHandled: () => this.#session.askHandled(),
          isRoom,
        },
        conversations: this.#conversations,
        plugins: this.#plugins,
        tabs: this.#tabs,
        session: this.#session,
        commits,
        clock,
        log,
      },
      options.later,
    )
    const known = { ...options, upSinceMs: clock.nowMs(), log: this.#log, counts: this.#counts }
    const leaving = {
      rooms: this.#rooms,
      tabs: this.#tabs,
      session: this.#session,
      commits,
      store,
      onWiped: () => {
        this.#wiped = true
        this.#plugins.end()
      },
    }
    this.#desk = {
      tabs: this.#tabs,
      session: this.#session,
      signIns: this.#signIns,
      account: this.#account,
      directed: this.#directed,
      history,
      search: (wanted) => store.search(wanted),
      chats: () => this.#conversations.chats,
      questions: () => this.#late.parts?.questions,
      targets: new Targets(store, room),
      room,
      stepRoom: (room, input) => this.#conversations.step(room, input),
      stepRooms,
      nickIn: (room, tab) => this.#rooms.nickIn(room, tab),
      ask: askInTurn,
      plugins: this.#plugins,
      newId: () => clock.newId(),
      inspect: () => inspection(known, this.#session, this.#tabs, this.#rooms.all),
      blocked: this.#options.blocked ?? false,
      signedIn: ({ onLastTab }) => {
        this.#lastTab.wish = onLastTab
      },
      tabGone: (tab) => this.#tabGone(tab),
      logout: (tab, call, wipe) => logout(leaving, tab, call, wipe),
    }
    this.#receivers = {
      session: this.#session,
      requests: this.#requests,
      pages,
      rooms: this.#rooms,
      account: this.#account,
      conversations: this.#conversations,
      plugins: this.#plugins,
      clock,
      later: (envelope, stanza) => (meansLater(envelope, stanza, ownJid(), isRoom) ? this.#late.need() : undefined),
      features: plugins.flatMap(({ features }) => features ?? []),
      onStanza: (stanza, handled) => {
        if (this.#tabs.anyListens) commits.after(() => this.#tabs.tellListeners({ kind: 'stanza', stanza, handled }))
      },
    }
  }

  #newSession(log: (level: LogLevel, text: string) => void, announce: (event: TabEvent) => void): Session {
    const { account, store, clock } = this.#options
    return new Session({
      account,
      upstream: this.#identity.upstream,
      clock,
      log,
      happened: (input, stream) => this.#queue.push({ on: 'connection', input, stream }),
      onStanza: (stanza, stream) => this.#queue.push({ on: 'stanza', stanza, stream }),
      restore: () => takeOver({ store, rooms: this.#rooms, seeking: this.#seeking, identity: this.#identity, log }),
      remembered: new Remembered({ account, store, clock, log }),
      save: (row) => {
        if (row) {
          this.#rooms.saveOccupants()
          this.#plugins.save()
        }
        this.#commits.add({ put: 'session', row })
      },
      afterSaved: (run) => this.#commits.after(run),
      onSuspended: () => this.#conversations.streamIs('suspended'),
      onHandled: (stanzas) => this.#conversations.chats?.handled(stanzas),
      onResumed: (restored) => {
        if (restored) announce({ kind: 'memberships', rooms: this.#rooms.memberships })
        this.#account.resumed(restored)
        this.#plugins.online(true)
        this.#clientState.online(this.#identity.bound)
        this.#conversations.streamIs('resumed', restored)
        if (restored) void this.#late.look()
      },
      onOnline: () => {
        this.#account.online(this.#identity.bound.carbons ?? false)
        this.#plugins.online(false)
        this.#clientState.online(this.#identity.bound)
        this.#conversations.streamIs('online')
        void this.#late.look()
      },
      onLost: () => {
        this.#requests.endAll()
        this.#directed.lost()
        this.#plugins.lost()
        this.#conversations.streamIs('lost')
      },
      onStatus: (status, error) => {
        announce({ kind: 'status', status, ...(error && { error }) })
        this.#signIns.statusIs(status)
      },
    })
  }

  /** Nothing of the account is left here: whoever signs in again gets another broker. */
  get wiped(): boolean {
    return this.#wiped
  }

  /** A tab has said hello, over this way for events. One that is here already begins anew. */
  attach(tab: TabId, port: EventPort): AttachedTab {
    if (this.#tabs.has(tab)) this.#tabGone(tab)
    const { instance, clock } = this.#options
    const link = new TabLink(tab, instance, port, clock, () => this.#queue.push({ on: 'tab-back', link }))
    this.#tabs.add(link)
    this.#lastTab.came()
    this.#tellAccount(link)
    for (const invite of this.#account.invites) link.push({ kind: 'invite', invite })
    return {
      api: { call: (name, args) => this.#call(tab, link, name, args) },
      acknowledge: (seq) => link.acknowledge(seq),
      suspend: () => {
        link.close()
        this.#lastTab.went()
      },
      detach: () => {
        if (this.#tabs.link(tab) === link) this.#queue.push({ on: 'tab-gone', tab })
      },
    }
  }

  /** A tab that had fallen behind: what is on its way to it by now it is shown anyway, what comes then it is told. */
  #tabBack(link: TabLink): void {
    if (this.#tabs.link(link.id) !== link) return
    this.#commits.after(() => {
      link.goOn()
      this.#tellAccount(link)
    })
    this.#conversations.showAgain(link)
  }

  #tellAccount(link: TabLink): void {
    link.push({ kind: 'status', status: this.#session.status })
    link.push({ kind: 'memberships', rooms: this.#rooms.memberships })
    link.push({ kind: 'presence', presence: this.#account.presence })
    for (const event of this.#conversations.told) link.push(event)
    this.#plugins.attached(link.id)
  }

  /** Another engine is to have the account: resolves when it can go on with all that there is. */
  handOver(): Promise<void> {
    this.#over = true
    const letGo = this.#session.handOver()
    return new Promise((resolve) =>
      this.#commits.after(() => {
        letGo()
        this.#end()
        resolve()
      }),
    )
  }

  /** Another engine has the account already: nothing is sent or stored any more. */
  abandon(): void {
    this.#over = true
    this.#session.abandon()
    this.#end()
  }

  #end(): void {
    this.#tabs.drop()
    this.#plugins.end()
    this.#slowCalls.end()
    this.#options.store.close()
  }

  /** Something went wrong in the worker that no call will tell of: every tab hears of it. */
  tellError(error: Failure): void {
    this.#tabs.announce({ kind: 'error', error })
  }

  /** The browser says that there is a network again. */
  networkIsBack(): void {
    this.#queue.push({ on: 'network' })
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
      const request = { name, args } as TabRequest
      const settle = this.#slowCalls.watch(request, (reply) => resolve(reply as Reply<Calls[N]['value']>))
      this.#queue.push({ on: 'call', tab, call: this.#tabs.openCall(tab, settle), request })
    })
  }

  #failed(happening: Happening, error: unknown): void {
    this.#log.add('error', `${happening.on}: ${describe(error)}`)
    if (happening.on !== 'call') return
    this.#tabs.fail(happening.call, failure('stanza-error', `${happening.request.name}: ${String(error)}`))
  }

  #handle(happening: Happening): void {
    if (this.#over) return
    switch (happening.on) {
      case 'call': {
        const { tab, call, request } = happening
        // Rooms are asked now and then, and keep nothing here.
        const waits = callsLater(request) ? this.#late.need(request.name !== 'askRoom') : undefined
        return waits ? this.#queue.again(happening, waits) : answerCall(this.#desk, tab, call, request)
      }
      case 'tab-gone':
        return this.#tabGone(happening.tab)
      case 'stanza':
        if (this.#session.isCurrent(happening.stream)) {
          const waits = receive(this.#receivers, happening.stanza)
          if (waits) this.#queue.again(happening, waits)
        }
        return
      case 'connection':
        return this.#session.step(happening.input, happening.stream)
      case 'room':
        return this.#conversations.step(happening.room, happening.input)
      case 'tab-back':
        return this.#tabBack(happening.link)
      case 'network':
        return this.#session.nudge()
      case 'nobody':
        if (this.#lastTab.ends) this.#commits.after(() => this.#session.signOut())
    }
  }

  #request(stanza: XmlNode, ms: number, onAnswer: OnAnswer): void {
    if (!this.#session.online) onAnswer(undefined)
    else if (this.#requests.expect(stanza, this.#identity.bareJid, ms, onAnswer)) this.#session.send(stanza)
  }

  #tabGone(tab: TabId): void {
    this.#tabs.remove(tab)
    this.#directed.forget(tab)
    this.#signIns.tabGone(tab)
    this.#conversations.tabGone(tab)
    this.#plugins.gone(tab)
    this.#account.showPresence({ on: 'tab-gone', tab })
    this.#lastTab.went()
  }
}
