// A file of its own, which a page loads with its first picture: what it needs of others it is given (`PicturesOptions`).
import type { AvatarAsk } from '../contract/avatars.ts'
import type { Occupant } from '../contract/model.ts'
import type { AvatarOwner, AvatarWorker } from './avatars.ts'
import type { given } from './given.ts'
import type { remember } from './remember.ts'
import type { Room } from './room.ts'

const MOST_URLS = 1_000

export interface PicturesOptions {
  readonly worker: AvatarWorker
  readonly rooms: ReadonlyMap<string, Room>
  /** By bare JID; empty for none. */
  readonly hashes: ReadonlyMap<string, string>
  /** Aborted when the tab has no use for them any more. */
  readonly ended: AbortSignal
  readonly given: typeof given
  readonly remember: typeof remember
}

/** The pictures as this tab has them. */
export class Pictures {
  readonly #options: PicturesOptions
  /** By hash, the one used last is last. */
  readonly #urls = new Map<string, string>()

  constructor(options: PicturesOptions) {
    this.#options = options
    options.ended.addEventListener('abort', () => {
      for (const url of this.#urls.values()) URL.revokeObjectURL(url)
      this.#urls.clear()
    })
  }

  /** @param known of somebody who is no occupant */
  async urlOf(who: AvatarOwner, known: string | undefined): Promise<string | undefined> {
    const { rooms, hashes, given } = this.#options
    const isOccupant = 'role' in who
    const jid = isOccupant ? this.#addressOf(who) : known
    const ofRoom = rooms.get(jid ?? '')?.avatarHash
    const hash = isOccupant ? who.avatarHash : ofRoom || hashes.get(jid ?? '') || undefined
    return isOccupant && !hash ? undefined : this.#fetched(given({ jid, hash }))
  }

  async #fetched(args: AvatarAsk): Promise<string | undefined> {
    const { worker, ended } = this.#options
    const { hash = '' } = args
    const known = this.#urls.get(hash)
    if (known !== undefined) return this.#keep(hash, known)
    const found = await worker.call('image', args)
    if (!found || ended.aborted) return undefined
    const url = this.#urls.get(found.hash) ?? URL.createObjectURL(new Blob([found.bytes], { type: found.type }))
    return this.#keep(found.hash, url)
  }

  /** Where the picture is to be had: of a room that has somebody of that nick with it. */
  #addressOf({ nick, avatarHash, jid }: Occupant): string | undefined {
    for (const room of this.#options.rooms.values())
      if (room.occupants.get(nick)?.avatarHash === avatarHash) return `${room.jid}/${nick}`
    return jid?.split('/', 1)[0]
  }

  #keep(hash: string, url: string): string {
    const gone = this.#options.remember(this.#urls, hash, url, MOST_URLS)
    if (gone !== undefined) URL.revokeObjectURL(gone)
    return url
  }
}
