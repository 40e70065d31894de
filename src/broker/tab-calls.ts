import type { CallName, Calls, SearchCall, SharedMessage } from '../contract/api.ts'
import { type Failure, failure } from '../contract/errors.ts'
import type { Inspection } from '../contract/model.ts'
import type { RoomQuestionName } from '../contract/room-questions.ts'
import { bareOf, resourceOf } from '../protocol/jid.ts'
import { presenceWords } from '../protocol/room-presence.ts'
import { iq, presence } from '../protocol/stanza.ts'
import type { XmlNode } from '../protocol/xml.ts'
import type { Input } from '../rooms/inputs.ts'
import type { CallId, Room, TabId } from '../rooms/room.ts'
import type { Account } from './account.ts'
import { act, say } from './acting.ts'
import { resultOf } from './answers.ts'
import type { Chats } from './chats.ts'
import type { History } from './history.ts'
import type { LateParts } from './late-parts.ts'
import { notLoaded } from './later.ts'
import type { Plugins } from './plugins.ts'
import type { ROOM_QUESTIONS } from './room-questions.ts'
import type { Session } from './session.ts'
import type { SignIns } from './sign-ins.ts'
import type { Tabs } from './tabs.ts'
import type { Targets } from './targets.ts'

/** A call of a tab: its name, and its arguments. */
export type TabRequest = { [N in CallName]: { readonly name: N; readonly args: Calls[N]['args'] } }[CallName]

/** What the calls of tabs are answered with. */
export interface Desk {
  readonly tabs: Tabs
  readonly session: Session
  readonly signIns: SignIns
  readonly account: Account
  readonly history: History
  readonly chats: () => Chats | undefined
  readonly late: Pick<LateParts, 'parts' | 'directed'>
  readonly plugins: Plugins
  readonly search: (wanted: SearchCall) => Promise<SharedMessage[]>
  readonly targets: Targets
  readonly room: (jid: string) => Room | undefined
  readonly stepRoom: (room: string, input: Input) => void
  readonly stepRooms: (input: Input) => void
  /** Under which nick the account is in that room, where that tab is in it, too. */
  readonly nickIn: (room: string, tab: TabId) => string | undefined
  readonly ask: (stanza: XmlNode, onAnswer: (answer: XmlNode | undefined) => void) => void
  readonly newId: () => string
  readonly inspect: () => Inspection
  /** Another version of the application holds the archive: what comes is not kept. */
  readonly blocked: boolean
  readonly signedIn: (args: Calls['signIn']['args']) => void
  readonly tabGone: (tab: TabId) => void
  readonly logout: (tab: TabId, call: CallId, wipe: boolean) => void
}

const BLOCKED = failure(
  'storage-closed',
  'another version of this application holds the archive: nothing is kept until its tabs are closed',
)

/** Does what a tab asks for. What belongs to a room's state becomes an input of the room; the rest is answered here. */
export function answerCall(desk: Desk, tab: TabId, call: CallId, { name, args }: TabRequest): void {
  const { tabs, account, stepRoom } = desk
  switch (name) {
    case 'signIn':
      tabs.hide(tab, args.hidden)
      if (!args.hidden && args.activity === 'active') tabs.use(tab)
      account.showPresence({ on: 'activity', tab, activity: args.activity })
      return desk.signIns.signIn(tab, args, (error) => {
        if (!error) desk.signedIn(args)
        settle(tabs, call, error, () => ({ status: desk.session.status }))
        if (!error && desk.blocked) tabs.tell([tab], { kind: 'error', error: BLOCKED })
      })
    case 'join':
      return join(desk, tab, call, args)
    case 'listenTo':
      return listenTo(desk, tab, call, args)
    case 'leave':
      return stepRoom(args.room, {
        on: 'tab-leaves',
        tab,
        call,
        status: args.status,
        everywhere: args.everywhere ?? false,
      })
    case 'send':
      tabs.use(tab)
      return say(desk, tab, call, args)
    case 'act':
      tabs.use(tab)
      return act(desk, tab, call, args)
    case 'setTyping':
      return stepRoom(args.room, { on: 'tab-types', tab, call, typing: args.typing })
    case 'giveUp':
      return stepRoom(args.room, { on: 'tab-gives-up', call, id: args.id })
    case 'history':
      return void desk.history.page(args).then(
        (page) => ('error' in page ? tabs.fail(call, page.error) : tabs.answer(call, page)),
        (error: unknown) => tabs.fail(call, failure('storage-closed', `history of ${args.room}: ${String(error)}`)),
      )
    case 'search':
      if (!desk.late.parts) return tabs.fail(call, notLoaded('search'))
      return void desk.search(args).then(
        (found) => tabs.answer(call, found),
        (error: unknown) => tabs.fail(call, failure('storage-closed', `search: ${String(error)}`)),
      )
    case 'sendPrivate':
      tabs.use(tab)
      return stepRoom(args.room, { on: 'tab-whispers', tab, call, ...args })
    case 'setNick':
      return stepRoom(args.room, { on: 'tab-renames', tab, call, nick: args.nick })
    case 'setSubject':
      return stepRoom(args.room, { on: 'tab-sets-subject', tab, call, text: args.text })
    case 'askRoom':
      return askRoom(desk, call, args)
    case 'postToRoom': {
      const id = desk.newId()
      const stanza = desk.late.parts?.postStanza(args.room, id, args.post)
      if (!stanza) return tabs.fail(call, notLoaded(`${args.post.post} in ${args.room}`))
      if (args.post.post === 'invite') account.inviting(args.room, args.post.jid, tab)
      return stepRoom(args.room, { on: 'tab-posts', tab, call, id, stanza })
    }
    case 'setPresence':
      return tabs.answer(call, account.showPresence({ on: 'chosen', presence: args.chosen ?? undefined }))
    case 'activity':
      account.showPresence({ on: 'activity', tab, activity: args.activity })
      if (args.activity === 'active') look(desk, tab)
      return tabs.answer(call, null)
    case 'visible':
      tabs.hide(tab, args.hidden)
      if (!args.hidden) look(desk, tab)
      return tabs.answer(call, null)
    case 'showRoom':
      stepRoom(args.room, { on: 'tab-shows', tab, shown: args.shown })
      return tabs.answer(call, null)
    case 'markDisplayed':
      return stepRoom(args.room, { on: 'displayed', id: args.id, call })
    case 'directPresence': {
      const own = desk.nickIn(bareOf(args.to), tab)
      if (own !== undefined) return presentInRoom(desk, tab, call, args, own)
      const words = args.presence && presence({ to: args.to }, ...presenceWords({ presence: args.presence }))
      const { directed } = desk.late
      const error = directed ? directed.set(tab, args.to, words ?? undefined) : notLoaded(`presence to ${args.to}`)
      return settle(tabs, call, error, () => null)
    }
    case 'request':
      return request(desk, call, args)
    case 'listen':
      tabs.listen(tab, args.stanzas)
      return tabs.answer(call, null)
    case 'bookmarks':
      return void account.bookmarks
        .list()
        .then((found) => ('error' in found ? tabs.fail(call, found.error) : tabs.answer(call, found)))
    case 'setBookmark':
      return void account.bookmarks.set(args).then((error) => settle(tabs, call, error, () => null))
    case 'removeBookmark':
      return void account.bookmarks.remove(args.room).then((error) => settle(tabs, call, error, () => null))
    case 'blocked':
      return void account.blocking
        .list()
        .then((found) => ('error' in found ? tabs.fail(call, found.error) : tabs.answer(call, found.jids)))
    case 'setBlocked': {
      const change = { change: args.blocked ? ('block' as const) : ('unblock' as const), jids: [args.jid] }
      return void account.blocking.change(change).then((error) => settle(tabs, call, error, () => null))
    }
    case 'declineInvite':
      account.declineInvite(args.room, args.reason)
      return tabs.answer(call, null)
    case 'plugin':
      return void desk.plugins
        .call(args.plugin, args.method, args.args, tab)
        .then((found) => ('error' in found ? tabs.fail(call, found.error) : tabs.answer(call, found.value)))
    case 'inspect':
      return tabs.answer(call, desk.inspect())
    case 'detach':
      tabs.answer(call, null)
      return desk.tabGone(tab)
    case 'logout':
      return desk.logout(tab, call, args.wipe)
    default:
      // Of a tab with other words than ours; what is typed cannot come here.
      return tabs.fail(call, failure('outdated', `the worker knows no call ${String(name)}`))
  }
}

/** The person is at this tab: what they see is to be true. */
function look({ tabs, session, stepRooms }: Desk, tab: TabId): void {
  tabs.use(tab)
  session.nudge()
  stepRooms({ on: 'visible' })
}

function settle(tabs: Tabs, call: CallId, error: Failure | undefined, value: () => unknown): void {
  if (error) tabs.fail(call, error)
  else tabs.answer(call, value())
}

/** What a client by itself shows a room that it is in: the account has one show in all of them, and one nick in each. */
function presentInRoom(
  { tabs, account, stepRoom }: Desk,
  tab: TabId,
  call: CallId,
  { to, presence }: Calls['directPresence']['args'],
  own: string,
): void {
  if (!presence) return tabs.fail(call, failure('not-acceptable', `presence to ${to}: that is a room`))
  account.showPresence({ on: 'chosen', presence })
  const nick = resourceOf(to) ?? own
  if (nick === own) tabs.answer(call, null)
  else stepRoom(bareOf(to), { on: 'tab-renames', tab, call, nick })
}

function join({ tabs, session, account, stepRoom }: Desk, tab: TabId, call: CallId, args: Calls['join']['args']): void {
  if (session.idle) {
    tabs.fail(call, failure('offline', `join ${args.room}: the account is not signed in`))
    return
  }
  account.bookmarks.wanted(args.room)
  const { nick, history, takeover, shown, after } = args
  const password = args.password ?? account.entering(args.room)
  stepRoom(args.room, { on: 'tab-joins', tab, call, ask: { nick, password, history, takeover, shown, after } })
}

function listenTo({ tabs, chats }: Desk, tab: TabId, call: CallId, args: Calls['listenTo']['args']): void {
  const there = chats()
  const { room, shown, after } = args
  if (there) there.begin(room, { on: 'tab-listens', tab, call, shown, after })
  else tabs.fail(call, notLoaded(`chat with ${room}`))
}

function askRoom(desk: Desk, call: CallId, { room, name, args }: Calls['askRoom']['args']): void {
  const questions = desk.late.parts?.questions
  if (!questions) return desk.tabs.fail(call, notLoaded(`${name} in ${room}`))
  // Each name has its own arguments; the compiler sees only that both are of the union.
  const question = questions[name] as (typeof ROOM_QUESTIONS)[RoomQuestionName] | undefined
  if (!question) {
    desk.tabs.fail(call, failure('outdated', `the worker knows no question ${String(name)}`))
    return
  }
  desk.ask(question.ask(room, desk.newId(), args as never), (answer) => {
    const found = resultOf(answer, `${name} in ${room}`)
    if ('error' in found) {
      // A room that has no nick reserved for us says so in as many ways as there are servers.
      if (name === 'reservedNick' && found.error.code !== 'timeout') desk.tabs.answer(call, null)
      else desk.tabs.fail(call, found.error)
      return
    }
    if (name === 'configure' || name === 'cancelConfiguration') desk.stepRoom(room, { on: 'configured' })
    const value = question.read(found.result)
    if (value === undefined)
      desk.tabs.fail(call, failure('stanza-error', `${name} in ${room}: the result holds no answer`))
    else desk.tabs.answer(call, value)
  })
}

function request(desk: Desk, call: CallId, { to, type, payload }: Calls['request']['args']): void {
  desk.ask(iq({ type, to, id: desk.newId() }, payload), (answer) => {
    const found = resultOf(answer, `${type} ${payload.name} to ${to ?? 'the account'}`)
    if ('error' in found) desk.tabs.fail(call, found.error)
    else desk.tabs.answer(call, found.result)
  })
}
