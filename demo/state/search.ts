import { signal } from '@preact/signals'
import type { Account, Message } from 'minimix-web'
import { inWords } from './words.ts'

const MOST = 50
/** So long after the last key. */
const PAUSE_MS = 200

/** What somebody looks for, and what was found. */
export class Search {
  readonly text = signal('')
  /** Only in the room in front. */
  readonly here = signal(false)
  readonly found = signal<readonly Message[] | undefined>(undefined)
  readonly trouble = signal<string | undefined>(undefined)
  readonly #account: Account
  #timer: ReturnType<typeof setTimeout> | undefined
  #turn = 0

  constructor(account: Account) {
    this.#account = account
  }

  /** Looks soon, unless something else is looked for until then. @param room where, if it is to be here */
  look(room: string | undefined): void {
    clearTimeout(this.#timer)
    const turn = ++this.#turn
    const text = this.text.value.trim()
    this.trouble.value = undefined
    if (text === '') this.found.value = undefined
    else this.#timer = setTimeout(() => this.#look(turn, text, room), PAUSE_MS)
  }

  async #look(turn: number, text: string, room: string | undefined): Promise<void> {
    try {
      const found = await this.#account.search(text, { limit: MOST, ...(room !== undefined && { room }) })
      if (turn === this.#turn) this.found.value = found
    } catch (error) {
      if (turn !== this.#turn) return
      this.found.value = undefined
      this.trouble.value = inWords(error)
    }
  }
}
