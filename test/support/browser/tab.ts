import type * as Sdk from '../../../src/index.ts'
import type { FileSent, MadeUpFile, Pattern, Told } from './harness.ts'
import type { Faults, TestPage, TestProfile, WorkerKind } from './test-browser.ts'

/** A call of the SDK that was rejected in the page. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed'
  readonly code: string
  readonly facts: Readonly<Record<string, unknown>>

  constructor(facts: Readonly<Record<string, unknown>>) {
    super(`${String(facts['code'])}: ${String(facts['message'])}`)
    this.code = String(facts['code'])
    this.facts = facts
  }
}

/** What has the method that is called. */
export type CallTarget =
  | 'room'
  | 'chat'
  | 'account'
  | 'bookmarks'
  | 'blocking'
  | 'roster'
  | 'avatars'
  | 'profile'
  | 'directory'
  | 'notifications'

type Outcome<T> = { readonly value: T } | { readonly failed: Record<string, unknown> }

/** The methods of a class of the SDK that give promises, by name. */
type Calls<T> = {
  [N in keyof T as T[N] extends (...args: never[]) => Promise<unknown> ? N & string : never]: T[N]
}
type Given<F> = F extends (...args: infer A) => unknown ? A : never
type Result<F> = F extends (...args: never[]) => Promise<infer R> ? R : never

export type RoomCalls = Calls<Sdk.Room>
export type ChatCalls = Calls<Sdk.Chat>
export type AccountCalls = Calls<Sdk.Account>
export type BookmarkCalls = Calls<Sdk.BookmarkCalls>
export type BlockingCalls = Calls<Sdk.BlockingCalls>
export type ProfileCalls = Calls<Sdk.ProfileCalls>
export type RosterCalls = Calls<Sdk.RosterCalls>
export type DirectoryCalls = Omit<Calls<Sdk.Directory>, 'create'>
export type NotificationCalls = Calls<Sdk.NotificationSettings>

/** How a tab connects, as far as it can be said from outside of the page. */
export type TabOptions = Omit<Sdk.ConnectOptions, 'signal' | 'worker'> & { readonly worker?: string }

/** What a room is in a tab at one moment. */
export type RoomPicture = Omit<Sdk.RoomSnapshot, 'occupants'> & {
  readonly occupants: Readonly<Record<string, Sdk.Occupant>>
}

/** One tab of a real browser with the built SDK in it. */
export class Tab<P extends TestPage = TestPage> {
  readonly page: P
  readonly #faults: Faults<P>

  private constructor(page: P, faults: Faults<P>) {
    this.page = page
    this.#faults = faults
  }

  static async open<P extends TestPage>(profile: TestProfile<P>, origin: string): Promise<Tab<P>> {
    const tab = new Tab(await profile.newPage(), profile.faults)
    await tab.goto(`${origin}/tab`)
    return tab
  }

  /** Loads the page, or loads it again. */
  async goto(url: string): Promise<void> {
    await this.page.goto(url)
    await this.page.waitForFunction(() => document.title === 'ready')
  }

  connect(options: TabOptions): Promise<void> {
    return this.#call((given) => harness.connect(given), options)
  }

  join(room: string, options: Omit<Sdk.JoinOptions, 'signal'>): Promise<Sdk.JoinResult> {
    return this.#call(({ room, options }) => harness.join(room, options), { room, options })
  }

  /** Gives up the join of that room that is under way, by its signal. */
  abortJoin(room: string): Promise<void> {
    return this.page.evaluate((room) => harness.abortJoin(room), room)
  }

  leave(room: string, options: { status?: string; everywhere?: boolean } = {}): Promise<void> {
    return this.#call(({ room, options }) => harness.room(room).leave(options), { room, options })
  }

  send(room: string, body: string, options: Sdk.SendOptions = {}): Promise<Sdk.Message> {
    return this.#call(({ room, body, options }) => harness.room(room).send(body, options), { room, body, options })
  }

  /** Sends a file that is made up in the page. */
  sendFile(
    room: string,
    file: MadeUpFile,
    options: Omit<Sdk.SendFileOptions, 'signal' | 'onProgress'> = {},
  ): Promise<FileSent> {
    return this.#call(({ room, file, options }) => harness.sendFile('room', room, file, options), {
      room,
      file,
      options,
    })
  }

  /** Sends one person a file that is made up in the page. */
  sendFileTo(jid: string, file: MadeUpFile): Promise<FileSent> {
    return this.#call(({ jid, file }) => harness.sendFile('chat', jid, file, {}), { jid, file })
  }

  /** Gives up the file that was sent last, by its signal. */
  abortFile(): Promise<void> {
    return this.page.evaluate(() => harness.abortFile())
  }

  /** What is on its way. */
  uploads(): Promise<Sdk.Upload[]> {
    return this.page.evaluate(() => harness.uploads())
  }

  inspect(): Promise<Sdk.Inspection> {
    return this.#call(() => harness.connected().inspect(), undefined)
  }

  /** A call of a room by its name. Only what is plain data crosses. */
  room<N extends keyof RoomCalls>(jid: string, name: N, ...args: Given<RoomCalls[N]>): Promise<Result<RoomCalls[N]>> {
    return this.#named('room', jid, name, args) as Promise<Result<RoomCalls[N]>>
  }

  /** A call of a chat by its name; from the first one on its events are on the record. */
  chat<N extends keyof ChatCalls>(jid: string, name: N, ...args: Given<ChatCalls[N]>): Promise<Result<ChatCalls[N]>> {
    return this.#named('chat', jid, name, args) as Promise<Result<ChatCalls[N]>>
  }

  /** The conversations that the account has, as this tab knows them. */
  chats(): Promise<Record<string, Sdk.ChatSummary>> {
    return this.page.evaluate(() => Object.fromEntries(harness.connected().chats))
  }

  /** A call of the account by its name. */
  account<N extends keyof AccountCalls>(name: N, ...args: Given<AccountCalls[N]>): Promise<Result<AccountCalls[N]>> {
    return this.#named('account', '', name, args) as Promise<Result<AccountCalls[N]>>
  }

  /** A call of the account's bookmarks by its name. */
  bookmarks<N extends keyof BookmarkCalls>(
    name: N,
    ...args: Given<BookmarkCalls[N]>
  ): Promise<Result<BookmarkCalls[N]>> {
    return this.#named('bookmarks', '', name, args) as Promise<Result<BookmarkCalls[N]>>
  }

  /** A call of the account's list of those whom it does not want to hear, by its name. */
  blocking<N extends keyof BlockingCalls>(
    name: N,
    ...args: Given<BlockingCalls[N]>
  ): Promise<Result<BlockingCalls[N]>> {
    return this.#named('blocking', '', name, args) as Promise<Result<BlockingCalls[N]>>
  }

  /** A call of the account's roster by its name. */
  roster<N extends keyof RosterCalls>(name: N, ...args: Given<RosterCalls[N]>): Promise<Result<RosterCalls[N]>> {
    return this.#named('roster', '', name, args) as Promise<Result<RosterCalls[N]>>
  }

  /** A call of the profiles by its name. */
  profile<N extends keyof ProfileCalls>(name: N, ...args: Given<ProfileCalls[N]>): Promise<Result<ProfileCalls[N]>> {
    return this.#named('profile', '', name, args) as Promise<Result<ProfileCalls[N]>>
  }

  /** What somebody calls themselves, as far as this tab knows. */
  nickOf(jid: string): Promise<string | null> {
    return this.page.evaluate((jid) => harness.connected().profile.nicks.get(jid) ?? null, jid)
  }

  /** Whom the account knows in this tab, and who waits for an answer. */
  contacts(): Promise<{ contacts: Record<string, Sdk.Contact>; requests: string[] }> {
    return this.page.evaluate(() => {
      const { contacts, requests } = harness.connected().roster.snapshot()
      return { contacts: Object.fromEntries(contacts), requests: [...requests.keys()] }
    })
  }

  /** The picture of an occupant, of a room, or of somebody by JID: its address in the page, and what is there. */
  avatar(who: {
    room?: string
    nick?: string
    jid?: string
  }): Promise<{ url: string; hash: string; type: string } | null> {
    return this.#call((who) => harness.avatar(who), who)
  }

  setAvatar(base64: string): Promise<string> {
    return this.#call((base64) => harness.setAvatar(base64), base64)
  }

  removeAvatar(): Promise<void> {
    return this.#named('avatars', '', 'remove', []) as Promise<void>
  }

  /** Waits until that contact is in this tab what the pattern holds; `null`: until there is none. */
  untilContact(jid: string, pattern: object | null, ms = 10_000): Promise<void> {
    return this.page.evaluate(({ jid, pattern, ms }) => harness.untilContact(jid, pattern, ms), { jid, pattern, ms })
  }

  /** Rooms to find. */
  directory<N extends keyof DirectoryCalls>(
    name: N,
    ...args: Given<DirectoryCalls[N]>
  ): Promise<Result<DirectoryCalls[N]>> {
    return this.#named('directory', '', name, args) as Promise<Result<DirectoryCalls[N]>>
  }

  /** Makes a room. @returns its address */
  create(options: Sdk.NewRoom): Promise<string> {
    return this.#call((options) => harness.create(options), options)
  }

  /** What the person wants to be notified of. */
  notifications<N extends keyof NotificationCalls>(
    name: N,
    ...args: Given<NotificationCalls[N]>
  ): Promise<Result<NotificationCalls[N]>> {
    return this.#named('notifications', '', name, args) as Promise<Result<NotificationCalls[N]>>
  }

  /** What the SDK told so far, of one room or of everything. */
  async told(room?: string): Promise<Told[]> {
    const all = await this.#record(0)
    return room === undefined ? all : all.filter((entry) => entry.room === room)
  }

  /** A place in what was told: the number of the next thing. */
  mark(): Promise<number> {
    return this.page.evaluate(() => harness.told.length)
  }

  /** What was told since a mark, of one room or of everything. */
  async toldSince(mark: number, room?: string): Promise<Told[]> {
    const since = await this.#record(mark)
    return room === undefined ? since : since.filter((entry) => entry.room === room)
  }

  /** The occupants of a room, by nick. */
  occupants(room: string): Promise<Record<string, Sdk.Occupant>> {
    return this.page.evaluate((room) => Object.fromEntries(harness.room(room).occupants), room)
  }

  /** What the room is in this tab now. */
  state(room: string): Promise<RoomPicture> {
    return this.page.evaluate((room) => harness.state(room), room)
  }

  /** The rooms that the account is in, with the nick there. */
  memberships(): Promise<Record<string, { readonly nick: string }>> {
    return this.page.evaluate(() => Object.fromEntries(harness.connected().memberships))
  }

  /** The rooms to which there are invitations. */
  invites(): Promise<string[]> {
    return this.page.evaluate(() => [...harness.connected().invites.keys()])
  }

  /** The rooms in which something was said while the account was not there. */
  activeRooms(): Promise<string[]> {
    return this.page.evaluate(() => [...harness.connected().activeRooms])
  }

  /** Puts all stanzas on the record, by the event `stanza`, or no more. */
  listen(on: boolean): Promise<void> {
    return this.page.evaluate((on) => harness.listen(on), on)
  }

  /** Waits for something to be told. The test runs in the page: it sees its arguments and nothing else. */
  until(what: string, test: (entry: Told, all: readonly Told[]) => boolean, ms = 10_000): Promise<Told> {
    return this.page.evaluate(`harness.until(${test.toString()}, ${ms}, ${JSON.stringify(what)})`)
  }

  /** Waits for something to be told, since a mark if given, that holds what the pattern holds. */
  sees(pattern: Pattern, { since = 0, ms = 10_000 }: { since?: number; ms?: number } = {}): Promise<Told> {
    return this.page.evaluate(({ pattern, ms, since }) => harness.untilLike(pattern, ms, since), { pattern, ms, since })
  }

  /** Waits for a message with that body, in any room. */
  untilMessage(body: string, ms = 10_000): Promise<Told> {
    return this.sees({ name: 'message', event: { body } }, { ms })
  }

  /** Puts the clock of the worker forward, where it is the one of the tests. */
  advance(ms: number): Promise<void> {
    return this.page.evaluate((ms) => harness.advance(ms), ms)
  }

  /** Hides the page, or shows it again, as far as it can tell itself. */
  show(visible: boolean): Promise<void> {
    return this.page.evaluate((visible) => {
      const facts = { visibilityState: visible ? 'visible' : 'hidden', hidden: !visible }
      for (const [name, value] of Object.entries(facts))
        Object.defineProperty(document, name, { value, configurable: true })
      document.dispatchEvent(new Event('visibilitychange'))
    }, visible)
  }

  /** Ends the worker of this tab at once, as a crash of its process does. */
  killWorker(): Promise<void> {
    return this.#faults.killWorker(this.page)
  }

  /** Ends the tab's process at once, as a crash does. */
  crash(): Promise<void> {
    return this.#faults.crash(this.page)
  }

  /** Stops whatever runs in the page, as a browser freezes a tab. @returns lets it go on */
  freeze(): Promise<() => Promise<void>> {
    return this.#faults.freeze(this.page)
  }

  /** Stops the workers that this tab sees, at their next step. @returns lets them go on */
  stopWorkers(kind: WorkerKind): Promise<() => Promise<void>> {
    return this.#faults.stopWorkers(this.page, kind)
  }

  /** Lets the worker of this tab take memory until there is none. */
  exhaustWorker(): Promise<void> {
    return this.#faults.exhaustWorker(this.page)
  }

  /** Stops every process of the browser, as a laptop that sleeps does. @returns lets them go on */
  stopWorld(): Promise<() => void> {
    return this.#faults.stopWorld(this.page)
  }

  countWorkers(kind: WorkerKind): Promise<number> {
    return this.#faults.countWorkers(this.page, kind)
  }

  /** Goes to another page, and then back to this one, as it was left where the browser keeps pages. */
  async leaveAndReturn(work: () => Promise<void> = async () => undefined): Promise<void> {
    const here: string = await this.page.evaluate(() => location.href)
    await this.page.goto(new URL('/elsewhere', here).href)
    await work()
    await this.page.evaluate(() => history.back())
    await this.page.waitForFunction(() => document.title === 'ready')
  }

  close(): Promise<void> {
    return this.page.close()
  }

  /** It crosses as text: of thousands of objects Firefox's driver makes seconds, in which the page stands still. */
  async #record(since: number): Promise<Told[]> {
    return JSON.parse(await this.page.evaluate((since) => JSON.stringify(harness.told.slice(since)), since))
  }

  #named(on: CallTarget, jid: string, name: string, args: readonly unknown[]): Promise<unknown> {
    return this.#call(({ on, jid, name, args }) => harness.call(on, jid, name, args), { on, jid, name, args })
  }

  /** Errors keep their code on the way out of the page. */
  async #call<A, T>(work: (args: A) => Promise<T>, args: A): Promise<T> {
    const source = `(async (args) => {
      try { return { value: await (${work.toString()})(args) } }
      catch (error) { return { failed: { ...error, name: error.name, message: error.message } } }
    })(${args === undefined ? 'undefined' : JSON.stringify(args)})`
    const outcome = (await this.page.evaluate(source)) as Outcome<T>
    if ('failed' in outcome) throw new CallFailed(outcome.failed)
    return outcome.value
  }
}
