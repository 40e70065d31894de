import type { Stream } from './ports.ts'

export interface AcknowledgementsWorld {
  /** How many stanzas of the server were taken in; written down by asking. */
  readonly saved: () => number
  /** Runs once everything saved so far is stored. */
  readonly afterSaved: (run: () => void) => void
  readonly isCurrent: (stream: Stream) => boolean
  readonly send: (stream: Stream, taken: number) => void
}

/**
 * Answers the server's questions how much was taken in (XEP-0198 section 4). Stored first, answered then: what is
 * acknowledged the server forgets. What it asks meanwhile, however often, has one more answer, behind that.
 */
export class Acknowledgements {
  readonly #world: AcknowledgementsWorld
  #owed: { readonly stream: Stream; again: boolean } | undefined

  constructor(world: AcknowledgementsWorld) {
    this.#world = world
  }

  asked(stream: Stream): void {
    if (this.#owed?.stream === stream) {
      this.#owed.again = true
      return
    }
    const { saved, afterSaved, isCurrent, send } = this.#world
    const owed = { stream, again: false }
    this.#owed = owed
    const taken = saved()
    afterSaved(() => {
      if (this.#owed === owed) this.#owed = undefined
      if (!isCurrent(stream)) return
      send(stream, taken)
      if (owed.again) this.asked(stream)
    })
  }
}
