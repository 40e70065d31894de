import { type ReadonlySignal, signal } from '@preact/signals'
import { type Message, MinimixError, type OutgoingMessage } from 'minimix-web'
import type { Talk } from './talk.ts'

/** What was said here and refused. */
export interface Refused {
  readonly key: string
  readonly words: OutgoingMessage
  readonly error: unknown
}

/** What this account has said and nobody has seen yet; what was refused is of this tab alone. */
export class Outbox {
  readonly #talk: Talk
  readonly #waiting = signal<readonly Message[]>([])
  readonly #refused = signal<readonly Refused[]>([])
  #count = 0

  constructor(talk: Talk, ended: AbortSignal) {
    this.#talk = talk
    const look = (): void => {
      this.#waiting.value = talk.snapshot().outbox
    }
    look()
    ended.addEventListener('abort', talk.subscribe(look), { once: true })
  }

  /** Whichever tab said it. */
  get waiting(): ReadonlySignal<readonly Message[]> {
    return this.#waiting
  }

  get refused(): ReadonlySignal<readonly Refused[]> {
    return this.#refused
  }

  /** @throws whatever `send` throws, after it is among the refused */
  async send(words: OutgoingMessage): Promise<void> {
    try {
      await this.#talk.send(words)
    } catch (error) {
      if (error instanceof MinimixError && error.code === 'aborted') return // somebody took it back
      this.#refused.value = [...this.#refused.value, { key: `refused ${this.#count++}`, words, error }]
      throw error
    }
  }

  retry({ key, words }: Refused): Promise<void> {
    this.discard(key)
    return this.send(words)
  }

  discard(key: string): void {
    this.#refused.value = this.#refused.value.filter((each) => each.key !== key)
  }

  /** @returns false where it is on its way already */
  takeBack({ id }: Message): Promise<boolean> {
    return this.#talk.cancelSend(id)
  }
}
