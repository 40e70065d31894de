import {
  AVATARS,
  type AvatarAsk,
  type AvatarImage,
  type AvatarWorkerCalls,
  type AvatarWorkerEvents,
} from '../contract/avatars.ts'
import type { Occupant } from '../contract/model.ts'
import type { Plugin } from '../contract/plugin.ts'
import { anyJid, mustBe } from './check.ts'
import { given } from './given.ts'
import type { HandleOf, PluginHandle } from './plugin-handle.ts'
import type { Call } from './remote.ts'
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

const MOST_URLS = 1_000
const MOST_HASHES = 2_000
/** Three questions, each with its own deadline in the worker. */
const FETCH_MS = 65_000

/** The pictures as this tab has them. */
export class Avatars {
  readonly calls: AvatarCalls
  /** By bare JID; empty for none. */
  readonly hashes = new Map<string, string>()
  readonly #call: Call
  readonly #rooms: ReadonlyMap<string, Room>
  /** By hash, the one used last is last. */
  readonly #urls = new Map<string, string>()

  constructor(call: Call, untyped: PluginHandle, rooms: ReadonlyMap<string, Room>) {
    this.#call = call
    this.#rooms = rooms
    // The worker's own avatars are at the other end of that name.
    const worker = untyped as HandleOf<Plugin<AvatarWorkerCalls, AvatarWorkerEvents>>
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
    for (const url of this.#urls.values()) URL.revokeObjectURL(url)
    this.#urls.clear()
  }

  #heard(jid: string, hash: string): void {
    this.hashes.delete(jid)
    this.hashes.set(jid, hash)
    const [oldest] = this.hashes.keys()
    if (oldest !== undefined && this.hashes.size > MOST_HASHES) this.hashes.delete(oldest)
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
    const words = { plugin: AVATARS, method: 'image', args }
    // What that call of the worker's gives.
    const found = (await this.#call('plugin', words, { timeoutMs: FETCH_MS })) as AvatarImage | null
    if (!found) return undefined
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
    this.#urls.delete(hash)
    this.#urls.set(hash, url)
    const [oldest] = this.#urls
    if (oldest && this.#urls.size > MOST_URLS) {
      this.#urls.delete(oldest[0])
      URL.revokeObjectURL(oldest[1])
    }
    return url
  }
}
