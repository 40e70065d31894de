import { signal } from '@preact/signals'
import type { Account, FoundRoom, RoomPage, RoomPreset } from 'minimix-web'
import { inWords } from './words.ts'

const PAGE = 50

/** What a new room is to be. */
export interface Plan {
  readonly name: string
  readonly preset: RoomPreset
}

/** Rooms to find, a page at a time, and to make. */
export class Finder {
  readonly text = signal('')
  readonly rooms = signal<readonly FoundRoom[] | undefined>(undefined)
  readonly hasMore = signal(false)
  readonly trouble = signal<string | undefined>(undefined)
  readonly #account: Account
  readonly #nick: string
  #after: string | undefined
  #turn = 0

  constructor(account: Account, nick: string) {
    this.#account = account
    this.#nick = nick
  }

  /** From the beginning: those with the words, or without any, all. */
  async look(): Promise<void> {
    this.rooms.value = undefined
    this.#after = undefined
    await this.more()
  }

  async more(): Promise<void> {
    const turn = ++this.#turn
    const text = this.text.value.trim()
    const options = { limit: PAGE, ...(this.#after !== undefined && { after: this.#after }) }
    const { directory } = this.#account
    this.trouble.value = undefined
    try {
      const page = await (text === '' ? directory.rooms(options) : directory.search(text, options))
      if (turn === this.#turn) this.#take(page)
    } catch (error) {
      if (turn === this.#turn) this.trouble.value = inWords(error)
    }
  }

  /** @returns the address of the room that was made and entered. @throws MinimixError */
  async make({ name, preset }: Plan): Promise<string> {
    const local = localFrom(name)
    const isPublic = preset === 'public-channel'
    const { jid } = await this.#account.directory.create({
      preset,
      name,
      nick: this.#nick,
      // Whoever guesses the address of a private room is none the wiser, but need not even try.
      ...(isPublic && local !== '' && { local }),
    })
    return jid
  }

  #take({ rooms, after }: RoomPage): void {
    this.rooms.value = [...(this.rooms.value ?? []), ...rooms]
    this.#after = after
    this.hasMore.value = after !== undefined
  }
}

/** What of a name can stand in an address. */
const localFrom = (name: string): string =>
  name
    .toLowerCase()
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
