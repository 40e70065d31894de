import type { TabEvent } from '../contract/api.ts'
import { type Failure, failure } from '../contract/errors.ts'
import type { LogLevel } from '../contract/model.ts'
import type { Bookmark } from '../protocol/xep-0402-bookmarks.ts'
import type { XmlNode } from '../protocol/xml.ts'
import type { Input } from '../rooms/inputs.ts'
import type { Room, TabId } from '../rooms/room.ts'
import { Account } from './account.ts'
import { suppressedRooms } from './account-bookmarks.ts'
import { Archive } from './archive.ts'
import { ArchivePages } from './archive-pages.ts'
import type { BrokerOptions } from './broker-options.ts'
import { ClientState } from './client-state.ts'
import { CommitQueue } from './commit-queue.ts'
import { Conversations } from './conversations.ts'
import type { Happening } from './happening.ts'
import { History } from './history.ts'
import { Identity } from './identity.ts'
import type { Receivers } from './incoming.ts'
import { takeOver } from './inheritance.ts'
import { inspection } from './inspection.ts'
import { LastTab } from './last-tab.ts'
import { LateParts } from './late-parts.ts'
import { LATE_PLUGINS, meansLater } from './later.ts'
import { describe, Log } from './log.ts'
import { logout } from './logout.ts'
import { watchEnd } from './own-ends.ts'
import { sayFor } from './plugin-words.ts'
import { Plugins, type PluginsWorld } from './plugins.ts'
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
import type { Desk } from './tab-calls.ts'
import { Tabs } from './tabs.ts'
import { Targets } from './targets.ts'
import { Timers } from './timers.ts'
import { turnsOver } from './turns.ts'

const FULL = failure('storage-full', 'the disk is full: the oldest messages are not kept here any more')

const REQUEST_MS = 20_000

/** What the parts of a broker want of it. */
export interface Hooks {
  /** Each thing that happens to a part is one step of the broker. */
  readonly push: (happening: Happening) => void
  readonly tabGone: (tab: TabId) => void
  /** Nothing of the account is left here. */
  readonly onWiped: () => void
}

export type BrokerParts = ReturnType<typeof brokerParts>

/** Puts together what a broker is made of: each part gets of the others what it needs, and no more. */
export function brokerParts(options: BrokerOptions, { push, tabGone, onWiped }: Hooks) {
  const { account: jid, clock, store, caps } = options
  const counts = { joins: 0, leaves: 0 }
  const tabs: Tabs = new Tabs(
    () => clientState.changed(),
    (event) => plugins.announced(event),
  )
  const timers = new Timers(clock)
  const requests = new Requests(clock)
  const records = options.log ?? new Log(clock)
  const log = (level: LogLevel, text: string): void => records.add(level, text)
  const slowCalls = new SlowCalls(clock, log)
  const send = (stanza: XmlNode): void => session.send(stanza)
  const request = (stanza: XmlNode, ms: number, onAnswer: OnAnswer): void => {
    if (!session.online) onAnswer(undefined)
    else if (requests.expect(stanza, identity.bareJid, ms, onAnswer)) session.send(stanza)
  }
  const stepRoom = (room: string, input: Input): void => push({ on: 'room', room, input })
  const stepRooms = (input: Input): void => conversations.stepAll(input)
  const lastTab = new LastTab(tabs, timers, () => push({ on: 'nobody' }))
  const announce = (event: TabEvent): void => commits.after(() => tabs.announce(event))
  const keeper = new Keeper(
    { store, clock, happened: stepRoom, onFull: () => announce({ kind: 'error', error: FULL }), log },
    options.retention ?? {},
  )
  const commits: CommitQueue = new CommitQueue(
    (ops) => keeper.write(ops),
    (error, lost) => log('error', `archive: a write of ${lost} failed (${String(error)})`),
    (error) => log('error', `after a write: ${describe(error)}`),
  )
  const tellTab = (tab: TabId, event: TabEvent): boolean => {
    commits.after(() => tabs.tell([tab], event))
    return tabs.has(tab)
  }
  const save = (mechanism: string): void => commits.add({ put: 'strongest', mechanism })
  const isShown = (): boolean => tabs.anyShown
  const identity: Identity = new Identity({ account: jid, upstream: options.upstream, save, isShown })
  const clientState: ClientState = new ClientState({ isShown, say: (word) => session.say(word) })
  const ownJid = (): string => identity.bareJid
  const session: Session = new Session({
    account: jid,
    upstream: identity.upstream,
    clock,
    log,
    happened: (input, stream) => push({ on: 'connection', input, stream }),
    onStanza: (stanza, stream) => push({ on: 'stanza', stanza, stream }),
    restore: () => takeOver({ store, rooms, seeking, identity, log }),
    remembered: new Remembered({ account: jid, store, clock, log }),
    save: (row) => {
      if (row) {
        rooms.saveOccupants()
        plugins.save()
      }
      commits.add({ put: 'session', row })
    },
    afterSaved: (run) => commits.after(run),
    onSuspended: () => conversations.streamIs('suspended'),
    onHandled: (stanzas) => conversations.chats?.handled(stanzas),
    onResumed: (restored) => {
      if (restored) announce({ kind: 'memberships', rooms: rooms.memberships })
      account.resumed(restored)
      plugins.online(true)
      clientState.online(identity.bound)
      conversations.streamIs('resumed', restored)
      if (restored) void late.look()
    },
    onOnline: () => {
      account.online(identity.bound.carbons ?? false)
      plugins.online(false)
      clientState.online(identity.bound)
      conversations.streamIs('online')
      void late.look()
    },
    onLost: () => {
      requests.endAll()
      late.directed?.lost()
      plugins.lost()
      conversations.streamIs('lost')
    },
    onStatus: (status, error) => {
      announce({ kind: 'status', status, ...(error && { error }) })
      signIns.statusIs(status)
    },
  })
  const signIns: SignIns = new SignIns({
    account: jid,
    session,
    prints: options.passwords,
    clock,
    ask: (among) => {
      const tab = tabs.last(among)
      if (tab !== undefined) tellTab(tab, { kind: 'password-wanted' })
      return tab
    },
  })
  const isRoom = (jid: string): boolean => rooms.mayBe(jid)
  const online = (): boolean => session.online
  const isIn = (room: string): boolean => rooms.isIn(room)
  const account: Account = new Account({
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
    isChat: (jid) => conversations.isChat(jid),
    copied: (message) => conversations.chats?.stanza(message, true) ?? false,
    suppressed: suppressedRooms(store, commits),
    log,
  })
  const room = (jid: string): Room | undefined => conversations.get(jid)
  const ask = (stanza: XmlNode, onAnswer: OnAnswer): void =>
    request(stanza, REQUEST_MS, watchEnd(stanza, onAnswer, stepRoom))
  // What rooms are about to send waits for the store: what a tab asks for then goes out behind it.
  const askInTurn: Desk['ask'] = (stanza, onAnswer) => {
    const heard = watchEnd(stanza, onAnswer, stepRoom)
    commits.after(() => request(stanza, REQUEST_MS, heard))
  }
  const setBookmark = (bookmark: Bookmark): Promise<Failure | undefined> => account.bookmarks.set(bookmark)
  const forget = (jid: string): void => requests.forget(jid)
  const say = (...words: Parameters<PluginsWorld['say']>): void =>
    sayFor({ tabs, late, conversations, stepRoom }, ...words)
  const told = { announce, tellTab, log, isIn, setBookmark, forget, say }
  const versionsRosters = (): boolean => identity.bound.rosterVersions ?? false
  const present = (part: string, words: XmlNode | undefined): void => account.present(part, words)
  const isLate = (plugin: string): boolean => !late.parts && LATE_PLUGINS.includes(plugin)
  const onAbsent = (): void => void late.need(false)
  const bookmarks = (): ReadonlyMap<string, Bookmark> => account.bookmarks.known
  const facts = { bookmarks, onAbsent, ownJid, online, versionsRosters, isRoom, isLate, clock, store }
  const plugins: Plugins = new Plugins(options.plugins ?? [], { ...facts, ...told, present, send, ask })
  const pages = new ArchivePages({ newId: () => clock.newId(), ownJid, request })
  const page: ArchivePages['page'] = (jid, wish) =>
    ((conversations.isChat(jid) && conversations.chats) || pages).page(jid, wish)
  const inTurn = turnsOver(commits)
  const isOpen = (jid: string): boolean => room(jid) !== undefined
  const seeking: Seeking = new Seeking({ store, commits, inTurn, clock, isOpen, happened: stepRoom, log })
  const archive = new Archive({ pages: { page }, store, commits, inTurn, room, happened: stepRoom })
  const history = new History({ store, archive, room, whenKnown: async (jid) => conversations.chats?.whenKnown(jid) })
  const world: RoomWorld = {
    store,
    commits,
    seeking,
    archive,
    tabs,
    timers,
    clock,
    send,
    session: () => session.number,
    request,
    forget,
    displayed: account.displayed,
    stopAutojoin: (room, how) => account.bookmarks.stopAutojoin(room, how),
    happened: stepRoom,
    log,
    counted: (what) => {
      counts[what] += 1
    },
  }
  const context = contextOf({
    ...options,
    ownJid,
    isBlocked: (jid) => account.blocking.has(jid),
    notifyWhen: (room) => plugins.notifyWhen(room),
    presence: () => account.presence,
    more: () => account.more,
    hiddenTabs: () => tabs.hidden,
    online: () => session.online,
    lingering: () => tabs.size === 0 && lastTab.wish === 'linger',
  })
  const rooms: Rooms = new Rooms(world, context, (room) => {
    account.closeInvite(room)
    plugins.entered(room)
  })
  const conversations: Conversations = new Conversations(rooms)
  const late: LateParts = new LateParts(
    {
      load: options.loadLater ?? (() => Promise.reject(new Error('there is none'))),
      chats: {
        rooms: world,
        context,
        pages,
        ownJid,
        managed: () => session.managed,
        askHandled: () => session.askHandled(),
        isRoom,
      },
      conversations,
      plugins,
      tabs,
      session,
      commits,
      clock,
      log,
    },
    options.later,
  )
  const known = { ...options, upSinceMs: clock.nowMs(), log: records, counts }
  const leaving = {
    rooms,
    tabs,
    session,
    commits,
    store,
    onWiped: () => {
      onWiped()
      plugins.end()
    },
  }
  const desk: Desk = {
    tabs,
    session,
    signIns,
    account,
    history,
    search: (wanted) => store.search(wanted),
    chats: () => conversations.chats,
    late,
    targets: new Targets(store, room),
    room,
    stepRoom: (room, input) => conversations.step(room, input),
    stepRooms,
    nickIn: (room, tab) => rooms.nickIn(room, tab),
    ask: askInTurn,
    plugins,
    newId: () => clock.newId(),
    inspect: () => inspection(known, session, tabs, rooms.all),
    blocked: options.blocked ?? false,
    signedIn: ({ onLastTab }) => {
      lastTab.wish = onLastTab
    },
    tabGone,
    logout: (tab, call, wipe) => logout(leaving, tab, call, wipe),
  }
  const receivers: Receivers = {
    session,
    requests,
    pages,
    rooms,
    account,
    conversations,
    plugins,
    clock,
    later: (envelope, stanza) =>
      !late.parts && meansLater(envelope, stanza, ownJid(), isRoom) ? late.need() : undefined,
    features: (options.plugins ?? []).flatMap(({ features }) => features ?? []),
    onStanza: (stanza, handled) => {
      if (tabs.anyListens) commits.after(() => tabs.tellListeners({ kind: 'stanza', stanza, handled }))
    },
  }
  return {
    records,
    slowCalls,
    lastTab,
    tabs,
    session,
    signIns,
    account,
    commits,
    rooms,
    plugins,
    conversations,
    late,
    desk,
    receivers,
  }
}
