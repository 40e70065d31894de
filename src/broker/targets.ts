import type { SharedMessage } from '../contract/api.ts'
import { pendingMessage } from '../rooms/outbox.ts'
import type { Room } from '../rooms/room.ts'
import type { Store } from '../storage/store.ts'
import { EVERYWHERE } from './room-reading.ts'
import { CORRECTABLE } from './seeking.ts'

/**
 * The messages that tabs answer and act upon. They are looked for one after the other, and who wants none waits for those
 * before: what is said in a room goes out in the order of the calls.
 */
export class Targets {
  readonly #store: Pick<Store, 'find' | 'newest'>
  readonly #room: (jid: string) => Room | undefined
  /** By room. */
  readonly #last = new Map<string, Promise<void>>()

  constructor(store: Pick<Store, 'find' | 'newest'>, room: (jid: string) => Room | undefined) {
    this.#store = store
    this.#room = room
  }

  /** @param id the room's or, of a message of ours, that under which it was sent; without one nothing is looked for */
  find(room: string, id: string | undefined, onFound: (message: SharedMessage | undefined) => void): void {
    const before = this.#last.get(room)
    if (!before && id === undefined) return onFound(undefined)
    const found = (before ?? Promise.resolve()).then(() => (id === undefined ? undefined : this.#find(room, id)))
    const last = found.catch(() => undefined).then(onFound)
    const settled = last.catch(() => undefined)
    this.#last.set(room, settled)
    void settled.then(() => {
      if (this.#last.get(room) === settled) this.#last.delete(room)
    })
  }

  async #find(jid: string, id: string): Promise<SharedMessage | undefined> {
    const room = this.#room(jid)
    const pending = room && pendingMessage(room, id)
    if (pending) return pending
    const found = await this.#store.find(jid, id)
    if (found) return found
    // An application may still know it by the id that it had before the room gave it one.
    const newest = await this.#store.newest({ room: jid, ...EVERYWHERE }, CORRECTABLE)
    return newest.findLast(({ own, originId }) => own && originId === id)
  }
}
