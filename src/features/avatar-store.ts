import type { AvatarImage } from '../contract/avatars.ts'
import type { PluginStore } from '../contract/plugin.ts'

/** So many images are kept for an account, and so many bytes of them: whichever comes first. */
const MOST_IMAGES = 500
const MOST_BYTES = 32 * 1024 * 1024

/**
 * The images by their SHA-1, in this browser. As bytes: not every browser can keep a `Blob` in a private window.
 *
 * A worker may die between two writes: what the index names and is not there counts as not there, and what goes is taken
 * off it last.
 */
export class AvatarStore {
  readonly #kept: PluginStore
  readonly #log: (text: string) => void
  /** Sizes by hash, the one used last is last. */
  #index: Promise<Map<string, number>> | undefined

  constructor(kept: PluginStore, log: (text: string) => void) {
    this.#kept = kept
    this.#log = log
  }

  async get(hash: string): Promise<AvatarImage | undefined> {
    const index = await this.#read()
    const size = index.get(hash)
    if (size === undefined) return undefined
    index.delete(hash)
    index.set(hash, size)
    // Only this writes what is read here.
    return (await this.#kept.get(hash)) as AvatarImage | undefined
  }

  /** Resolves when it is stored, or cannot be. */
  async put(image: AvatarImage): Promise<void> {
    const { hash, bytes } = image
    const index = await this.#read()
    index.delete(hash)
    index.set(hash, bytes.length)
    let sum = [...index.values()].reduce((a, b) => a + b, 0)
    try {
      for (const [oldest, size] of index) {
        if (index.size <= MOST_IMAGES && sum <= MOST_BYTES) break
        index.delete(oldest)
        sum -= size
        await this.#kept.set(oldest, undefined)
      }
      await this.#kept.set('index', [...index])
      await this.#kept.set(hash, image)
    } catch (error) {
      this.#log(`an image is not stored: ${String(error)}`)
    }
  }

  #read(): Promise<Map<string, number>> {
    this.#index ??= this.#kept.get('index').then(
      (rows) => new Map(rows as [string, number][] | undefined),
      (error: unknown) => {
        // The next one may be able to read it.
        this.#index = undefined
        throw error
      },
    )
    return this.#index
  }
}
