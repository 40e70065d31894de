import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { Account, ChatSummary, Contact, RosterSnapshot } from 'minimix-web'
import { usualNick } from './address.ts'

/** Somebody with whom one talks, or may. */
export interface Acquaintance {
  readonly jid: string
  readonly name: string
  /** Where they can be seen. */
  readonly show?: Contact['show']
  readonly newest?: ChatSummary['newest']
}

/** Whom the account knows: by its roster, and by what was said. */
export class Contacts {
  readonly roster: Signal<RosterSnapshot>
  readonly all: ReadonlySignal<readonly Acquaintance[]>
  readonly #account: Account
  readonly #chats: Signal<ReadonlyMap<string, ChatSummary>>
  readonly #nicks = signal(0)

  constructor(account: Account, ended: AbortSignal) {
    this.#account = account
    this.roster = signal(account.roster.snapshot())
    this.#chats = signal(new Map(account.chats))
    const offs = [
      account.roster.subscribe(() => {
        this.roster.value = account.roster.snapshot()
      }),
      account.on('chat', () => {
        this.#chats.value = new Map(account.chats)
      }),
      account.profile.on('nick', () => {
        this.#nicks.value += 1
      }),
    ]
    for (const off of offs) ended.addEventListener('abort', off, { once: true })
    this.all = computed(() => {
      const { contacts } = this.roster.value
      const jids = new Set([...this.#chats.value.keys(), ...contacts.keys()])
      return [...jids].map((jid) => this.#acquaintance(jid)).sort(byNewest)
    })
  }

  /** What we call them, or they themselves, or what their address says. */
  nameOf(jid: string): string {
    this.#nicks.value // heard of since
    return this.roster.value.contacts.get(jid)?.name ?? this.#account.profile.nicks.get(jid) ?? usualNick(jid)
  }

  /** Puts somebody on the roster, and asks to see whether they are there. @throws MinimixError */
  async add(jid: string): Promise<void> {
    await this.#account.roster.set(jid)
    await this.#account.roster.subscribeTo(jid)
  }

  /** Lets them see us, and asks the same of them. @throws MinimixError */
  async approve(jid: string): Promise<void> {
    await this.#account.roster.approve(jid)
    if (!this.roster.value.contacts.has(jid)) await this.add(jid)
  }

  /** @throws MinimixError */
  deny(jid: string): Promise<void> {
    return this.#account.roster.deny(jid)
  }

  #acquaintance(jid: string): Acquaintance {
    const show = this.roster.value.contacts.get(jid)?.show
    const newest = this.#chats.value.get(jid)?.newest
    return { jid, name: this.nameOf(jid), ...(show && { show }), ...(newest && { newest }) }
  }
}

/** With whom something was said last comes first; then by name. */
const byNewest = (a: Acquaintance, b: Acquaintance): number =>
  (b.newest?.stampMs ?? 0) - (a.newest?.stampMs ?? 0) || a.name.localeCompare(b.name)
