import type { Clock } from './ports.ts'
import { Timers } from './timers.ts'

/** From something that we sent until we ask whether it arrived: what follows within it needs one question. */
const ASK_MS = 1_000
/** From the question until the connection is taken to be dead. */
const SILENT_MS = 8_000
/** A connection on which nothing came for so long is asked whether it is there. */
const IDLE_MS = 30_000

export interface LivenessWorld {
  readonly clock: Clock
  /** Asks the server to say what it has handled. */
  readonly ask: () => void
  /** It does not answer. */
  readonly onDead: () => void
}

/**
 * Whether there is anybody at the other end: browsers say nothing of a connection that died in a tunnel, so we ask
 * (XEP-0198 section 4), and what is not answered in time is dead.
 */
export class Liveness {
  readonly #world: LivenessWorld
  readonly #timers: Timers
  #heardAtMs: number | undefined
  #asked = false
  /** Somebody waits to hear what the server has handled. */
  #wanted = false

  constructor(world: LivenessWorld) {
    this.#world = world
    this.#timers = new Timers(world.clock)
  }

  begin(): void {
    this.end()
    this.heard()
    this.#watch(IDLE_MS)
  }

  end(): void {
    this.#asked = false
    for (const name of ['ask', 'silent', 'idle']) this.#timers.stop(name)
  }

  get heardAtMs(): number | undefined {
    return this.#heardAtMs
  }

  heard(): void {
    this.#heardAtMs = this.#world.clock.nowMs()
    if (!this.#asked) return
    this.#asked = false
    this.#timers.stop('silent')
  }

  sent(): void {
    if (!this.#asked && !this.#timers.has('ask')) this.#timers.start('ask', ASK_MS, () => this.askNow())
  }

  askNow(): void {
    this.#timers.stop('ask')
    if (this.#asked) return
    this.#asked = true
    this.#timers.start('silent', SILENT_MS, () => this.#world.onDead())
    this.#world.ask()
  }

  /** Somebody waits to hear that all that was sent has been handled. */
  want(): void {
    this.#wanted = true
    this.askNow()
  }

  /** The server has said what it has handled. @param left stanzas that were not among it */
  answered(left: number): void {
    this.#wanted &&= left > 0
    if (this.#wanted) this.askNow()
  }

  #watch(ms: number): void {
    this.#timers.start('idle', ms, () => {
      const silentMs = this.#world.clock.nowMs() - (this.#heardAtMs ?? 0)
      if (silentMs >= IDLE_MS) this.askNow()
      this.#watch(Math.max(1_000, IDLE_MS - silentMs))
    })
  }
}
