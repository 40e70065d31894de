import { type ReadonlySignal, signal } from '@preact/signals'
import type { Message, Room } from 'minimix-web'

/** A message of this tab that the room has not sent back yet. */
export interface Outgoing {
  readonly key: string
  readonly body: string
  readonly stampMs: number
  readonly state: 'sending' | 'failed'
  readonly error?: unknown
}

/** What this tab has said and not yet seen. */
export class Outbox {
  readonly #room: Room
  readonly #waiting = signal<readonly Outgoing[]>([])
  readonly #onRefused: (error: unknown) => void
  #count = 0

  constructor(room: Room, signal: AbortSignal, onRefused: (error: unknown) => void) {
    this.#room = room
    this.#onRefused = onRefused
    // The event comes before the answer of `send`: in between, the message would be seen twice.
    room.on('message', (message) => this.#reflected(message), { signal })
  }

  get waiting(): ReadonlySignal<readonly Outgoing[]> {
    return this.#waiting
  }

  async send(body: string): Promise<void> {
    const key = `outgoing ${this.#count++}`
    this.#waiting.value = [...this.#waiting.value, { key, body, stampMs: Date.now(), state: 'sending' }]
    try {
      const { state } = await this.#room.send(body)
      if (state === 'delivered') this.discard(key)
    } catch (error) {
      this.#waiting.value = this.#waiting.value.map((each) =>
        each.key === key ? { ...each, state: 'failed', error } : each,
      )
      this.#onRefused(error)
    }
  }

  retry({ key, body }: Outgoing): Promise<void> {
    this.discard(key)
    return this.send(body)
  }

  discard(key: string): void {
    this.#waiting.value = this.#waiting.value.filter((each) => each.key !== key)
  }

  #reflected({ fromThisTab, history, body }: Message): void {
    if (!fromThisTab || history) return
    const sent = this.#waiting.value.find((each) => each.state === 'sending' && each.body === body)
    if (sent) this.discard(sent.key)
  }
}
