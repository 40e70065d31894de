import type { CallName } from '../contract/api.ts'
import { AVATARS } from '../contract/avatars.ts'
import { DIRECTORY } from '../contract/directory.ts'
import { type Failure, failure } from '../contract/errors.ts'
import { FILES } from '../contract/files.ts'
import type { LogLevel } from '../contract/model.ts'
import type { Plugin } from '../contract/plugin.ts'
import { PROFILE } from '../contract/profile.ts'
import { ROSTER } from '../contract/roster.ts'
import { bareOf } from '../protocol/jid.ts'
import type { Envelope } from '../protocol/stanza.ts'
import { readAvatarId, readAvatarUpdate } from '../protocol/xep-0153-vcard-avatar.ts'
import { child, type XmlNode } from '../protocol/xml.ts'
import type { ArchivePages } from './archive-pages.ts'
import type { Chats, ChatsWorld } from './chats.ts'
import type { CommitQueue } from './commit-queue.ts'
import type { Conversations } from './conversations.ts'
import { describe } from './log.ts'
import type { Plugins } from './plugins.ts'
import type { Clock } from './ports.ts'
import type { postStanza } from './room-posts.ts'
import type { ROOM_QUESTIONS } from './room-questions.ts'
import type { Session } from './session.ts'
import type { TabRequest } from './tab-calls.ts'
import type { Tabs } from './tabs.ts'

/** What an account that is in rooms, and no more, never needs: it is loaded when something first wants it. */
export interface Later {
  readonly newChats: (world: Omit<ChatsWorld, 'archive'> & ArchiveWorld) => Chats
  /** Before those of the application. */
  readonly plugins: readonly Plugin[]
  readonly questions: typeof ROOM_QUESTIONS
  readonly postStanza: typeof postStanza
}

export interface ArchiveWorld {
  readonly ownJid: () => string
  readonly pages: ArchivePages
}

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

/** The plug-ins among them, by name. */
export const LATE_PLUGINS: readonly string[] = [AVATARS, DIRECTORY, FILES, PROFILE, ROSTER]
/** In the store: the worker before had them, so that they may have left something. Plug-ins have names of their own. */
export const NEEDED = { part: '', key: 'later' } as const
const LOAD_MS = 10_000
/** Until it is tried again, where a file was not to be had. */
const AGAIN_MS = 5_000

/** The parts of the broker that are loaded when they are first needed; what needs them waits, and all behind it. */
export class LateParts {
  readonly #world: LatePartsWorld
  #parts: Later | undefined
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

  /**
   * @param lasting the next worker is to have them from its beginning
   * @returns resolves when they are there, or cannot be had; nothing where they are there, or could not be had just now
   */
  need(lasting = true): Promise<void> | undefined {
    const { clock, commits } = this.#world
    if (this.#parts || clock.nowMs() - this.#failedMs < AGAIN_MS) return undefined
    if (lasting) commits.add({ put: 'kept', ...NEEDED, value: true })
    this.#loading ??= this.#load()
    return this.#loading
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
    let stop: (() => void) | undefined
    const late = new Promise<never>((_, reject) => {
      stop = clock.after(LOAD_MS, () => reject(new Error(`not loaded within ${LOAD_MS} ms`)))
    })
    try {
      this.#begin(await Promise.race([load(), late]))
    } catch (error) {
      this.#failedMs = clock.nowMs()
      log('error', `a part of the worker cannot be loaded: ${describe(error)}`)
    }
    stop?.()
    this.#loading = undefined
  }

  /** From here on they have a part in everything, and are told what there is. */
  #begin(parts: Later): void {
    this.#parts = parts
    const { conversations, plugins, tabs, session } = this.#world
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

/** What a call is answered with that needs one of them, where they cannot be had. */
export const notLoaded = (what: string): Failure =>
  failure('worker-error', `${what}: a part of the worker cannot be loaded`)

/** What rooms are asked and told now and then: it keeps nothing here. */
export const RARE: ReadonlySet<string> = new Set<CallName>(['askRoom', 'postToRoom'])

/** Whether a call is answered by one of them. */
export function callsLater({ name, args }: TabRequest): boolean {
  return name === 'listenTo' || RARE.has(name) || (name === 'plugin' && LATE_PLUGINS.includes(args.plugin))
}

/** Whether what means nothing to anybody else may be for one of them: somebody speaks, shows something, or has a picture. */
export function meansLater(
  { kind, from, type }: Envelope,
  stanza: XmlNode,
  account: string,
  isRoom: (jid: string) => boolean,
): boolean {
  if (kind === 'iq') return type === 'set' && child(stanza, 'jabber:iq:roster', 'query') !== undefined
  const jid = from === undefined ? account : bareOf(from)
  if (kind === 'message') return type !== 'error' && type !== 'groupchat' && !isRoom(jid)
  if (isRoom(jid)) return from === jid && readAvatarId(readAvatarUpdate(stanza) ?? '') !== undefined
  return type !== 'error' && type !== 'unavailable' && jid !== account
}
