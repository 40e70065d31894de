import type { Clock } from '../../../src/broker/ports.ts'

interface Timer {
  readonly dueMs: number
  readonly run: () => void
}

/** Time that stands still until a test lets it pass. */
export interface FakeClock extends Clock {
  /** Lets so many milliseconds pass: what falls due runs in the order of its time, and of its start where that is equal. */
  advance(ms: number): void
  /** Moves the time of day without running anything, as a corrected system clock does. */
  setNowMs(nowMs: number): void
  /** How many timers wait. */
  readonly waiting: number
}

export function fakeClock({ startMs = Date.UTC(2030, 0, 1), chance = 1, prefix = 'id' } = {}): FakeClock {
  let monotonicMs = 0
  let offsetMs = startMs
  let ids = 0
  const timers = new Set<Timer>()

  const nextUntil = (limitMs: number): Timer | undefined => {
    let next: Timer | undefined
    for (const timer of timers) if (timer.dueMs <= limitMs && (!next || timer.dueMs < next.dueMs)) next = timer
    return next
  }

  return {
    nowMs: () => offsetMs + monotonicMs,
    after(ms, run) {
      const timer = { dueMs: monotonicMs + Math.max(0, ms), run }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    newId: () => `${prefix}-${++ids}`,
    chance: () => chance,
    advance(ms) {
      const untilMs = monotonicMs + ms
      for (let next = nextUntil(untilMs); next; next = nextUntil(untilMs)) {
        timers.delete(next)
        monotonicMs = next.dueMs
        next.run()
      }
      monotonicMs = untilMs
    },
    setNowMs(nowMs) {
      offsetMs = nowMs - monotonicMs
    },
    get waiting() {
      return timers.size
    },
  }
}
