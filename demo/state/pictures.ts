import { type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { Account, AvatarOwner } from 'minimix-web'

/** Strangers have pictures, too. */
const MOST = 1_000
/** Of ours, so many pixels on each side. */
const SIDE = 192

/** The pictures of people, as addresses for this page. */
export class Pictures {
  readonly #account: Account
  readonly #shown = new Map<string, Signal<string | undefined>>()

  constructor(account: Account, ended: AbortSignal) {
    this.#account = account
    const off = account.avatars.on('changed', ({ jid }) => {
      const known = this.#shown.get(jid)
      if (known) this.#load({ jid }, known)
    })
    ended.addEventListener('abort', off, { once: true })
  }

  /** Without one as long as it is not there, or where there is none. */
  of(owner: AvatarOwner): ReadonlySignal<string | undefined> {
    const key = 'role' in owner ? (owner.avatarHash ?? '') : owner.jid
    const known = this.#shown.get(key)
    if (known) return known
    const shown = signal<string | undefined>(undefined)
    this.#shown.set(key, shown)
    const [oldest] = this.#shown.keys()
    if (oldest !== undefined && this.#shown.size > MOST) this.#shown.delete(oldest)
    if (key !== '') this.#load(owner, shown)
    return shown
  }

  /** Ours, on every device: cut to a square, and small enough for any server. @throws MinimixError */
  async set(file: Blob): Promise<void> {
    const bitmap = await createImageBitmap(file)
    const side = Math.min(bitmap.width, bitmap.height)
    const canvas = new OffscreenCanvas(SIDE, SIDE)
    const [x, y] = [(bitmap.width - side) / 2, (bitmap.height - side) / 2]
    canvas.getContext('2d')?.drawImage(bitmap, x, y, side, side, 0, 0, SIDE, SIDE)
    bitmap.close()
    await this.#account.avatars.set(await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.85 }))
  }

  remove(): Promise<void> {
    return this.#account.avatars.remove()
  }

  #load(owner: AvatarOwner, shown: Signal<string | undefined>): void {
    this.#account.avatars.url(owner).then(
      (url) => {
        shown.value = url
      },
      () => undefined, // the letter stays
    )
  }
}
