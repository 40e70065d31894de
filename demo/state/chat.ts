import { computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { Account, AccountStatus, Message, MinimixError } from 'minimix-web'
import { addressOf, localPart, roomInAddress, usualNick } from './address.ts'
import { type Figures, watchFigures } from './figures.ts'
import type { Remembered } from './memory.ts'
import { RoomModel } from './room-model.ts'
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
  /** The room in front, by the page's address. */
  readonly open = signal<string | undefined>(undefined)
  /** The newest words of somebody else, for those who do not see them. */
  readonly heard = signal('')
  /** Rooms that only other tabs are in. */
  readonly elsewhere: ReadonlySignal<readonly string[]>
  /** What the list of this tab's rooms shows: those that it is in, or that need a look. */
  readonly listed: ReadonlySignal<readonly RoomModel[]>
  readonly #options: ChatOptions
  readonly #models = signal<ReadonlyMap<string, RoomModel>>(new Map())
  readonly #memberships: Signal<readonly string[]>
  readonly #seen = signal(document.visibilityState === 'visible')
  readonly #end = new AbortController()

  constructor(options: ChatOptions) {
    const { account, counted } = options
    this.account = account
    this.#options = options
    this.standing = signal({ status: account.status })
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

  /** The room in front, or `undefined` where there is none. */
  get front(): RoomModel | undefined {
    return this.open.value === undefined ? undefined : this.#models.value.get(this.open.value)
  }

  /** Goes back into the rooms that were remembered, and into the one that the address names. */
  begin(rooms: Remembered['rooms']): void {
    for (const { jid, nick } of rooms) this.join(jid, nick).catch(() => undefined) // what was kept is no address
    this.#show(roomInAddress())
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
      this.open.value = undefined
    }
  }

  /** Under which name to go in: the one in use, where another tab is in already. */
  nickIn(jid: string): string {
    return this.account.memberships.get(jid)?.nick || usualNick(this.account.jid)
  }

  /** Listens no more; the account goes on. */
  end(): void {
    this.#end.abort()
  }

  #listen(): void {
    const { account, toasts, onSignedOut } = this.#options
    const { signal } = this.#end
    const refresh = (): void => {
      this.#memberships.value = [...account.memberships.keys()]
    }
    account.on('membership', refresh, { signal })
    account.on('error', (error) => toasts.show(inWords(error)), { signal })
    account.on(
      'status',
      (standing) => {
        this.standing.value = standing
        queueMicrotask(refresh) // another worker tells its memberships just after its status
        if (standing.status === 'offline' && !standing.error) onSignedOut()
      },
      { signal },
    )
    addEventListener('hashchange', () => this.#show(roomInAddress()), { signal })
    document.addEventListener(
      'visibilitychange',
      () => {
        this.#seen.value = document.visibilityState === 'visible'
      },
      { signal },
    )
    this.#effect(() => {
      if (this.#seen.value) this.front?.read()
    })
  }

  #effect(work: () => void): void {
    this.#end.signal.addEventListener('abort', effect(work), { once: true })
  }

  /** A room that other tabs are in is entered at once: nobody in it notices. */
  #show(jid: string | undefined): void {
    try {
      const model = jid === undefined ? undefined : this.#model(jid)
      this.open.value = model?.jid
      const { state } = model?.snapshot.value ?? { state: 'out' }
      if (model && state === 'out' && this.account.memberships.has(model.jid)) void this.join(model.jid)
    } catch (error) {
      this.open.value = undefined
      this.#options.toasts.show(inWords(error))
    }
  }

  #model(jid: string): RoomModel {
    const room = this.account.room(jid)
    const known = this.#models.value.get(room.jid)
    if (known) return known
    const model = new RoomModel(room, this.#end.signal, {
      onHeard: (from, message) => this.#heard(from, message),
      onRefused: (error) => this.#options.toasts.show(inWords(error)),
      onLeftEverywhere: (left) => {
        this.#options.toasts.show(`You have left ${localPart(left.jid)} in every tab.`)
        this.close(left.jid)
      },
    })
    this.#models.value = new Map(this.#models.value).set(room.jid, model)
    return model
  }

  #heard(model: RoomModel, message: Message): void {
    const inFront = this.open.value === model.jid
    if (!inFront || !this.#seen.value) model.count(message)
    this.heard.value = `${message.nick}${inFront ? '' : ` in ${localPart(model.jid)}`}: ${message.body}`
  }
}
