import type { Came } from '../chats/step.ts'
import type { LogLevel } from '../contract/model.ts'
import type { ChatWord } from '../protocol/chat-message.ts'
import type { Edge } from '../rooms/gaps.ts'
import { WAIT } from '../rooms/room.ts'
import type { ChatList } from './chat-list.ts'
import { describe } from './log.ts'
import type { OwnArchive } from './own-archive.ts'
import type { Clock } from './ports.ts'

/** How a catching-up ended. */
export interface Ending {
  /** There is an archive. */
  readonly archive: boolean
  /** It did not answer: something may be missing. */
  readonly failed: boolean
}

export interface ChatsCatchUpWorld {
  readonly archive: OwnArchive
  readonly list: ChatList
  readonly clock: Clock
  readonly log: (level: LogLevel, text: string) => void
  readonly taken: (word: ChatWord, came: Came) => void
  /** Whatever was taken is on its way into the store, and of what went out it is known that it arrived. */
  readonly settled: () => boolean
  /** Something was missed, and will not be read up. */
  readonly broken: () => void
  readonly ended: (ending: Ending) => void
  readonly online: () => boolean
}

/** Pages of one catching-up: an archive without an end has more. */
const MOST_PAGES = 1000
/** What comes live meanwhile and is kept for later: the archive has more of it. */
const MOST_HELD = 1000

/**
 * The one order in which the account hears what was said: what it missed is read up from its archive, and what comes live
 * meanwhile waits for that.
 */
export class ChatsCatchUp {
  readonly #world: ChatsCatchUpWorld
  /** Until the first session has been caught up with nothing is known. */
  #active = true
  #hasArchive = false
  #held: ChatWord[] = []
  /** Some of what came live was too much to be kept. */
  #spilled = false
  /** All up to this message has been taken, though the store may not have it yet. */
  #seen: Edge | undefined
  /** Of the session: what belongs to an earlier one is late. */
  #session = 0
  /** The archive could not be asked. */
  #stalled = false
  /** Those who wait for it to be over. */
  #waiting: (() => void)[] = []

  constructor(world: ChatsCatchUpWorld) {
    this.#world = world
  }

  get active(): boolean {
    return this.#active
  }

  /** Resolves when it has ended, or goes on for longer than anybody should wait: at once where nothing is read up. */
  get over(): Promise<void> {
    if (!this.#active || !this.#world.online()) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #letGo(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const go of waiting) go()
  }

  get hasArchive(): boolean {
    return this.#hasArchive
  }

  /** The same session goes on. */
  resumed(): void {
    if (this.#stalled) this.begin()
  }

  begin(): void {
    this.lost()
    this.#stalled = false
    const session = this.#session
    this.#readUp(session)
      .catch((error: unknown): Ending => {
        this.#world.log('error', `chats: ${describe(error)}`)
        return { archive: this.#hasArchive, failed: true }
      })
      .then((ending) => ending && session === this.#session && this.#end(ending))
  }

  /** There is nothing to read up. */
  nothingMissed(hasArchive: boolean): void {
    this.#session += 1
    this.#end({ archive: hasArchive, failed: false })
  }

  /** The session is over: the next one begins where all is known. */
  lost(): void {
    this.#session += 1
    this.#active = true
    this.#letGo()
  }

  /** Something came live. */
  heard(word: ChatWord): void {
    if (!this.#active || (archiveIdOf(word) === undefined && this.#session > 0)) this.#take(word, 'live')
    else if (this.#held.length < MOST_HELD) this.#held.push(word)
    else this.#spilled = true
  }

  /** A chat has made of it what it does. */
  stepped(): void {
    if (!this.#active) this.#note()
  }

  #note(): void {
    if (this.#hasArchive && this.#world.settled()) this.#world.list.knowUpTo(this.#seen)
  }

  #take(word: ChatWord, came: Came): void {
    const { means } = word
    const archiveId = archiveIdOf(word)
    // Where there is no archive whatever looks like its ids is the sender's.
    if (archiveId !== undefined && !this.#hasArchive && 'archiveId' in means)
      return this.#world.taken({ ...word, means: { ...means, archiveId: undefined } }, came)
    if (archiveId !== undefined && came === 'live') {
      const stampMs = (means.kind === 'message' ? means.delayMs : undefined) ?? this.#world.clock.nowMs()
      this.#seen = { id: archiveId, stampMs }
    }
    this.#world.taken(word, came)
  }

  /** `undefined`: there is another session by now. */
  async #readUp(session: number): Promise<Ending | undefined> {
    const { archive, list, clock, online } = this.#world
    await list.ready
    this.#seen = list.upTo
    // Until it says otherwise there is the one that was there before.
    this.#hasArchive ||= list.hasLooked
    let failed = 0
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const after = this.#seen
      const page = await archive.behind(after)
      if (session !== this.#session) return undefined
      if (page === 'refused') return { archive: false, failed: false }
      if (!page || page === 'unknown') {
        // Once the session goes on it is asked again.
        this.#letGo()
        this.#stalled = !online()
        if (this.#stalled) return undefined
        failed += 1
        if (failed === WAIT.archiveTries) break
        await new Promise<void>((resolve) => void clock.after(WAIT.archiveMs * 2 ** failed, resolve))
        if (session !== this.#session) return undefined
        continue
      }
      this.#hasArchive = true
      for (const { word } of page.messages) this.#take(word, list.hasLooked ? 'missed' : 'past')
      this.#seen = page.edge ?? after
      this.#note()
      const more = after !== undefined && !page.complete && page.edge !== undefined && page.edge.id !== after.id
      if (!more && !this.#spilled) return { archive: true, failed: false }
      this.#spilled = false
    }
    return { archive: this.#hasArchive, failed: true }
  }

  #end(ending: Ending): void {
    const { log, list, broken, ended } = this.#world
    this.#active = false
    this.#hasArchive = ending.archive
    if (ending.failed) {
      log('error', 'chats: the archive does not answer, or has no end; some messages are missing')
      this.#seen = undefined
      list.knowUpTo(undefined, true)
      broken()
    }
    const held = this.#held
    this.#held = []
    for (const word of held) this.#take(word, 'live')
    ended(ending)
    this.#letGo()
    this.#note()
  }
}

const archiveIdOf = ({ means }: ChatWord): string | undefined => ('archiveId' in means ? means.archiveId : undefined)
