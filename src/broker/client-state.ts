import { clientState } from '../protocol/xep-0352-csi.ts'
import type { XmlNode } from '../protocol/xml.ts'
import type { Bound } from './ports.ts'

export interface ClientStateWorld {
  /** Whether any tab is looked at. */
  readonly isShown: () => boolean
  readonly say: (word: XmlNode) => void
}

/** Tells the server whether anybody looks, so that it can hold back what does not matter then (XEP-0352). */
export class ClientState {
  readonly #world: ClientStateWorld
  /** The server wants to know. */
  #wanted = false
  #said: 'active' | 'inactive' | undefined

  constructor(world: ClientStateWorld) {
    this.#world = world
  }

  /** A session has begun, or goes on: the server knows nothing but what came with the sign-in. */
  online({ clientState = false, inactive = false }: Pick<Bound, 'clientState' | 'inactive'>): void {
    this.#wanted = clientState
    this.#said = inactive ? 'inactive' : undefined
    this.changed()
  }

  /** A tab may have come into sight, or gone out of it. */
  changed(): void {
    const is = this.#world.isShown() ? 'active' : 'inactive'
    if (!this.#wanted || is === this.#said) return
    this.#said = is
    this.#world.say(clientState(is))
  }
}
