import { type Failure, failure } from '../contract/errors.ts'
import { bareOf } from '../protocol/jid.ts'
import { presence } from '../protocol/stanza.ts'
import type { XmlNode } from '../protocol/xml.ts'
import type { TabId } from '../rooms/room.ts'

/**
 * Presence that tabs show to somebody in particular, counted by tab: the first one and each change go out, and one
 * unavailable when the last tab takes it back.
 */
export class DirectedPresence {
  readonly #send: (stanza: XmlNode) => void
  /** Whether that bare JID is, or may be, a room: presence there is for the room's own calls. */
  readonly #isRoom: (bareJid: string) => boolean
  readonly #shown = new Map<string, { readonly tabs: Set<TabId>; last: string }>()

  constructor(send: (stanza: XmlNode) => void, isRoom: (bareJid: string) => boolean) {
    this.#send = send
    this.#isRoom = isRoom
  }

  /** @param stanza `undefined` takes it back */
  set(tab: TabId, to: string, stanza: XmlNode | undefined): Failure | undefined {
    // A presence to a room where we are not would be a join on some servers.
    const nobody = { condition: 'item-not-found' }
    if (this.#isRoom(bareOf(to)))
      return failure('stanza-error', `presence to ${to}: this tab is in no such room`, nobody)
    const shown = this.#shown.get(to) ?? { tabs: new Set(), last: '' }
    if (!stanza) {
      this.#withdraw(tab, to)
      return undefined
    }
    shown.tabs.add(tab)
    this.#shown.set(to, shown)
    const words = JSON.stringify(stanza.children)
    if (words === shown.last) return undefined
    shown.last = words
    this.#send(stanza)
    return undefined
  }

  /** The tab is gone, and with it what it showed. */
  forget(tab: TabId): void {
    for (const to of [...this.#shown.keys()]) this.#withdraw(tab, to)
  }

  /** With the stream the server has taken it all back. */
  lost(): void {
    this.#shown.clear()
  }

  #withdraw(tab: TabId, to: string): void {
    const shown = this.#shown.get(to)
    if (!shown?.tabs.delete(tab) || shown.tabs.size > 0) return
    this.#shown.delete(to)
    this.#send(presence({ to, type: 'unavailable' }))
  }
}
