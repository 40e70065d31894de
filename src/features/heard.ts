import type { PluginStore } from '../contract/plugin.ts'

/** What others decide the number of: who was heard of longest ago is forgotten. */
const MOST = 2_000

/** One word about each of many people, by bare JID; it outlives the worker. */
export class Heard {
  readonly #kept: PluginStore
  readonly #log: (text: string) => void
  readonly #words = new Map<string, string>()
  #unsaved = false
  /** What the worker before knew is known. It never fails. */
  readonly loaded: Promise<void>

  constructor(kept: PluginStore, log: (text: string) => void) {
    this.#kept = kept
    this.#log = log
    this.loaded = kept.get('heard').then(
      (words) => {
        // Only this writes what is read here; what has come since is newer.
        for (const [jid, word] of (words as ReadonlyMap<string, string> | undefined) ?? [])
          if (!this.#words.has(jid)) this.#words.set(jid, word)
      },
      (error: unknown) => log(`not read: ${String(error)}`),
    )
  }

  get all(): ReadonlyMap<string, string> {
    return this.#words
  }

  get(jid: string): string | undefined {
    return this.#words.get(jid)
  }

  /** @returns who is forgotten for it, empty for nobody; `undefined` where it is no news */
  note(jid: string, word: string): string | undefined {
    if (this.#words.get(jid) === word) return undefined
    this.#words.delete(jid)
    this.#words.set(jid, word)
    this.#unsaved = true
    const [oldest = ''] = this.#words.keys()
    if (this.#words.size <= MOST) return ''
    this.#words.delete(oldest)
    return oldest
  }

  /** Forgets everybody of whom that is the word, but one. */
  forget(word: string, except: string): void {
    for (const [jid, each] of this.#words) if (each === word && jid !== except) this.#words.delete(jid)
  }

  save(): void {
    if (!this.#unsaved) return
    this.#unsaved = false
    this.#kept.set('heard', this.#words).catch((error: unknown) => this.#log(`not stored: ${String(error)}`))
  }
}
