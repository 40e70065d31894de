import type { AvatarAsk, AvatarWorkerCalls, AvatarWorkerEvents } from '../contract/avatars.ts'
import type { Occupant } from '../contract/model.ts'
import type { Plugin } from '../contract/plugin.ts'
import { anyJid, mustBe } from './check.ts'
import { given } from './given.ts'
import type { HandleOf, PluginHandle } from './plugin-handle.ts'
import { remember } from './remember.ts'
import type { Room } from './room.ts'

/** Whose picture: a person or a room by the JID, a `Room`, or an occupant as a room has them. */
export type AvatarOwner = Occupant | { readonly jid: string }

/** Pictures of people and rooms. */
export interface AvatarCalls {
  /**
   * An address of the picture for this page (`blob:`), the same one for the same picture; `undefined` where there is none.
   * It holds until this tab detaches, or has asked for a thousand others since.
   *
   * @throws MinimixError rejects with `offline` or `timeout` where it must be fetched and cannot be
   */
  url(who: AvatarOwner): Promise<string | undefined>
  /**
   * Gives the account a picture, on every device: PNG, JPEG, GIF or WebP, 128 KiB at most.
   *
   * @returns its SHA-1, hexadecimal
   * @throws MinimixError rejects with `not-acceptable` for another image, `offline`, `stanza-error`
   */
  set(image: Blob): Promise<string>
  remove(): Promise<void>
  /** A contact, a room or the account itself has another picture. What occupants have is an event of their room. */
  on: PluginHandle<AvatarWorkerCalls, Pick<AvatarWorkerEvents, 'changed'>>['on']
}

type Worker = HandleOf<Plugin<AvatarWorkerCalls, AvatarWorkerEvents>>

const MOST_URLS = 1_000
const MOST_HASHES = 2_000

/** The pictures as this tab has them. */
export class Avatars {
  readonly calls: AvatarCalls
  /** By bare JID; empty for none. */
  readonly hashes = new Map<string, string>()
  readonly #worker: Worker
  readonly #rooms: ReadonlyMap<string, Room>
  /** By hash, the one used last is last. */
  readonly #urls = new Map<string, string>()
  #over = false

  constructor(untyped: PluginHandle, rooms: ReadonlyMap<string, Room>) {
    this.#rooms = rooms
    // The worker's own avatars are at the other end of that name.
    const worker = untyped as Worker
    this.#worker = worker
    worker.on('hashes', (hashes) => {
      for (const [jid, hash] of hashes) this.#heard(jid, hash)
    })
    worker.on('changed', ({ jid, hash = '' }) => this.#heard(jid, hash))
    this.calls = {
      url: (who) => this.#url(who),
      set: (image) => {
        mustBe(image instanceof Blob, 'avatars.set(image) must be a Blob')
        return image.arrayBuffer().then((buffer) => worker.call('set', new Uint8Array(buffer)))
      },
      remove: () => worker.call('remove').then(() => undefined),
      on: worker.on,
    }
  }

  /** The tab has no use for them any more. */
  end(): void {
    this.#over = true
    for (const url of this.#urls.values()) URL.revokeObjectURL(url)
    this.#urls.clear()
  }

  #heard(jid: string, hash: string): void {
    remember(this.hashes, jid, hash, MOST_HASHES)
    this.#rooms.get(jid)?.avatarIs(hash)
  }

  #url(who: AvatarOwner): Promise<string | undefined> {
    mustBe(typeof who === 'object' && who !== null, 'avatars.url(who) must be an occupant, a room, or have a jid')
    const isOccupant = 'role' in who
    const jid = isOccupant ? this.#addressOf(who) : anyJid(who.jid, 'avatars.url({ jid })')
    const ofRoom = this.#rooms.get(jid ?? '')?.avatarHash
    const hash = isOccupant ? who.avatarHash : ofRoom || this.hashes.get(jid ?? '') || undefined
    return isOccupant && !hash ? Promise.resolve(undefined) : this.#urlOf(given({ jid, hash }))
  }

  async #urlOf(args: AvatarAsk): Promise<string | undefined> {
    const { hash = '' } = args
    const known = this.#urls.get(hash)
    if (known !== undefined) return this.#keep(hash, known)
    const found = await this.#worker.call('image', args)
    if (!found || this.#over) return undefined
    const url = this.#urls.get(found.hash) ?? URL.createObjectURL(new Blob([found.bytes], { type: found.type }))
    return this.#keep(found.hash, url)
  }

  /** Where the picture is to be had: of a room that has somebody of that nick with it. */
  #addressOf({ nick, avatarHash, jid }: Occupant): string | undefined {
    for (const room of this.#rooms.values())
      if (room.occupants.get(nick)?.avatarHash === avatarHash) return `${room.jid}/${nick}`
    return jid?.split('/', 1)[0]
  }

  #keep(hash: string, url: string): string {
    const gone = remember(this.#urls, hash, url, MOST_URLS)
    if (gone !== undefined) URL.revokeObjectURL(gone)
    return url
  }
}
