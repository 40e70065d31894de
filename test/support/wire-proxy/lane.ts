import type { Direction } from './frame-log.ts'

/** The faults of one direction, shared by the lanes of all connections. */
export type Gate = {
  /** Whatever comes is held back. */
  stalled: boolean
  /** Whatever comes is lost. */
  swallowing: boolean
  delayMs: number
}

/** One gate for each direction. */
export type Gates = Readonly<Record<Direction, Gate>>

type Parcel = { readonly deliver: () => void; readonly dueMs: number }

/**
 * The way of one connection in one direction: what is put in first is delivered first, whatever the delays.
 *
 * With neither delay nor stall, it is delivered at once.
 */
export class Lane {
  readonly #gate: Gate
  readonly #parcels: Parcel[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(gate: Gate) {
    this.#gate = gate
  }

  /** Puts something in behind all that is in already; while the gate swallows, it is lost. */
  push(deliver: () => void, extraDelayMs = 0): void {
    if (this.#gate.swallowing) return
    const dueMs = performance.now() + this.#gate.delayMs + extraDelayMs
    this.#parcels.push({ deliver, dueMs: Math.max(dueMs, this.#parcels.at(-1)?.dueMs ?? 0) })
    this.pump()
  }

  /** Delivers all that is due, unless the gate is stalled. To be called when a stall ends. */
  pump(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    while (!this.#gate.stalled) {
      const head = this.#parcels[0]
      if (head === undefined) return
      const leftMs = head.dueMs - performance.now()
      if (leftMs > 0) {
        this.#timer = setTimeout(() => this.pump(), Math.ceil(leftMs))
        return
      }
      this.#parcels.shift()
      head.deliver()
    }
  }

  /** Loses all that is in it. */
  clear(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#parcels.length = 0
  }
}
