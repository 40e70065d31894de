import type { Element } from '../ltx.ts'

/** What `waitFor` can be told. */
export type WaitOptions = {
  /** What is waited for, in words that end "did not come: …". */
  readonly what: string
  readonly deadlineMs?: number
  /** A mark: only what came since counts. Without it everything ever received counts. */
  readonly since?: number
}

const SHOWN_STANZAS = 5

type Waiter = { readonly see: (stanza: Element) => void; readonly fail: (reason: string) => void }

/** The stanzas that came, in order; the index of each is its place. */
export class StanzaLog {
  readonly stanzas: Element[] = []
  readonly #owner: string
  readonly #waiters = new Set<Waiter>()
  #end: string | undefined

  /** @param owner names the client in errors */
  constructor(owner: string) {
    this.#owner = owner
  }

  add(stanza: Element): void {
    this.stanzas.push(stanza)
    for (const waiter of [...this.#waiters]) waiter.see(stanza)
  }

  /** Fails all who wait, and all who will: nothing comes any more. */
  close(reason: string): void {
    this.#end ??= reason
    for (const waiter of [...this.#waiters]) waiter.fail(this.#end)
  }

  /** The first stanza for which the predicate holds. It is asked about each stanza once, in order. */
  waitFor(predicate: (stanza: Element) => boolean, options: WaitOptions): Promise<Element> {
    const { what, deadlineMs = 10_000, since = 0 } = options
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer)
        this.#waiters.delete(waiter)
        settle()
      }
      const fail = (reason: string) =>
        end(() => reject(new Error(`${this.#owner}: ${what} did not come: ${reason}${this.#tail()}`)))
      const see = (stanza: Element) => {
        try {
          if (predicate(stanza)) end(() => resolve(stanza))
        } catch (error) {
          end(() => reject(error)) // the predicate's own fault goes to the one who waits
        }
      }
      const timer = setTimeout(() => fail(`waited ${deadlineMs} ms`), deadlineMs)
      const waiter: Waiter = { see, fail }
      this.#waiters.add(waiter)
      for (const stanza of this.stanzas.slice(since)) {
        if (!this.#waiters.has(waiter)) return
        see(stanza)
      }
      if (this.#end !== undefined) fail(this.#end)
    })
  }

  #tail(): string {
    const last = this.stanzas.slice(-SHOWN_STANZAS).map((stanza) => `  ${String(stanza).slice(0, 500)}`)
    return `\nthe last of ${this.stanzas.length} stanzas:\n${last.join('\n')}`
  }
}
