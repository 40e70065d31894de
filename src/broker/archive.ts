import type { SharedMessage } from '../contract/api.ts'
import { nextGap } from '../rooms/catch-up.ts'
import type { Direction, Edge, Gap } from '../rooms/gaps.ts'
import type { Input } from '../rooms/inputs.ts'
import type { Room } from '../rooms/room.ts'
import type { Store } from '../storage/store.ts'
import type { ArchivePages, PageAnswer } from './archive-pages.ts'
import type { CommitQueue } from './commit-queue.ts'
import { CORRECTABLE } from './seeking.ts'
import type { InTurn } from './turns.ts'

/** Messages of a page while catching up; servers give at most some hundred. */
const PAGE = 100
/** By how much the clock of this machine may be wrong where only time tells what was missed. */
const CLOCKS_MS = 86_400_000

/** Pages of one catching-up, as many as hold what this browser keeps of a room: an archive without an end has more. */
const MOST_PAGES = 1000
/** Pages one after the other that bring nothing that is not known: subjects of a room, and what is no message of it. */
const MOST_BARREN = 50

type Page = Exclude<PageAnswer, 'unknown' | undefined>

export interface ArchiveWorld {
  readonly pages: Pick<ArchivePages, 'page'>
  readonly store: Store
  readonly commits: CommitQueue
  readonly inTurn: InTurn
  readonly room: (jid: string) => Room | undefined
  readonly happened: (room: string, input: Input) => void
}

/** Fills the gaps of rooms from their archives: each once, whoever wants it filled. */
export class Archive {
  readonly #world: ArchiveWorld
  /** What is being filled, by room: the next one waits. */
  readonly #busy = new Map<string, Promise<unknown>>()
  readonly #catchingUp = new Set<string>()
  /** Pages in a row that brought nothing, by room. */
  readonly #barren = new Map<string, number>()

  constructor(world: ArchiveWorld) {
    this.#world = world
  }

  /** Fills what the room missed, page by page, until nothing is missing or the archive does not answer. */
  async catchUp(roomJid: string): Promise<void> {
    if (this.#catchingUp.has(roomJid)) return
    this.#catchingUp.add(roomJid)
    const end = await this.#fillAll(roomJid)
    // First this one is over: what the room makes of it may be the next.
    this.#catchingUp.delete(roomJid)
    if (end) this.#world.happened(roomJid, end)
  }

  async #fillAll(roomJid: string): Promise<Input | undefined> {
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const room = this.#world.room(roomJid)
      if (!room?.catchUp || room.occupancy.at !== 'in' || room.suspended) return undefined
      if (!nextGap(room)) return { on: 'gaps-closed' }
      if (!(await this.fill(roomJid, nextGap, 'forward', PAGE))) return { on: 'archive-failed' }
    }
    return { on: 'archive-failed', endless: true }
  }

  /**
   * Puts one page into a gap. Resolves when it is stored; false where there is no archive to ask, or no answer.
   *
   * @param pick the gap, once it is this one's turn: another filling may have closed it meanwhile, which is as good
   */
  fill(roomJid: string, pick: (room: Room) => Gap | undefined, direction: Direction, max: number): Promise<boolean> {
    const turn = (this.#busy.get(roomJid) ?? Promise.resolve()).then(() => this.#fill(roomJid, pick, direction, max))
    const settled = turn.catch(() => false)
    this.#busy.set(roomJid, settled)
    void settled.then(() => {
      if (this.#busy.get(roomJid) === settled) this.#busy.delete(roomJid)
    })
    return settled
  }

  async #fill(
    roomJid: string,
    pick: (room: Room) => Gap | undefined,
    direction: Direction,
    max: number,
  ): Promise<boolean> {
    const room = this.#world.room(roomJid)
    const gap = room && pick(room)
    if (!gap) return room !== undefined
    const page = direction === 'forward' ? await this.#behind(roomJid, gap, max) : await this.#before(roomJid, gap, max)
    if (!page || page === 'unknown') return false
    // It ends where it began, and so would the next.
    const near = direction === 'forward' ? gap.after : gap.before
    if (!page.complete && near !== undefined && page.edge?.id === near.id) return false
    const { inTurn, commits } = this.#world
    // Nobody else may change a message between reading it and writing it.
    if (!(await inTurn(() => this.#take(roomJid, gap, direction, page)))) return false
    return new Promise((resolve) => commits.after(() => resolve(true)))
  }

  /** Gives a page to the room, with what the store has of it and around it. */
  async #take(roomJid: string, gap: Gap, direction: Direction, page: Page): Promise<boolean> {
    const { store } = this.#world
    const ids = page.messages.map(({ archiveId }) => archiveId)
    const [amendments, places, earlier] = await Promise.all([
      store.amendments(roomJid),
      store.places(roomJid, ids),
      this.#earlier(roomJid, gap, direction, page),
    ])
    const isOnSide = (id: string, side: 'near' | 'far'): boolean => {
      const order = places.get(id)
      return order !== undefined && order < gap.from === ((direction === 'forward') === (side === 'near'))
    }
    // What is there on the side that the page comes from, it has once more; what is there on the other ends it.
    const messages = page.messages.filter(({ archiveId }) => !isOnSide(archiveId, 'near'))
    const known = new Set(ids.filter((id) => isOnSide(id, 'far')))
    const barren = messages.length > 0 || page.complete ? 0 : (this.#barren.get(roomJid) ?? 0) + 1
    if (barren === 0 || barren > MOST_BARREN) this.#barren.delete(roomJid)
    else this.#barren.set(roomJid, barren)
    if (barren > MOST_BARREN) return false
    this.#world.happened(roomJid, {
      on: 'archive-page',
      gap,
      direction,
      page: { ...page, messages },
      known,
      amendments,
      earlier,
    })
    return true
  }

  /** The messages of the store that those of a page are about: all that are named, and where one is corrected the last. */
  async #earlier(roomJid: string, { from }: Gap, direction: Direction, page: Page): Promise<SharedMessage[]> {
    const { store } = this.#world
    const own = new Set(page.messages.flatMap(({ archiveId, originId, stanzaId }) => [archiveId, originId, stanzaId]))
    const about = page.messages.flatMap(({ amends }) => (amends && !own.has(amends.target) ? [amends] : []))
    const named = about.flatMap(({ kind, target }) => (kind === 'correction' ? [] : [target]))
    const corrected = about.flatMap(({ kind, target }) => (kind === 'correction' ? [target] : []))
    const [found, last] = await Promise.all([
      store.findAll(roomJid, [...new Set(named)]),
      direction === 'forward' ? this.#lastOf(roomJid, from, corrected) : [],
    ])
    const lastIds = new Set(last.map(({ id }) => id))
    return [...found.filter(({ id }) => !lastIds.has(id)), ...last]
  }

  /** Those before a place that may be meant where somebody corrects: mostly they are not far. */
  async #lastOf(room: string, before: number, originIds: readonly string[]): Promise<readonly SharedMessage[]> {
    if (originIds.length === 0) return []
    // By places, of which some are nobody's: to count messages would take many turns.
    const last = (count: number) => this.#world.store.oldest({ room, from: before - count, before }, count)
    const near = await last(PAGE)
    const known = new Set(near.flatMap(({ originId }) => originId ?? []))
    return originIds.every((id) => known.has(id)) ? near : last(CORRECTABLE)
  }

  #before(roomJid: string, { before }: Gap, max: number): Promise<PageAnswer> {
    return this.#world.pages.page(roomJid, { max, before: before?.id ?? '' })
  }

  /**
   * What follows the last known message. An archive that has lost that one says so (Prosody 0.12), has nothing behind it
   * (Prosody 13), or begins at its very beginning (ejabberd): then time tells, and what we have already.
   */
  async #behind(roomJid: string, gap: Gap, max: number): Promise<PageAnswer> {
    const { after } = gap
    if (after?.id === '') return this.#since(roomJid, gap, after.stampMs, max)
    const page = await this.#world.pages.page(roomJid, { max, after: after?.id })
    if (!after || !page) return page
    if (page !== 'unknown' && (await this.#follows(roomJid, after, page))) return page
    return this.#since(roomJid, gap, after.stampMs, max)
  }

  /** Asked only where the page looks wrong; the clocks of the server and of this machine may differ. */
  async #follows(roomJid: string, after: Edge, { messages: [first] }: Page): Promise<boolean> {
    if (first?.delayMs !== undefined && first.delayMs >= after.stampMs) return true
    const before = await this.#world.pages.page(roomJid, { max: 1, before: first?.archiveId ?? '' })
    return before !== undefined && before !== 'unknown' && before.edge?.id === after.id
  }

  /** What came since then and is not known: from behind the last one that is known before the gap. */
  async #since(roomJid: string, gap: Gap, stampMs: number, max: number): Promise<PageAnswer> {
    let page = await this.#world.pages.page(roomJid, { max, startMs: stampMs - CLOCKS_MS })
    let fresh: Page['messages'] = []
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      if (!page || page === 'unknown') return page
      const last = await this.#lastBefore(roomJid, gap, page.messages)
      fresh = last === -1 ? [...fresh, ...page.messages] : page.messages.slice(last + 1)
      if (last === -1 || page.complete || !page.edge) return { ...page, messages: fresh }
      page = await this.#world.pages.page(roomJid, { max, after: page.edge.id })
    }
    return undefined
  }

  async #lastBefore(roomJid: string, { from }: Gap, messages: Page['messages']): Promise<number> {
    const ids = messages.map(({ archiveId }) => archiveId)
    const places = await this.#world.store.places(roomJid, ids)
    return ids.findLastIndex((id) => (places.get(id) ?? from) < from)
  }
}
