import type { SharedMessage, TabEvent } from '../contract/api.ts'
import { type Failure, failure, MinimixError, type Reply } from '../contract/errors.ts'
import type { LogLevel } from '../contract/model.ts'
import type { Envelope, Plugin, PluginParts, PluginWorker, RoomWords } from '../contract/plugin.ts'
import { iq, type Envelope as StanzaEnvelope } from '../protocol/stanza.ts'
import type { Bookmark } from '../protocol/xep-0402-bookmarks.ts'
import type { NotifyWhen } from '../protocol/xep-0492-notifications.ts'
import type { XmlNode } from '../protocol/xml.ts'
import type { WorkerWords } from '../rooms/outbox.ts'
import type { TabId } from '../rooms/room.ts'
import type { Store } from '../storage/store.ts'
import { resultOf } from './answers.ts'
import { notLoaded } from './later.ts'
import { describe } from './log.ts'
import type { Clock } from './ports.ts'

export interface PluginsWorld {
  readonly ownJid: () => string
  readonly online: () => boolean
  readonly versionsRosters: () => boolean
  readonly isRoom: (bareJid: string) => boolean
  readonly present: (part: string, words: XmlNode | undefined) => void
  readonly clock: Clock
  readonly store: Store
  readonly send: (stanza: XmlNode) => void
  readonly ask: (stanza: XmlNode, onAnswer: (answer: XmlNode | undefined) => void) => void
  /** What was remembered of this entity is not to be believed any more. */
  readonly forget: (jid: string) => void
  readonly announce: (event: TabEvent) => void
  readonly say: (room: string, words: SaidByPlugin, onReply: OnReply) => void
  readonly tellTab: (tab: TabId, event: TabEvent) => void
  readonly isIn: (room: string) => boolean
  readonly setBookmark: (bookmark: Bookmark) => Promise<Failure | undefined>
  /** By room. */
  readonly bookmarks: () => ReadonlyMap<string, Bookmark>
  /** The account is not in a room that has a bookmark. */
  readonly onAbsent: () => void
  /** It is one that could not be loaded. */
  readonly isLate: (plugin: string) => boolean
  readonly log: (level: LogLevel, text: string) => void
}

export type SaidByPlugin = Omit<WorkerWords, 'call' | 'waitMs'> & Pick<RoomWords, 'chat'>

export type OnReply = (reply: Reply<unknown>) => void

interface Running {
  readonly name: string
  readonly parts: PluginParts
}

/** The parts of the worker that have a name and calls of their own. What one of them throws is its own matter. */
export class Plugins {
  readonly #world: PluginsWorld
  #running: readonly Running[]

  constructor(plugins: readonly Plugin[], world: PluginsWorld) {
    this.#world = world
    this.#running = this.#started(plugins)
  }

  #started(plugins: readonly Plugin[]): Running[] {
    return plugins.flatMap((plugin) => {
      const parts = this.#guarded(plugin.name, () => plugin.start(this.#worker(plugin.name)))
      return parts ? [{ name: plugin.name, parts }] : []
    })
  }

  /** More of them, before those that there are: these tabs are there already, and perhaps a session. */
  begin(plugins: readonly Plugin[], tabs: Iterable<TabId>): void {
    const started = this.#started(plugins)
    this.#running = [...started, ...this.#running]
    for (const { name, parts } of started) {
      for (const tab of tabs) this.#guarded(name, () => parts.attached?.(tab))
      for (const [room, bookmark] of this.#world.bookmarks())
        this.#guarded(name, () => parts.bookmark?.(room, bookmark))
      if (this.#world.online()) this.#guarded(name, () => parts.online?.(false))
    }
  }

  online(resumed: boolean): void {
    for (const { name, parts } of this.#running) this.#guarded(name, () => parts.online?.(resumed))
  }

  lost(): void {
    for (const { name, parts } of this.#running) this.#guarded(name, () => parts.lost?.())
  }

  attached(tab: TabId): void {
    for (const { name, parts } of this.#running) this.#guarded(name, () => parts.attached?.(tab))
  }

  gone(tab: TabId): void {
    for (const { name, parts } of this.#running) this.#guarded(name, () => parts.gone?.(tab))
  }

  save(): void {
    for (const { name, parts } of this.#running) this.#guarded(name, () => parts.save?.())
  }

  /** What every tab is told. */
  announced(event: TabEvent): void {
    if (event.kind === 'bookmark' || event.kind === 'membership') this.#noteAbsence(event)
    for (const { name, parts } of this.#running) {
      this.#guarded(name, () => {
        if (event.kind === 'bookmark') parts.bookmark?.(event.room, event.bookmark)
        else if (event.kind === 'membership' && event.change !== 'renamed')
          parts.membership?.(event.room, event.change === 'joined')
      })
    }
  }

  #noteAbsence({ kind, room }: Extract<TabEvent, { kind: 'bookmark' | 'membership' }>): void {
    const { bookmarks, isIn, onAbsent } = this.#world
    const bookmark = bookmarks().get(room)
    // One that is to be joined is on its way in.
    const comes = kind === 'bookmark' && bookmark?.autojoin
    if (bookmark && !comes && !isIn(room)) onAbsent()
  }

  /** The first that knows. */
  notifyWhen(room: string): NotifyWhen | undefined {
    for (const { name, parts } of this.#running) {
      const when = this.#guarded(name, () => parts.notifyWhen?.(room))
      if (when) return when
    }
    return undefined
  }

  entered(room: string): void {
    for (const { name, parts } of this.#running) this.#guarded(name, () => parts.entered?.(room))
  }

  end(): void {
    for (const { name, parts } of this.#running) this.#guarded(name, () => parts.end?.())
  }

  /** @returns whether it meant something to one of them */
  stanza(envelope: Envelope, stanza: XmlNode): boolean {
    return this.#running.some(({ name, parts }) => this.#guarded(name, () => parts.stanza?.(stanza, envelope)) === true)
  }

  /** @returns the answer to a request of the network, where one of them knows it */
  answer(envelope: StanzaEnvelope, request: XmlNode): XmlNode | undefined {
    const { id, from, type } = envelope
    if (id === undefined || (type !== 'get' && type !== 'set')) return undefined
    for (const { name, parts } of this.#running) {
      const result = this.#guarded(name, () => parts.request?.(request, envelope))
      if (result) return iq({ type: 'result', id, to: from }, ...result)
    }
    return undefined
  }

  async call(
    plugin: string,
    method: string,
    args: unknown,
    tab: TabId,
  ): Promise<{ value: unknown } | { error: Failure }> {
    const calls = this.#running.find(({ name }) => name === plugin)?.parts.calls
    const run = calls && Object.hasOwn(calls, method) ? calls[method] : undefined
    if (!run && this.#world.isLate(plugin)) return { error: notLoaded(`${plugin}.${method}`) }
    if (!run) return { error: failure('outdated', `the worker has no call ${method} of a plug-in ${plugin}`) }
    try {
      return { value: (await run(args, tab)) ?? null }
    } catch (error) {
      if (error instanceof MinimixError) return { error: { ...error, message: error.message } }
      this.#world.log('error', `${plugin}.${method}: ${describe(error)}`)
      return { error: failure('worker-error', `${plugin}.${method}: ${String(error)}`) }
    }
  }

  #worker(plugin: string): PluginWorker {
    const { ownJid, online, versionsRosters, isRoom, present, clock, store, send, ask, say } = this.#world
    const { forget, announce, tellTab, isIn, setBookmark, log } = this.#world
    return {
      get account() {
        return ownJid()
      },
      get online() {
        return online()
      },
      get versionsRosters() {
        return versionsRosters()
      },
      isRoom,
      present: (words) => present(plugin, words),
      nowMs: () => clock.nowMs(),
      newId: () => clock.newId(),
      after: (ms, run) => clock.after(ms, () => this.#guarded(plugin, run)),
      send,
      request: ({ to, type, payload, anew }) =>
        new Promise((resolve, reject) => {
          if (anew && to !== undefined) forget(to)
          ask(iq({ type, to, id: clock.newId() }, payload), (answer) => {
            const found = resultOf(answer, `${plugin}: ${type} ${payload.name} to ${to ?? 'the account'}`)
            if ('error' in found) reject(new MinimixError(found.error))
            else resolve(found.result)
          })
        }),
      say: (room, { more = [], forget, ...words }) =>
        new Promise((resolve, reject) =>
          say(
            room,
            { ...words, more, forget: forget === undefined ? forget : { part: plugin, key: forget } },
            (reply) => {
              // What a message in the outbox is answered with.
              if (reply.ok) resolve(reply.value as SharedMessage)
              else reject(new MinimixError(reply.error))
            },
          ),
        ),
      tell: (name, detail, tab) => {
        const event = { kind: 'plugin', plugin, name, detail } as const
        if (tab === undefined) announce(event)
        else tellTab(tab, event)
      },
      isIn,
      setBookmark: async (bookmark) => {
        const error = await setBookmark(bookmark)
        if (error) throw new MinimixError(error)
      },
      log: (level, text) => log(level, `${plugin}: ${text}`),
      kept: {
        get: (key) => store.kept(plugin, key),
        all: () => store.allKept(plugin),
        set: (key, value) => store.write([{ put: 'kept', part: plugin, key, value }]),
      },
    }
  }

  #guarded<T>(plugin: string, run: () => T): T | undefined {
    const failed = (error: unknown): undefined => {
      this.#world.log('error', `${plugin}: ${describe(error)}`)
    }
    try {
      const value = run()
      if (value instanceof Promise) value.catch(failed)
      return value
    } catch (error) {
      return failed(error)
    }
  }
}
