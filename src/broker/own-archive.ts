import { type ChatWord, readChatWord } from '../protocol/chat-message.ts'
import type { ArchiveResult, ArchiveWish } from '../protocol/xep-0313-mam.ts'
import type { ArchivedMessage } from '../rooms/catch-up.ts'
import type { ArchivePage, Edge } from '../rooms/gaps.ts'
import type { Store } from '../storage/store.ts'
import type { ArchivePages, PageAnswer, PageOf } from './archive-pages.ts'

/** By how much the clock of this machine may be wrong where only time tells what was missed. */
const CLOCKS_MS = 86_400_000
const PAGE = 100
/** What is looked at where nothing is known: whom the account has talked to lately. */
const FIRST_PAGE = 50

/** What the archive has, with the id under which it does. */
export interface ArchivedWord {
  readonly archiveId: string
  readonly stampMs: number | undefined
  readonly word: ChatWord
}

export interface OwnArchiveWorld {
  readonly ownJid: () => string
  readonly pages: Pick<ArchivePages, 'pageOf'>
  readonly store: Pick<Store, 'places'>
}

/** The account's own archive (XEP-0313): all its conversations, in one order. */
export class OwnArchive {
  readonly #world: OwnArchiveWorld

  constructor(world: OwnArchiveWorld) {
    this.#world = world
  }

  /** What of one conversation is next to a message of it. */
  async page(peer: string, wish: ArchiveWish): Promise<PageAnswer> {
    const page = await this.#ask({ ...wish, with: peer })
    if (!page || page === 'refused' || page === 'unknown') return page === 'refused' ? undefined : page
    const messages = page.messages.flatMap(({ archiveId, stampMs, word }): ArchivedMessage[] =>
      word.peer === peer && word.means.kind === 'message' ? [{ ...word.means, archiveId, delayMs: stampMs }] : [],
    )
    // What this browser has said is there under the id that it went out with.
    const sentHere = await this.#world.store.places(peer, messages.flatMap(ownId))
    return {
      ...page,
      messages: messages.map((message) => {
        const [id = ''] = ownId(message)
        return sentHere.has(id) ? { ...message, archiveId: id } : message
      }),
    }

    function ownId({ nick, originId }: ArchivedMessage): string[] {
      return nick !== peer && originId !== undefined ? [originId] : []
    }
  }

  /** What came behind that message, and is not known here; the newest where there is none. */
  async behind(after: Edge | undefined): Promise<PageOf<ArchivedWord>> {
    const page = await this.#behind(after)
    return !page || typeof page === 'string' ? page : { ...page, messages: await this.#fresh(page.messages) }
  }

  async #behind(after: Edge | undefined): Promise<PageOf<ArchivedWord>> {
    if (!after) return this.#ask({ max: FIRST_PAGE, before: '' })
    const page = await this.#ask({ max: PAGE, after: after.id })
    if (!page || page === 'refused') return page
    if (page !== 'unknown' && (await this.#follows(after, page))) return page
    return this.#ask({ max: PAGE, startMs: after.stampMs - CLOCKS_MS })
  }

  /** An archive that has lost that message has nothing behind it (Prosody 13), or begins at its beginning (ejabberd). */
  async #follows(after: Edge, { messages: [first], edge }: ArchivePage<ArchivedWord>): Promise<boolean> {
    const stampMs = first ? first.stampMs : edge?.stampMs
    if (stampMs !== undefined && stampMs >= after.stampMs) return true
    const before = await this.#ask({ max: 1, before: first?.archiveId ?? '' })
    return typeof before === 'object' && before.edge?.id === after.id
  }

  /** Those that are not in the store, under whichever id. */
  async #fresh(words: readonly ArchivedWord[]): Promise<ArchivedWord[]> {
    const known = new Map<string, ReadonlySet<string>>()
    for (const peer of new Set(words.map(({ word }) => word.peer))) {
      const ids = words.filter(({ word }) => word.peer === peer).flatMap(idsOf)
      known.set(peer, new Set((await this.#world.store.places(peer, ids)).keys()))
    }
    return words.filter((each) => !idsOf(each).some((id) => known.get(each.word.peer)?.has(id)))
  }

  #ask(wish: ArchiveWish): Promise<PageOf<ArchivedWord>> {
    const own = this.#world.ownJid()
    const read = ({ id, message, stampMs }: ArchiveResult): ArchivedWord | undefined => {
      const word = readChatWord(message, own, id)
      if (!word) return undefined
      const { means } = word
      return {
        archiveId: id,
        stampMs,
        word: means.kind === 'message' ? { ...word, means: { ...means, delayMs: stampMs } } : word,
      }
    }
    return this.#world.pages.pageOf(own, wish, read)
  }
}

/** By which a message may be known here: only what we said ourselves by the id that it went out with. */
function idsOf({ archiveId, word }: ArchivedWord): string[] {
  const { own, means } = word
  return own && means.kind === 'message' && means.originId !== undefined ? [archiveId, means.originId] : [archiveId]
}
