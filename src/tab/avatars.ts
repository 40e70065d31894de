import type { AvatarWorkerCalls, AvatarWorkerEvents } from '../contract/avatars.ts'
import type { Occupant } from '../contract/model.ts'
import type { Plugin } from '../contract/plugin.ts'
import { anyJid, mustBe } from './check.ts'
import { given } from './given.ts'
import { late } from './late.ts'
import type { Pictures } from './pictures.ts'
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

export type AvatarWorker = HandleOf<Plugin<AvatarWorkerCalls, AvatarWorkerEvents>>

const MOST_HASHES = 2_000

/** Whose picture is which, as far as this tab was told, and the calls. What keeps pictures is loaded with the first one. */
export class Avatars {
  readonly calls: AvatarCalls
  /** By bare JID; empty for none. */
  readonly hashes = new Map<string, string>()
  readonly #rooms: ReadonlyMap<string, Room>
  #pictures: Pictures | undefined

  /** @param ended aborted when the tab has no use for them any more */
  constructor(untyped: PluginHandle, rooms: ReadonlyMap<string, Room>, ended: AbortSignal) {
    this.#rooms = rooms
    // The worker's own avatars are at the other end of that name.
    const worker = untyped as AvatarWorker
    worker.on('hashes', (hashes) => {
      for (const [jid, hash] of hashes) this.#heard(jid, hash)
    })
    worker.on('changed', ({ jid, hash = '' }) => this.#heard(jid, hash))
    const pictures = async (): Promise<Pictures> => {
      const { Pictures } = await late('pictures.js', import('./pictures.ts'))
      this.#pictures ??= new Pictures({ worker, rooms, hashes: this.hashes, ended, given, remember })
      return this.#pictures
    }
    this.calls = {
      url: (who) => {
        mustBe(typeof who === 'object' && who !== null, 'avatars.url(who) must be an occupant, a room, or have a jid')
        const jid = 'role' in who ? undefined : anyJid(who.jid, 'avatars.url({ jid })')
        return pictures().then((all) => all.urlOf(who, jid))
      },
      set: (image) => {
        mustBe(image instanceof Blob, 'avatars.set(image) must be a Blob')
        return image.arrayBuffer().then((buffer) => worker.call('set', new Uint8Array(buffer)))
      },
      remove: () => worker.call('remove').then(() => undefined),
      on: worker.on,
    }
  }

  #heard(jid: string, hash: string): void {
    remember(this.hashes, jid, hash, MOST_HASHES)
    this.#rooms.get(jid)?.avatarIs(hash)
  }
}
