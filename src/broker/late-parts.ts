import type { CallName } from '../contract/api.ts'
import type { LogLevel } from '../contract/model.ts'
import type { CommitQueue } from './commit-queue.ts'
import type { Conversations } from './conversations.ts'
import type { DirectedPresence } from './directed-presence.ts'
import { LATE_PLUGINS, type Later, NEEDED } from './later.ts'
import { describe } from './log.ts'
import type { Plugins } from './plugins.ts'
import type { Clock } from './ports.ts'
import type { Session } from './session.ts'
import type { TabRequest } from './tab-calls.ts'
import type { Tabs } from './tabs.ts'

export interface LatePartsWorld {
  readonly load: () => Promise<Later>
  readonly chats: Parameters<Later['newChats']>[0]
  readonly conversations: Conversations
  readonly plugins: Plugins
  readonly tabs: Tabs
  readonly session: Pick<Session, 'online' | 'number'>
  readonly commits: Pick<CommitQueue, 'add'>
  readonly clock: Pick<Clock, 'after' | 'nowMs'>
  readonly log: (level: LogLevel, text: string) => void
}

const LOAD_MS = 10_000
/** Until it is tried again, where a file was not to be had: for somebody who waits, and for what others send. */
const AGAIN_MS = 5_000
const QUIETLY_AGAIN_MS = 300_000
/** What is asked and told now and then: it leaves nothing to the next worker. */
const RARE: ReadonlySet<string> = new Set<CallName>(['askRoom', 'directPresence', 'postToRoom', 'search'])

/** The parts of the broker that are loaded when they are first needed; what needs them waits, and all behind it. */
export class LateParts {
  readonly #world: LatePartsWorld
  #parts: Later | undefined
  #directed: DirectedPresence | undefined
  #loading: Promise<void> | undefined
  #failedMs = Number.NEGATIVE_INFINITY
  /** The account's own archive, as it was when the session began. */
  #archive: 'none' | 'empty' | undefined

  /** @param parts they are there already */
  constructor(world: LatePartsWorld, parts: Later | undefined) {
    this.#world = world
    if (parts) this.#begin(parts)
  }

  get parts(): Later | undefined {
    return this.#parts
  }

  /** What tabs show to somebody in particular. */
  get directed(): DirectedPresence | undefined {
    return this.#directed
  }

  /**
   * @param lasting the next worker is to have them from its beginning
   * @returns resolves when they are there, or cannot be had; nothing where they are there, or could not be had just now
   */
  need(lasting = true, againMs = QUIETLY_AGAIN_MS): Promise<void> | undefined {
    const { clock, commits } = this.#world
    if (this.#parts || clock.nowMs() - this.#failedMs < againMs) return undefined
    if (lasting) commits.add({ put: 'kept', ...NEEDED, value: true })
    this.#loading ??= this.#load()
    return this.#loading
  }

  /** @returns the same for a call, where it is one of theirs */
  call(request: TabRequest): Promise<void> | undefined {
    return callsLater(request) ? this.need(!RARE.has(request.name), AGAIN_MS) : undefined
  }

  /** A session has begun: where somebody has said something to the account alone there are chats, though not here yet. */
  async look(): Promise<void> {
    if (this.#parts) return
    const { chats, session } = this.#world
    const { number } = session
    this.#archive = undefined
    const page = await chats.pages.pageOf(chats.ownJid(), { max: 1, before: '' }, (result) => result)
    if (number !== session.number || !page || page === 'unknown') return
    if (page === 'refused') this.#archive = 'none'
    else if (page.messages.length === 0) this.#archive = 'empty'
    else void this.need()
  }

  async #load(): Promise<void> {
    const { load, clock, log } = this.#world
    try {
      this.#begin(await loadInTime(load, clock))
    } catch (error) {
      this.#failedMs = clock.nowMs()
      log('error', `a part of the worker cannot be loaded: ${describe(error)}`)
    }
    this.#loading = undefined
  }

  /** From here on they have a part in everything, and are told what there is. */
  #begin(parts: Later): void {
    this.#parts = parts
    const { conversations, plugins, tabs, session } = this.#world
    const { rooms, isRoom } = this.#world.chats
    this.#directed = parts.newDirected(rooms.send, isRoom)
    const chats = parts.newChats(this.#world.chats)
    conversations.begin(chats)
    plugins.begin(
      parts.plugins,
      tabs.all.map(({ id }) => id),
    )
    if (!session.online) return
    if (this.#archive) chats.begun(this.#archive === 'empty')
    else chats.online('new')
  }
}

/** @throws Error rejects where it takes too long */
export async function loadInTime<T>(load: () => Promise<T>, clock: Pick<Clock, 'after'>): Promise<T> {
  let stop: (() => void) | undefined
  const late = new Promise<never>((_, reject) => {
    stop = clock.after(LOAD_MS, () => reject(new Error(`not loaded within ${LOAD_MS} ms`)))
  })
  return Promise.race([load(), late]).finally(() => stop?.())
}

/** Whether a call is answered by one of them. */
function callsLater({ name, args }: TabRequest): boolean {
  return name === 'listenTo' || RARE.has(name) || (name === 'plugin' && LATE_PLUGINS.includes(args.plugin))
}
