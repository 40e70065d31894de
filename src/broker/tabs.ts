import type { TabEvent } from '../contract/api.ts'
import { type Failure, failure, type Reply } from '../contract/errors.ts'
import type { CallId, TabId } from '../rooms/room.ts'
import type { TabLink } from './tab-link.ts'

interface OpenCall {
  readonly tab: TabId
  readonly settle: (reply: Reply<unknown>) => void
}

/** The tabs that are attached, and their calls that wait for an answer. */
export class Tabs {
  readonly #links = new Map<TabId, TabLink>()
  readonly #calls = new Map<CallId, OpenCall>()
  readonly #listeners = new Set<TabId>()
  readonly #hidden = new Set<TabId>()
  /** Those that have said that they can be seen. */
  readonly #shown = new Set<TabId>()
  readonly #onShown: () => void
  readonly #onAnnounced: (event: TabEvent) => void
  /** The one that the person was at last comes last. */
  readonly #used = new Set<TabId>()
  #nextCall: CallId = 1

  /**
   * @param onShown a tab came into sight, or went out of it
   * @param onAnnounced every tab has been told, if there is one
   */
  constructor(onShown: () => void = () => undefined, onAnnounced: (event: TabEvent) => void = () => undefined) {
    this.#onShown = onShown
    this.#onAnnounced = onAnnounced
  }

  add(link: TabLink): void {
    this.#links.set(link.id, link)
  }

  /** Ends the tab's calls and its events. */
  remove(tab: TabId): void {
    for (const [id, call] of this.#calls) if (call.tab === tab) this.fail(id, failure('aborted', 'the tab is gone'))
    this.#links.get(tab)?.close()
    this.#links.delete(tab)
    for (const each of [this.#listeners, this.#hidden, this.#shown, this.#used]) each.delete(tab)
    this.#onShown()
  }

  /** Says nothing more to anybody: the end of this life of the worker is what ends their calls. */
  drop(): void {
    this.#calls.clear()
    for (const link of this.#links.values()) link.close()
    this.#links.clear()
  }

  has(tab: TabId): boolean {
    return this.#links.has(tab)
  }

  link(tab: TabId): TabLink | undefined {
    return this.#links.get(tab)
  }

  get all(): readonly TabLink[] {
    return [...this.#links.values()]
  }

  /** Whether there is a tab that is told anything: one that its browser keeps is not. */
  get anyHears(): boolean {
    return [...this.#links.values()].some(({ closed }) => !closed)
  }

  get size(): number {
    return this.#links.size
  }

  /** The tabs that nobody can look at. */
  get hidden(): ReadonlySet<TabId> {
    return this.#hidden
  }

  get anyShown(): boolean {
    return this.#shown.size > 0
  }

  hide(tab: TabId, hidden: boolean): void {
    const [to, from] = hidden ? [this.#hidden, this.#shown] : [this.#shown, this.#hidden]
    to.add(tab)
    from.delete(tab)
    this.#onShown()
  }

  /** The person is at this tab. */
  use(tab: TabId): void {
    this.#used.delete(tab)
    this.#used.add(tab)
  }

  /** The tab that the person was at last, of those that hear. */
  tellLast(event: TabEvent): void {
    const last = this.last()
    if (last !== undefined) this.tell([last], event)
  }

  /** The same tab, or if given, that of those. */
  last(among?: ReadonlySet<TabId>): TabId | undefined {
    const hearing = [...this.#links.values()].filter(({ id, closed }) => !closed && (among?.has(id) ?? true))
    const used = [...this.#used].findLast((tab) => hearing.some(({ id }) => id === tab))
    return used ?? hearing[0]?.id
  }

  /** Whether a tab wants every stanza. */
  listen(tab: TabId, listens: boolean): void {
    if (listens) this.#listeners.add(tab)
    else this.#listeners.delete(tab)
  }

  get anyListens(): boolean {
    return this.#listeners.size > 0
  }

  tellListeners(event: TabEvent): void {
    this.tell([...this.#listeners], event)
  }

  tell(tabs: readonly TabId[], event: TabEvent): void {
    for (const tab of tabs) this.#links.get(tab)?.push(event)
  }

  announce(event: TabEvent): void {
    for (const link of this.#links.values()) link.push(event)
    this.#onAnnounced(event)
  }

  openCall(tab: TabId, settle: OpenCall['settle']): CallId {
    const id = this.#nextCall++
    this.#calls.set(id, { tab, settle })
    return id
  }

  answer(call: CallId, value: unknown): void {
    this.#settle(call, (afterSeq) => ({ ok: true, value, afterSeq }))
  }

  fail(call: CallId, error: Failure): void {
    this.#settle(call, (afterSeq) => ({ ok: false, error, afterSeq }))
  }

  /** The answer takes its place behind the events that led to it. */
  #settle(id: CallId, reply: (afterSeq: number) => Reply<unknown>): void {
    const call = this.#calls.get(id)
    if (!call) return
    this.#calls.delete(id)
    const link = this.#links.get(call.tab)
    if (link) link.push((afterSeq) => call.settle(reply(afterSeq)))
    else call.settle(reply(0))
  }
}
