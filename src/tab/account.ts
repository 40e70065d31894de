import type { CallName, Calls, SignIn, TabEvent } from '../contract/api.ts'
import { failure, MinimixError } from '../contract/errors.ts'
import type { Upload } from '../contract/files.ts'
import type { Activity, Inspection, Message, OwnPresence, Show, XmlNode } from '../contract/model.ts'
import type { Plugin } from '../contract/plugin.ts'
import { AccountState } from './account-state.ts'
import { isHidden, watchActivity, watchLife, watchVisibility } from './activity.ts'
import { type BlockingCalls, blockingCalls } from './blocking.ts'
import { type BookmarkCalls, bookmarkCalls } from './bookmarks.ts'
import type { Chat } from './chat.ts'
import { anyJid, bareJid, mustBe, oneOf, optional, record, type SearchOptions, searchCall, text } from './check.ts'
import { type Directory, directoryCalls } from './directory.ts'
import type { Listener, OnOptions } from './emitter.ts'
import type { AccountEvents } from './events.ts'
import { given } from './given.ts'
import { Link } from './link.ts'
import { type NotificationSettings, notificationSettings } from './notifications.ts'
import { People } from './people.ts'
import { type HandleOf, pluginHandle } from './plugin-handle.ts'
import { type Call, type CallOptions, callBroker } from './remote.ts'
import type { Room } from './room.ts'
import { toMessage } from './room-view.ts'
import { type Password, type PasswordWords, SigningIn } from './signing-in.ts'
import { Uploads } from './uploads.ts'
import type { Ways } from './ways.ts'

/** What `connect` has made of its options. */
export interface AccountOptions {
  /** Bare JID. */
  readonly jid: string
  readonly signIn: Omit<SignIn, 'password' | 'asks' | 'activity' | 'hidden' | 'again'>
  readonly password: Password | undefined
  readonly ways: Ways
  /** A tab that is outdated loads itself anew once nobody looks at it. */
  readonly reloadWhenHidden: boolean
  readonly timeoutMs: number
  /** Without a sign of life in this tab until the person counts as away. */
  readonly idleAfterMs: number
}

const SHOWS: readonly Show[] = ['online', 'chat', 'away', 'xa', 'dnd']

/** An account as this tab sees it. The connection is the worker's, and shared by all tabs. */
export class Account extends AccountState {
  readonly bookmarks: BookmarkCalls
  readonly blocking: BlockingCalls
  readonly directory: Directory
  readonly notifications: NotificationSettings
  readonly roster: People['roster']
  readonly avatars: People['avatars']
  readonly profile: People['profile']
  readonly #people: People
  readonly #options: AccountOptions
  readonly #link: Link
  readonly #uploads: Uploads
  readonly #ended = new AbortController()
  #activity: Activity = 'active'
  /** Ends `open`, until it has ended. */
  #opening: { readonly resolve: () => void; readonly reject: (error: unknown) => void } | undefined
  #stanzaListeners = 0
  readonly #signing: SigningIn
  /** Loaded at once: when a newer version is there its file may be gone. */
  readonly #reloading: Promise<typeof import('./reload.ts')> | undefined
  /** The worker has not let this tab in, and may when another tab has signed in. */
  #leftOut = false

  /** Made by `connect()`. */
  constructor(options: AccountOptions) {
    super(options.jid)
    this.#options = options
    this.#reloading = options.reloadWhenHidden ? import('./reload.ts') : undefined
    // Without it, or where the browser refuses session storage, the tab stays as it is.
    this.#reloading?.catch(() => undefined)
    this.#signing = new SigningIn(options.password, (words) => this.#say(words))
    this.#link = new Link({
      tab: this.tab,
      account: options.jid,
      ways: options.ways,
      onAttached: () => void this.#attached(),
      onEvents: (events) => this.#hear(events),
      onGone: () => {
        this.workerGone()
        this.#uploads.gone()
      },
      onFailed: (error) => this.#failed(error),
    })
    const call: Call = (...args) => this.#call(...args)
    this.blocking = blockingCalls(call)
    this.bookmarks = bookmarkCalls(call)
    this.directory = directoryCalls(call, (jid) => this.room(jid))
    this.notifications = notificationSettings(call)
    this.#uploads = new Uploads(this.tab, call, this.pluginEars, (event) => this.emit('upload', event))
    this.#people = new People(call, this.pluginEars, { rooms: this.rooms, ended: this.#ended.signal })
    this.roster = this.#people.roster
    this.avatars = this.#people.avatars
    this.profile = this.#people.profile
  }

  /**
   * What a plug-in of the worker (`startBroker({ plugins })`) can do for tabs, typed by its own type:
   * `account.plugin<ReturnType<typeof notes>>('notes')`. Whether the worker has it is known when it is called.
   */
  plugin<P = Plugin>(name: P extends { readonly name: infer N } ? N & string : string): HandleOf<P> {
    mustBe(typeof name === 'string' && name !== '', 'plugin(name): the name must be a string')
    // Calls and events go by their names: what types they have is the word of whoever names the type.
    return pluginHandle(name, (...args) => this.#call(...args), this.pluginEars) as HandleOf<P>
  }

  /**
   * The room of that address: always the same object.
   *
   * @throws TypeError for what is no string; MinimixError `jid-malformed` for what is no bare JID
   */
  room(jid: string): Room {
    return this.#people.knownOf(this.roomOf(jid, this.#link, this.#uploads))
  }

  /**
   * The conversation with the person of that address: always the same object. From here on this tab hears what is said
   * there. A room is none: what it refuses is told by the event `error`.
   *
   * @throws TypeError for what is no string; MinimixError `jid-malformed` for what is no bare JID
   */
  chat(jid: string): Chat {
    return this.chatOf(jid, this.#link, this.#uploads)
  }

  override on<N extends keyof AccountEvents>(
    name: N,
    listener: Listener<AccountEvents[N]>,
    options?: OnOptions,
  ): () => void {
    const off = super.on(name, listener, options)
    if (name !== 'stanza') return off
    this.#listen(1)
    const once = new AbortController()
    once.signal.addEventListener('abort', () => this.#listen(-1))
    options?.signal?.addEventListener('abort', () => once.abort(), { signal: once.signal })
    return () => {
      off()
      once.abort()
    }
  }

  /**
   * What the account shows of itself, in all rooms; `null` leaves it to what the tabs see of the person. The last word of
   * any tab counts.
   *
   * @returns what is shown then: the room of a person who is away in every tab sees `away`
   */
  setPresence(presence: Partial<OwnPresence> | null): Promise<OwnPresence> {
    if (presence === null) return this.#call('setPresence', { chosen: null })
    mustBe(typeof presence === 'object', 'setPresence(presence) must be an object, or null')
    const { show = 'online', status, priority } = presence
    oneOf(show, SHOWS, 'setPresence({ show })')
    optional(status, 'string', 'setPresence({ status })')
    const isPriority = priority === undefined || (Number.isInteger(priority) && priority >= -128 && priority <= 127)
    mustBe(isPriority, 'setPresence({ priority }) must be a whole number from -128 to 127')
    return this.#call('setPresence', { chosen: given({ show, status, priority }) })
  }

  /**
   * Messages of all rooms, or of one, whose text has all the words, or words that begin so: in any script, without case
   * and diacritics. Newest first. What this browser has is searched, private messages apart.
   */
  search(text: string, options: SearchOptions = {}): Promise<readonly Message[]> {
    return this.#call('search', searchCall(text, options)).then((found) =>
      found.map((message) => toMessage(message, true, this.tab)),
    )
  }

  /** The files that are on their way, by id, whichever tab sent them. */
  get uploads(): ReadonlyMap<string, Upload> {
    return this.#uploads.all
  }

  /** Gives up a file, in all tabs. @returns false where its message is on its way, or nothing is known of it */
  cancelUpload(id: string): Promise<boolean> {
    return this.#uploads.cancel(text(id, 'cancelUpload(id)'))
  }

  /** How much the person is at this tab, where the app knows better than keys and pointers do. */
  setActivity(activity: Activity): Promise<void> {
    oneOf(activity, ['active', 'away', 'xa'], 'setActivity(activity)')
    this.#activity = activity
    return this.#call('activity', { activity }).then(() => undefined)
  }

  /**
   * Shows a presence to somebody in particular; `null` takes it back. It lasts until the last tab that shows it takes it
   * back or is gone. To a room that this tab is in it is `setPresence`, and `setNick` where it names another nick.
   *
   * @throws MinimixError rejects with `stanza-error`, `condition: 'item-not-found'`, for a room that this tab is not in
   */
  directPresence(to: string, presence: OwnPresence | null): Promise<void> {
    const jid = anyJid(to, 'directPresence(to)')
    if (presence) oneOf(presence.show, SHOWS, 'directPresence(…, { show })')
    return this.#call('directPresence', { to: jid, presence }).then(() => undefined)
  }

  /** Does not come: the inviter is told, and the invitation is gone in every tab. To accept, join the room. */
  declineInvite(room: string, reason?: string): Promise<void> {
    optional(reason, 'string', 'declineInvite(…, reason)')
    return this.#call('declineInvite', given({ room: bareJid(room, 'declineInvite(room)'), reason })).then(
      () => undefined,
    )
  }

  /**
   * A request of your own (RFC 6120 section 8.2.3), for what the SDK does not model. The same `get` asked by several tabs
   * at once is sent once.
   *
   * @returns the whole result
   * @throws MinimixError rejects with `stanza-error` (`condition`, `text`), `forbidden`, `timeout`, `offline`
   */
  request(iq: { readonly to?: string; readonly type: 'get' | 'set'; readonly payload: XmlNode }): Promise<XmlNode> {
    const { to, type, payload } = iq
    const jid = to === undefined ? undefined : anyJid(to, 'request({ to })')
    oneOf(type, ['get', 'set'], 'request({ type })')
    mustBe(
      typeof payload?.name === 'string' && Array.isArray(payload.children),
      'request({ payload }) must be XML as data',
    )
    return this.#call('request', given({ type, payload, to: jid }))
  }

  /** What the worker is doing, and the last of its log. */
  inspect(): Promise<Inspection> {
    return this.#call('inspect', null)
  }

  /** Takes this tab out of everything; the others go on. The account object is of no use afterwards. */
  async detach(): Promise<void> {
    this.#ended.abort()
    try {
      await this.#call('detach', null, { timeoutMs: 1_000 })
    } catch (error) {
      if (!(error instanceof MinimixError)) throw error // a worker that does not answer sees the lock fall free
    }
    this.#link.close()
    this.#uploads.gone()
    this.#uploads.end()
    this.setStatus('offline')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.detach()
  }

  /**
   * Signs the account out in every tab: leaves its rooms and ends the session on the server.
   *
   * @param options `wipe` deletes the archive, too
   */
  logout(options: { readonly wipe?: boolean } = {}): Promise<void> {
    record(options, 'logout(options): options')
    const { wipe = false } = options
    mustBe(typeof wipe === 'boolean', 'logout({ wipe }) must be a boolean')
    return this.#call('logout', { wipe }).then(() => undefined)
  }

  /** For `connect` alone: resolves when the account is online, rejects when it cannot be. */
  async open(signal: AbortSignal | undefined): Promise<void> {
    const { timeoutMs, idleAfterMs } = this.#options
    const error = (code: 'timeout' | 'aborted', text: string): MinimixError =>
      new MinimixError(failure(code, `connect ${this.jid}: ${text}`))
    const aborted = (): void => this.#opening?.reject(error('aborted', 'aborted by the caller'))
    const opened = new Promise<void>((resolve, reject) => {
      this.#opening = { resolve, reject }
    })
    const deadline = setTimeout(
      () => this.#opening?.reject(error('timeout', `not online within ${timeoutMs} ms`)),
      timeoutMs,
    )
    signal?.addEventListener('abort', aborted, { once: true })
    watchVisibility(() => {
      if (!isHidden()) this.#link.look()
      this.#tellQuietly('visible', { hidden: isHidden() })
    }, this.#ended.signal)
    watchLife(this.#link, this.#ended.signal)
    if (signal?.aborted) aborted()
    else this.#link.open().catch((reason: unknown) => this.#opening?.reject(reason))
    try {
      await opened
      watchActivity(idleAfterMs, (activity) => this.#act(activity), this.#ended.signal)
    } catch (reason) {
      this.#ended.abort()
      this.#link.close()
      throw reason
    } finally {
      clearTimeout(deadline)
      signal?.removeEventListener('abort', aborted)
      this.#opening = undefined
    }
  }

  /** There is a worker: the first one, or another that knows nothing of this tab. */
  async #attached(): Promise<void> {
    try {
      await this.#signing.signIn()
      this.#opening?.resolve()
    } catch (error) {
      if (this.#opening) this.#opening.reject(error)
      else this.#notIn(error)
      return
    }
    if (this.#stanzaListeners > 0) this.#tellQuietly('listen', { stanzas: true })
    const again = [...this.rooms.values()].map((room) => room.joinAgain())
    this.listenAgain()
    for (const outcome of await Promise.allSettled(again)) {
      if (outcome.status === 'rejected' && outcome.reason instanceof MinimixError) this.emit('error', outcome.reason)
    }
  }

  #notIn(error: unknown): void {
    if (!(error instanceof MinimixError) || error.code === 'worker-gone') return
    this.#leftOut = true
    this.emit('error', error)
  }

  #hear(events: readonly TabEvent[]): void {
    this.take(events)
    // That of a tab which is on its way in is another one, perhaps.
    if (this.status === 'refused' && !this.#opening) this.#signing.refused()
    if (!this.#leftOut || this.status !== 'online') return
    this.#leftOut = false
    void this.#attached()
  }

  protected override passwordWanted(): void {
    this.#signing.wanted().catch((error: unknown) => error instanceof MinimixError && this.emit('error', error))
  }

  #say(secret: PasswordWords): Promise<unknown> {
    const again = this.#opening === undefined
    const words = { ...this.#options.signIn, activity: this.#activity, hidden: isHidden(), again, ...secret }
    // Nobody waits for one that only brings back what there was: it may take as long as the server is away.
    return this.#call('signIn', words, { timeoutMs: again ? 86_400_000 : this.#options.timeoutMs })
  }

  #failed(error: MinimixError): void {
    const isOutdated = error.code === 'outdated'
    if (isOutdated) this.emit('outdated', { error })
    if (this.#opening) this.#opening.reject(error)
    else {
      this.setStatus('offline', error)
      this.emit('error', error)
    }
    if (isOutdated) this.#reloading?.then(({ reloadOnceHidden }) => reloadOnceHidden(isHidden)).catch(() => undefined)
  }

  #act(activity: Activity): void {
    this.#activity = activity
    this.#tellQuietly('activity', { activity })
  }

  #listen(more: 1 | -1): void {
    const before = this.#stanzaListeners
    this.#stanzaListeners += more
    if (before === 0 || this.#stanzaListeners === 0) this.#tellQuietly('listen', { stanzas: this.#stanzaListeners > 0 })
  }

  #call<N extends CallName>(name: N, args: Calls[N]['args'], options?: CallOptions): Promise<Calls[N]['value']> {
    return callBroker(this.#link, name, args, options)
  }

  /** What nobody waits for; a worker that is gone hears it from the next `signIn`. */
  #tellQuietly<N extends CallName>(name: N, args: Calls[N]['args']): void {
    this.#call(name, args).catch(() => undefined)
  }
}
