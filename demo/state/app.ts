import { type ReadonlySignal, signal } from '@preact/signals'
import { type Account, connect } from 'minimix-web'
import { domainPart } from './address.ts'
import { Chat } from './chat.ts'
import type { DemoConfig } from './config.ts'
import { way } from './connecting.ts'
import { type Remembered, recall, remember, rememberHere } from './memory.ts'
import { chosenTheme } from './theme.ts'
import { Toasts } from './toasts.ts'
import { inWords } from './words.ts'

export interface Credentials {
  readonly jid: string
  readonly service: string
  readonly password: string
}

/** What the page shows. */
export type Stage =
  | { readonly at: 'returning'; readonly jid: string }
  | { readonly at: 'sign-in'; readonly jid: string; readonly service: string; readonly notice?: string }
  | { readonly at: 'chat'; readonly chat: Chat }

/** The page of one tab, signed in or not. */
export class App {
  readonly config: DemoConfig | undefined
  readonly toasts = new Toasts()
  readonly theme = chosenTheme()
  readonly #stage = signal<Stage>({ at: 'sign-in', jid: '', service: '' })
  #remembered: Remembered | undefined = recall()

  constructor(config: DemoConfig | undefined) {
    this.config = config
    this.#askAgain()
  }

  get stage(): ReadonlySignal<Stage> {
    return this.#stage
  }

  /** Comes back to where this tab was. No password is needed as long as a tab of the account is signed in. */
  async begin(): Promise<void> {
    const known = this.#remembered
    if (!known?.signedIn) return
    const { jid } = known
    this.#stage.value = { at: 'returning', jid }
    try {
      const service = this.#serviceFor(jid, known.service)
      this.#enter(await connect({ jid, ...way(this.config, service) }), service)
    } catch (error) {
      this.#askAgain(inWords(error))
    }
  }

  /** Signs in, or attaches where another tab has. @throws whatever `connect` throws, for the form to show */
  async signIn({ jid, service, password }: Credentials): Promise<void> {
    const account = await connect({ jid, password, ...way(this.config, service) })
    if (this.#remembered?.jid !== account.jid) this.#remembered = undefined
    this.#enter(account, service)
  }

  /** Takes this tab out; the others go on. */
  async detach(): Promise<void> {
    const { chat } = this
    if (!chat) return
    this.#leaveChat(chat, (what) => rememberHere(what))
    await chat.account.detach()
  }

  /** Signs the account out, in every tab. */
  async signOut(): Promise<void> {
    const { chat } = this
    if (!chat) return
    this.#leaveChat(chat, (what) => remember(what))
    try {
      await chat.account.logout()
    } catch (error) {
      this.toasts.show(inWords(error))
    }
    await chat.account.detach()
  }

  get chat(): Chat | undefined {
    return this.#stage.value.at === 'chat' ? this.#stage.value.chat : undefined
  }

  #enter(account: Account, service: string): void {
    const { jid } = account
    const rooms = this.#remembered?.rooms ?? []
    const chat = new Chat({
      account,
      toasts: this.toasts,
      counted: this.config !== undefined && !this.config.memory,
      onRooms: (now) => this.#keep({ jid, service, rooms: now, signedIn: true }),
      onSignedOut: () => {
        this.#leaveChat(chat, (what) => rememberHere(what), 'You were signed out by another tab.')
        void account.detach()
      },
    })
    this.#keep({ jid, service, rooms, signedIn: true })
    this.#stage.value = { at: 'chat', chat }
    chat.begin(rooms)
  }

  #leaveChat(chat: Chat, keep: (what: Remembered) => void, notice?: string): void {
    chat.end()
    this.toasts.clear()
    if (this.#remembered) {
      this.#remembered = { ...this.#remembered, rooms: [], signedIn: false }
      keep(this.#remembered)
    }
    this.#askAgain(notice)
  }

  #keep(what: Remembered): void {
    this.#remembered = what
    remember(what)
  }

  #askAgain(notice?: string): void {
    const { jid = '', service = '' } = this.#remembered ?? {}
    this.#stage.value = {
      at: 'sign-in',
      jid,
      service: this.#serviceFor(jid, service),
      ...(notice !== undefined && { notice }),
    }
  }

  /** The demo's own server may be at another address than at the last visit. */
  #serviceFor(jid: string, remembered: string): string {
    const { config } = this
    if (!config) return remembered
    const ours = jid === '' || config.accounts.some((account) => domainPart(account.jid) === domainPart(jid))
    return ours || remembered === '' ? config.service : remembered
  }
}
