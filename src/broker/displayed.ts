import type { LogLevel } from '../contract/model.ts'
import { readItemsEvent } from '../protocol/xep-0163-pep.ts'
import { displayedMarker } from '../protocol/xep-0333-markers.ts'
import { displayedEl, NS_MDS, readDisplayed } from '../protocol/xep-0490-mds.ts'
import type { XmlNode } from '../protocol/xml.ts'
import { type Ask, PepNode } from './pep-node.ts'
import type { Clock } from './ports.ts'
import { Timers } from './timers.ts'

export interface DisplayedWorld {
  readonly ask: Ask
  readonly send: (stanza: XmlNode) => void
  readonly newId: () => string
  readonly clock: Clock
  readonly online: () => boolean
  readonly isIn: (room: string) => boolean
  /** The own bare JID. */
  readonly ownJid: () => string
  /** That is one person, and no room. */
  readonly isChat: (jid: string) => boolean
  /** Another device has displayed this message. */
  readonly happened: (room: string, id: string) => void
  readonly log: (level: LogLevel, text: string) => void
}

interface Due {
  /** In the archive. */
  readonly id: string
  readonly markable: boolean
  /** As its sender knows it, where that is another id. */
  readonly senderId?: string
}

/** From a message that is displayed until others are told: who reads on within it is told of once. */
const PAUSE_MS = 1_000

/** How far the person has read: told to the account's other devices (XEP-0490), and to rooms that ask for it (XEP-0333). */
export class Displayed {
  readonly #world: DisplayedWorld
  readonly #node: PepNode
  /** What the server has, by room; `undefined`: it has not said yet, or cannot. */
  #known: Map<string, string> | undefined
  readonly #due = new Map<string, Due>()
  readonly #timers: Timers

  constructor(world: DisplayedWorld) {
    this.#world = world
    this.#timers = new Timers(world.clock)
    this.#node = new PepNode(world.ask, world.newId, NS_MDS)
  }

  /** A session has begun, or (of the worker before) goes on: what happened meanwhile is to be read. */
  async online(session: 'new' | 'resumed'): Promise<void> {
    if (session === 'new' || !this.#known) {
      const items = await this.#node.read()
      if (Array.isArray(items)) {
        this.#known ??= new Map()
        this.#take(items)
      } else this.#world.log('info', 'displayed messages: the server cannot say')
    }
    for (const room of this.#due.keys()) this.#wait(room)
  }

  /** A notification of the account's own node. @returns whether it was that */
  event(stanza: XmlNode): boolean {
    const items = readItemsEvent(stanza, NS_MDS)
    if (Array.isArray(items)) this.#take(items)
    return items !== undefined
  }

  /** What of this room the server has is to be told: its messages are known now. */
  loaded(room: string): void {
    const id = this.#known?.get(room)
    if (id !== undefined) this.#world.happened(room, id)
  }

  /** A message was displayed here, or on another device. */
  note(room: string, due: Due): void {
    this.#due.set(room, due)
    // What another device told us is nobody's news.
    if (this.#known?.get(room) === due.id) this.#due.delete(room)
    else this.#wait(room)
  }

  #take(items: readonly XmlNode[]): void {
    for (const { room, id } of items.flatMap((item) => readDisplayed(item, this.#world.ownJid()))) {
      // What we said ourselves comes back.
      if (this.#known?.get(room) === id) continue
      this.#known?.set(room, id)
      this.#world.happened(room, id)
    }
  }

  #wait(room: string): void {
    if (!this.#timers.has(room)) this.#timers.start(room, PAUSE_MS, () => this.#tell(room))
  }

  #tell(room: string): void {
    const due = this.#due.get(room)
    const { online, isIn, isChat, ownJid, send, newId, log } = this.#world
    // The next session goes on with it.
    if (!due || !online()) return
    this.#due.delete(room)
    const { id, markable, senderId = id } = due
    if (this.#known?.get(room) === id) return
    const chat = isChat(room)
    if (markable && (chat || isIn(room))) send(displayedMarker(room, newId(), senderId, chat ? 'chat' : 'groupchat'))
    // A server that cannot say cannot keep it either.
    if (!this.#known) return
    this.#known.set(room, id)
    void this.#node.publish(room, displayedEl(id, chat ? ownJid() : room)).then((error) => {
      if (error) log('info', `displayed messages of ${room}: not published`)
    })
  }
}
