import type { CallName, Calls } from '../contract/api.ts'
import { type Failure, failure, type Reply } from '../contract/errors.ts'
import type { TabId } from '../rooms/room.ts'
import type { AttachedTab, BrokerOptions } from './broker-options.ts'
import { type Happening, happeningName } from './happening.ts'
import { receive } from './incoming.ts'
import { describe } from './log.ts'
import { type BrokerParts, brokerParts } from './parts.ts'
import type { EventPort } from './ports.ts'
import { Queue } from './queue.ts'
import { answerCall, type TabRequest } from './tab-calls.ts'
import { TabLink } from './tab-link.ts'

export type { AttachedTab, BrokerOptions } from './broker-options.ts'

/**
 * The account's one engine: every stanza, call, timer and death of a tab becomes a happening on one queue, and is dealt
 * with before the next. It owns the state; nobody else changes it.
 */
export class Broker {
  readonly #options: BrokerOptions
  readonly #parts: BrokerParts
  readonly #queue: Queue<Happening>
  /** Another engine has the account. */
  #over = false
  #wiped = false

  constructor(options: BrokerOptions) {
    this.#options = options
    this.#queue = new Queue({
      handle: (happening) => this.#handle(happening),
      onError: (happening, error) => this.#failed(happening, error),
      clock: options.clock,
      onLong: (happening, ms) => this.#parts.records.add('warn', `${happeningName(happening)}: took ${ms} ms`),
    })
    this.#parts = brokerParts(options, {
      push: (happening) => this.#queue.push(happening),
      tabGone: (tab) => this.#tabGone(tab),
      onWiped: () => {
        this.#wiped = true
      },
    })
  }

  /** Nothing of the account is left here: whoever signs in again gets another broker. */
  get wiped(): boolean {
    return this.#wiped
  }

  /** A tab has said hello, over this way for events. One that is here already begins anew. */
  attach(tab: TabId, port: EventPort): AttachedTab {
    const { tabs, account, lastTab } = this.#parts
    if (tabs.has(tab)) this.#tabGone(tab)
    const { instance, clock } = this.#options
    const link = new TabLink(tab, instance, port, clock, () => this.#queue.push({ on: 'tab-back', link }))
    tabs.add(link)
    lastTab.came()
    this.#tellAccount(link)
    for (const invite of account.invites) link.push({ kind: 'invite', invite })
    return {
      api: { call: (name, args) => this.#call(tab, link, name, args) },
      acknowledge: (seq) => link.acknowledge(seq),
      suspend: () => {
        link.close()
        lastTab.went()
      },
      detach: () => {
        if (tabs.link(tab) === link) this.#queue.push({ on: 'tab-gone', tab })
      },
    }
  }

  /** A tab that had fallen behind: what is on its way to it by now it is shown anyway, what comes then it is told. */
  #tabBack(link: TabLink): void {
    const { tabs, commits, conversations } = this.#parts
    if (tabs.link(link.id) !== link) return
    commits.after(() => {
      link.goOn()
      this.#tellAccount(link)
    })
    conversations.showAgain(link)
  }

  #tellAccount(link: TabLink): void {
    const { session, rooms, account, conversations, plugins } = this.#parts
    link.push({ kind: 'status', status: session.status })
    link.push({ kind: 'memberships', rooms: rooms.memberships })
    link.push({ kind: 'presence', presence: account.presence })
    for (const event of conversations.told) link.push(event)
    plugins.attached(link.id)
  }

  /** Another engine is to have the account: resolves when it can go on with all that there is. */
  handOver(): Promise<void> {
    const { session, commits } = this.#parts
    this.#over = true
    const letGo = session.handOver()
    return new Promise((resolve) =>
      commits.after(() => {
        letGo()
        this.#end()
        resolve()
      }),
    )
  }

  /** Another engine has the account already: nothing is sent or stored any more. */
  abandon(): void {
    this.#over = true
    this.#parts.session.abandon()
    this.#end()
  }

  #end(): void {
    const { tabs, plugins, slowCalls } = this.#parts
    tabs.drop()
    plugins.end()
    slowCalls.end()
    this.#options.store.close()
  }

  /** Something went wrong in the worker that no call will tell of: every tab hears of it. */
  tellError(error: Failure): void {
    this.#parts.tabs.announce({ kind: 'error', error })
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
    const { tabs, slowCalls } = this.#parts
    return new Promise((resolve) => {
      if (tabs.link(tab) !== link) {
        resolve({ ok: false, error: failure('worker-gone', `${name}: the tab is not attached`), afterSeq: 0 })
        return
      }
      const request = { name, args } as TabRequest
      const settle = slowCalls.watch(request, (reply) => resolve(reply as Reply<Calls[N]['value']>))
      this.#queue.push({ on: 'call', tab, call: tabs.openCall(tab, settle), request })
    })
  }

  #failed(happening: Happening, error: unknown): void {
    const { records, tabs } = this.#parts
    records.add('error', `${happening.on}: ${describe(error)}`)
    if (happening.on !== 'call') return
    tabs.fail(happening.call, failure('stanza-error', `${happening.request.name}: ${String(error)}`))
  }

  #handle(happening: Happening): void {
    if (this.#over) return
    const { session, conversations, late, desk, receivers, commits, lastTab } = this.#parts
    switch (happening.on) {
      case 'call': {
        const { tab, call, request } = happening
        const waits = late.call(request)
        return waits ? this.#queue.again(happening, waits) : answerCall(desk, tab, call, request)
      }
      case 'tab-gone':
        return this.#tabGone(happening.tab)
      case 'stanza':
        if (session.isCurrent(happening.stream)) {
          const waits = receive(receivers, happening.stanza)
          if (waits) this.#queue.again(happening, waits)
        }
        return
      case 'connection':
        return session.step(happening.input, happening.stream)
      case 'room':
        return conversations.step(happening.room, happening.input)
      case 'tab-back':
        return this.#tabBack(happening.link)
      case 'network':
        return session.nudge()
      case 'nobody':
        if (lastTab.ends) commits.after(() => session.signOut())
    }
  }

  #tabGone(tab: TabId): void {
    const { tabs, late, signIns, conversations, plugins, account, lastTab } = this.#parts
    tabs.remove(tab)
    late.directed?.forget(tab)
    signIns.tabGone(tab)
    conversations.tabGone(tab)
    plugins.gone(tab)
    account.showPresence({ on: 'tab-gone', tab })
    lastTab.went()
  }
}
