import { nextGap } from '../rooms/catch-up.ts'
import type { Direction, Gap } from '../rooms/gaps.ts'
import type { Input } from '../rooms/inputs.ts'
import type { Room } from '../rooms/room.ts'
import type { Store } from '../storage/store.ts'
import type { ArchivePages, PageAnswer } from './archive-pages.ts'
import type { CommitQueue } from './commit-queue.ts'

/** Messages of a page while catching up; servers give at most some hundred. */
const PAGE = 100
/** How many of the messages before a gap are looked at where its edge is not to be found by its id. */
const EDGE = 50

export interface ArchiveWorld {
  readonly pages: ArchivePages
  readonly store: Store
  readonly commits: CommitQueue
  readonly room: (jid: string) => Room | undefined
  readonly happened: (room: string, input: Input) => void
}

/** Fills the gaps of rooms from their archives: each once, whoever wants it filled. */
export class Archive {
  readonly #world: ArchiveWorld
  /** What is being filled, by room: the next one waits. */
  readonly #busy = new Map<string, Promise<unknown>>()
  readonly #catchingUp = new Set<string>()

  constructor(world: ArchiveWorld) {
    this.#world = world
  }

  /** Fills what the room missed, page by page, until nothing is missing or the archive does not answer. */
  async catchUp(roomJid: string): Promise<void> {
    if (this.#catchingUp.has(roomJid)) return
    this.#catchingUp.add(roomJid)
    const { happened } = this.#world
    try {
      for (;;) {
        const room = this.#world.room(roomJid)
        if (!room?.catchUp || room.occupancy.at !== 'in' || room.suspended) return
        if (!nextGap(room)) return happened(roomJid, { on: 'gaps-closed' })
        if (!(await this.fill(roomJid, nextGap, 'forward', PAGE))) return happened(roomJid, { on: 'archive-failed' })
      }
    } finally {
      this.#catchingUp.delete(roomJid)
    }
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
    const amendments = await this.#world.store.amendments(roomJid).catch(() => [])
    this.#world.happened(roomJid, { on: 'archive-page', gap, direction, page, amendments })
    return new Promise((resolve) => this.#world.commits.after(() => resolve(true)))
  }

  #before(roomJid: string, { before }: Gap, max: number): Promise<PageAnswer> {
    return this.#world.pages.page(roomJid, { max, before: before?.id ?? '' })
  }

  /**
   * What follows the last known message. An archive that has lost that one says so (Prosody), or begins at its very
   * beginning (ejabberd 23.01): then time tells.
   */
  async #behind(roomJid: string, gap: Gap, max: number): Promise<PageAnswer> {
    const { after } = gap
    const page = await this.#world.pages.page(roomJid, { max, after: after?.id })
    if (!after || !page) return page
    const [first] = page === 'unknown' ? [] : page.messages
    const isElsewhere = first?.delayMs !== undefined && first.delayMs < after.stampMs - 1000
    if (page !== 'unknown' && !isElsewhere) return page
    const known = await this.#world.store.newest(
      { room: roomJid, from: Number.MIN_SAFE_INTEGER, before: gap.from },
      EDGE,
    )
    const ids = new Set(known.map(({ id }) => id))
    const startMs = Math.floor(after.stampMs / 1000) * 1000
    const byTime = await this.#world.pages.page(roomJid, { max, startMs })
    if (!byTime || byTime === 'unknown') return byTime
    return { ...byTime, messages: byTime.messages.filter(({ archiveId }) => !ids.has(archiveId)) }
  }
}
