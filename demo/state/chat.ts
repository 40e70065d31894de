import { computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { Account, AccountStatus, Invite, Message, MinimixError, Upload } from 'minimix-web'
import { addressOf, addressOfPerson, localPart, type Place, placeInAddress, usualNick } from './address.ts'
import { Contacts } from './contacts.ts'
import type { Conversation } from './conversation.ts'
import { type Figures, watchFigures } from './figures.ts'
import type { Remembered } from './memory.ts'
import type { Notifier } from './notifier.ts'
import { PersonModel } from './person-model.ts'
import { Pictures } from './pictures.ts'
import { RoomModel } from './room-model.ts'
import { Search } from './search.ts'
import type { Toasts } from './toasts.ts'
import { inWords } from './words.ts'

/** Where the account stands, and what brought it there if that was a fault. */
export interface Standing {
  readonly status: AccountStatus
  readonly error?: MinimixError
}

export interface ChatOptions {
  readonly account: Account
  readonly toasts: Toasts
  readonly notifier: Notifier
  /** Somebody counts in front of the server. */
  readonly counted: boolean
  /** The rooms of this tab have changed. */
  readonly onRooms: (rooms: Remembered['rooms']) => void
  /** Another tab has signed the account out. */
  readonly onSignedOut: () => void
}

/** A tab that is signed in: its rooms, and which of them is in front. */
export class Chat {
  readonly account: Account
  readonly figures: ReadonlySignal<Figures | undefined>
  readonly standing: Signal<Standing>
  readonly search: Search
  readonly pictures: Pictures
  readonly contacts: Contacts
  /** What is in front, by the page's address. */
  readonly open = signal<string | undefined>(undefined)
  /** The newest words of somebody else, for those who do not see them. */
  readonly heard = signal('')
  readonly invites: Signal<readonly Invite[]>
  /** Rooms that only other tabs are in. */
  readonly elsewhere: ReadonlySignal<readonly string[]>
  /** What the list of this tab's rooms shows: those that it is in, or that need a look. */
  readonly listed: ReadonlySignal<readonly RoomModel[]>
  /** By address: what nobody has seen, in whatever tab. */
  readonly unread: Signal<Account['unread']>
  /** Files on their way, whichever tab sent them. */
  readonly uploads = signal<readonly Upload[]>([])
  readonly #options: ChatOptions
  readonly #models = signal<ReadonlyMap<string, RoomModel>>(new Map())
  readonly #persons = signal<ReadonlyMap<string, PersonModel>>(new Map())
  readonly #memberships: Signal<readonly string[]>
  readonly #seen = signal(document.visibilityState === 'visible')
  readonly #end = new AbortController()

  constructor(options: ChatOptions) {
    const { account, counted } = options
    this.account = account
    this.#options = options
    this.standing = signal({ status: account.status })
    this.search = new Search(account)
    this.pictures = new Pictures(account, this.#end.signal)
    this.contacts = new Contacts(account, this.#end.signal)
    this.invites = signal([...account.invites.values()])
    this.unread = signal(new Map(account.unread))
    this.#memberships = signal([...account.memberships.keys()])
    this.figures = watchFigures(account, counted, this.#end.signal)
    this.listed = computed(() =>
      [...this.#models.value.values()].filter(
        (model) => model.nick !== undefined || model.wantsLook || model.jid === this.open.value,
      ),
    )
    this.elsewhere = computed(() =>
      this.#memberships.value.filter((jid) => !this.listed.value.some((model) => model.jid === jid)),
    )
    this.#listen()
  }

  /** What is in front, or `undefined` where nothing is. */
  get front(): RoomModel | PersonModel | undefined {
    const { value: jid } = this.open
    return jid === undefined ? undefined : (this.#persons.value.get(jid) ?? this.#models.value.get(jid))
  }

  /** How a place is called. */
  titleOf(jid: string): string {
    const known = this.#models.value.get(jid)
    return known ? known.title : this.#isPerson(jid) ? this.contacts.nameOf(jid) : localPart(jid)
  }

  /** What the sender of a message is called there. */
  senderIn(jid: string, nick: string): string {
    return this.#isPerson(jid) ? this.contacts.nameOf(jid) : nick
  }

  /** Goes back into the rooms that were remembered, and into the one that the address names. */
  begin(rooms: Remembered['rooms']): void {
    for (const { jid, nick } of rooms) this.join(jid, nick).catch(() => undefined) // what was kept is no address
    this.#show(placeInAddress())
    this.#effect(() => {
      const all = [...this.#models.value.values()]
      this.#options.onRooms(all.flatMap(({ jid, nick }) => (nick === undefined ? [] : [{ jid, nick }])))
    })
  }

  /** Enters a room. @returns whether it worked; the room's model says why it did not */
  async join(jid: string, nick = this.nickIn(jid), password?: string): Promise<boolean> {
    return this.#model(jid).join(nick, password)
  }

  /** Puts a room in front, joined or not. @throws MinimixError `jid-malformed` */
  show(jid: string): void {
    this.#model(jid)
    location.hash = addressOf(jid)
  }

  /** Puts what is said with one person in front. @throws MinimixError `jid-malformed` */
  showPerson(jid: string): void {
    location.hash = addressOfPerson(this.#person(jid).jid)
  }

  /** Puts a message in front, wherever it was said. */
  async showMessage({ room, id }: Pick<Message, 'room' | 'id'>): Promise<void> {
    if (this.#isPerson(room)) {
      this.showPerson(room)
      return this.#person(room).goTo(id)
    }
    this.show(room)
    const model = this.#model(room)
    if (!model.present.value && !(await this.join(room))) return
    await model.goTo(id)
  }

  async leave({ jid }: RoomModel, everywhere: boolean): Promise<void> {
    try {
      await this.#model(jid).leave(everywhere)
      this.close(jid)
    } catch (error) {
      this.#options.toasts.show(inWords(error))
    }
  }

  /** Takes a room that this tab is not in off the list. */
  close(jid: string): void {
    this.#models.value.get(jid)?.looked()
    if (this.open.value === jid) {
      history.replaceState(null, '', location.pathname + location.search)
      this.#show(undefined)
    }
  }

  /** Under which name to go in: the one in use, where another tab is in already. */
  nickIn(jid: string): string {
    return this.account.memberships.get(jid)?.nick || usualNick(this.account.jid)
  }

  accept({ room, password }: Invite): void {
    this.show(room)
    void this.join(room, this.nickIn(room), password)
  }

  async decline({ room }: Invite): Promise<void> {
    try {
      await this.account.declineInvite(room)
    } catch (error) {
      this.#options.toasts.show(inWords(error))
    }
  }

  async cancelUpload(id: string): Promise<void> {
    const { toasts } = this.#options
    try {
      if (!(await this.account.cancelUpload(id))) toasts.show('It is too late: the file is there.')
    } catch (error) {
      toasts.show(inWords(error))
    }
  }

  /** Listens no more; the account goes on. */
  end(): void {
    this.#end.abort()
  }

  #listen(): void {
    const { account, toasts, onSignedOut } = this.#options
    const { signal } = this.#end
    const on: Account['on'] = (name, listener) => account.on(name, listener, { signal })
    const refresh = (): void => {
      this.#memberships.value = [...account.memberships.keys()]
    }
    const refreshInvites = (): void => {
      this.invites.value = [...account.invites.values()]
    }
    on('membership', refresh)
    on('error', (error) => toasts.show(inWords(error)))
    on('unread', () => {
      this.unread.value = new Map(account.unread)
    })
    on('invite', refreshInvites)
    on('invite-closed', refreshInvites)
    const refreshUploads = (): void => {
      this.uploads.value = [...account.uploads.values()]
    }
    refreshUploads()
    on('upload', refreshUploads)
    on('notify', ({ room, message }) => this.#notify(room, message))
    on('status', (standing) => {
      this.standing.value = standing
      refreshUploads() // without a worker there are none
      queueMicrotask(refresh) // another worker tells its memberships just after its status
      if (standing.status === 'offline' && !standing.error) onSignedOut()
    })
    addEventListener('hashchange', () => this.#show(placeInAddress()), { signal })
    document.addEventListener(
      'visibilitychange',
      () => {
        this.#seen.value = document.visibilityState === 'visible'
      },
      { signal },
    )
  }

  #effect(work: () => void): void {
    this.#end.signal.addEventListener('abort', effect(work), { once: true })
  }

  /** A room that other tabs are in is entered at once: nobody in it notices. */
  #show(place: Place | undefined): void {
    const before = this.front
    try {
      const model = place && (place.kind === 'room' ? this.#model(place.jid) : this.#person(place.jid))
      this.open.value = model?.jid
      if (model) this.#options.toasts.seen(model.jid)
      if (before !== model) {
        before?.shown(false)
        model?.shown(true)
      }
      if (model?.kind !== 'room' || model.snapshot.value.state !== 'out') return
      if (this.account.memberships.has(model.jid)) void this.join(model.jid)
    } catch (error) {
      this.open.value = undefined
      before?.shown(false)
      this.#options.toasts.show(inWords(error))
    }
  }

  #model(jid: string): RoomModel {
    const room = this.account.room(jid)
    const known = this.#models.value.get(room.jid)
    if (known) return known
    const model = new RoomModel(room, {
      ended: this.#end.signal,
      toasts: this.#options.toasts,
      onHeard: (from, message) => this.#heard(from, message),
      onLeftEverywhere: (left) => {
        this.#options.toasts.show(`You have left ${localPart(left.jid)} in every tab.`)
        this.close(left.jid)
      },
    })
    this.#models.value = new Map(this.#models.value).set(room.jid, model)
    return model
  }

  #person(jid: string): PersonModel {
    const chat = this.account.chat(jid)
    const known = this.#persons.value.get(chat.jid)
    if (known) return known
    const model = new PersonModel(chat, {
      ended: this.#end.signal,
      toasts: this.#options.toasts,
      onHeard: (from, message) => this.#heard(from, message),
      nameOf: (whom) => this.contacts.nameOf(whom),
    })
    this.#persons.value = new Map(this.#persons.value).set(chat.jid, model)
    return model
  }

  #isPerson(jid: string): boolean {
    return this.#persons.value.has(jid) || this.account.chats.has(jid)
  }

  #heard(from: Conversation, message: Message): void {
    const { id, body } = message
    const inFront = this.open.value === from.jid
    if (!inFront || !this.#seen.value) from.timeline.unreadFrom.value ??= id
    this.heard.value = `${from.nameOf(message)}${inFront || from.kind === 'person' ? '' : ` in ${from.title}`}: ${body}`
  }

  /** One tab alone is told of it: if not by the browser, it is told here. */
  #notify(room: string, { nick, body }: Message): void {
    const { notifier, toasts } = this.#options
    const isPerson = !this.account.memberships.has(room)
    const title = isPerson
      ? this.contacts.nameOf(room)
      : nick === ''
        ? this.titleOf(room)
        : `${nick} in ${this.titleOf(room)}`
    const news = { title, text: body, tag: room, onChosen: () => (isPerson ? this.showPerson(room) : this.show(room)) }
    if (!notifier.show(news) && this.#seen.value) toasts.show(`${title}: ${body}`, room)
  }
}
