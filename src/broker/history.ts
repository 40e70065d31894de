import type { HistoryCall, HistoryPage, SharedMessage } from '../contract/api.ts'
import { type Failure, failure } from '../contract/errors.ts'
import { BEGINNING, type Gap, gapAbove, gapBelow } from '../rooms/gaps.ts'
import { hasArchive, type Room } from '../rooms/room.ts'
import type { Store } from '../storage/store.ts'
import type { Archive } from './archive.ts'

const END = Number.MAX_SAFE_INTEGER

export interface HistoryWorld {
  readonly store: Store
  readonly archive: Archive
  readonly room: (jid: string) => Room | undefined
  /** Resolves once it is known what store and archive have of it. */
  readonly whenKnown: (jid: string) => Promise<void>
}

interface Run {
  readonly messages: readonly SharedMessage[]
  /** Nothing is beyond it. */
  readonly ends: boolean
}

/** Pages of a room's messages: from the store, whose gaps are filled from the room's archive where a page meets them. */
export class History {
  readonly #world: HistoryWorld

  constructor(world: HistoryWorld) {
    this.#world = world
  }

  async page({ room, before, after, around, limit }: HistoryCall): Promise<HistoryPage | { readonly error: Failure }> {
    await this.#world.whenKnown(room)
    const id = before ?? after ?? around
    const anchor = id === undefined ? undefined : await this.#world.store.find(room, id)
    if (id !== undefined && !anchor) {
      const error = failure('stanza-error', `history of ${room}: no message ${id}`, { condition: 'item-not-found' })
      return { error }
    }
    const order = anchor?.order ?? END
    if (after !== undefined) {
      const { messages, ends } = await this.#behind(room, order, limit)
      return { messages, atStart: false, atEnd: ends }
    }
    if (around === undefined) {
      const { messages, ends } = await this.#before(room, order, limit)
      return { messages, atStart: ends, atEnd: before === undefined }
    }
    const half = Math.floor((limit - 1) / 2)
    const older = await this.#before(room, order, half)
    const newer = await this.#behind(room, order, limit - 1 - half)
    const messages = [...older.messages, ...(anchor ? [anchor] : []), ...newer.messages]
    return { messages, atStart: older.ends, atEnd: newer.ends }
  }

  async #before(roomJid: string, before: number, limit: number): Promise<Run> {
    for (;;) {
      const gap = gapBelow(await this.#gaps(roomJid), before)
      const from = gap ? Math.min(gap.to, before) : BEGINNING
      const messages = await this.#world.store.newest({ room: roomJid, from, before }, limit)
      if (messages.length >= limit || !gap) return { messages, ends: !gap && messages.length < limit }
      if (await this.#fill(roomJid, gap, 'backward', limit)) continue
      return { messages: await this.#across(roomJid, before, limit, messages), ends: !(await this.#canFill(roomJid)) }
    }
  }

  /** A gap that cannot be filled now: what is beyond it is better than nothing. */
  async #across(roomJid: string, before: number, limit: number, messages: readonly SharedMessage[]) {
    if (messages.length > 0 && (await this.#canFill(roomJid))) return messages
    return this.#world.store.newest({ room: roomJid, from: BEGINNING, before }, limit)
  }

  async #behind(roomJid: string, after: number, limit: number): Promise<Run> {
    for (;;) {
      const gap = gapAbove(await this.#gaps(roomJid), after)
      const before = gap ? Math.max(gap.from, after + 1) : END
      const messages = await this.#world.store.oldest({ room: roomJid, from: after + 1, before }, limit)
      if (messages.length >= limit || !gap) return { messages, ends: !gap && messages.length < limit }
      if (await this.#fill(roomJid, gap, 'forward', limit)) continue
      if (messages.length > 0) return { messages, ends: false }
      return {
        messages: await this.#world.store.oldest({ room: roomJid, from: after + 1, before: END }, limit),
        ends: false,
      }
    }
  }

  /** One that was filled meanwhile, even in part, is looked at again before more is asked for. */
  async #fill(roomJid: string, { from, to }: Gap, direction: 'forward' | 'backward', limit: number): Promise<boolean> {
    if (!(await this.#canFill(roomJid))) return false
    const same = ({ timeline }: Room): Gap | undefined =>
      timeline.gaps.find((gap) => gap.from === from && gap.to === to)
    return this.#world.archive.fill(roomJid, same, direction, Math.min(100, limit))
  }

  async #canFill(roomJid: string): Promise<boolean> {
    const room = this.#world.room(roomJid)
    return room?.occupancy.at === 'in' && !room.suspended && hasArchive(room)
  }

  async #gaps(roomJid: string): Promise<readonly Gap[]> {
    const room = this.#world.room(roomJid)
    return room?.loaded ? room.timeline.gaps : ((await this.#world.store.room(roomJid))?.gaps ?? [])
  }
}
