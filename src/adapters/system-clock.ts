import type { Clock } from '../broker/ports.ts'

export function systemClock(): Clock {
  return {
    nowMs: () => Date.now(),
    after(ms, run) {
      const timer = setTimeout(run, ms)
      return () => clearTimeout(timer)
    },
    newId: () => crypto.randomUUID(),
    chance: () => Math.random(),
  }
}
