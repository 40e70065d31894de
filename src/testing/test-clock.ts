import type { Clock } from '../broker/ports.ts'

/** What is due sooner is due at once: pauses that only spare work. What is later waits for a test to let time pass. */
const AT_ONCE_MS = 100

interface Timer {
  readonly dueMs: number
  readonly run: () => void
}

/** Time in the hand of a test. */
export interface TestClock extends Clock {
  /** Lets so many milliseconds pass: what falls due runs in the order of its time. */
  advance(ms: number): void
  /** Milliseconds until the next thing falls due; `undefined` where nothing waits. */
  readonly nextMs: number | undefined
  /** How many short pauses have ended, and how many have not. */
  readonly pauses: { readonly ended: number; readonly open: number }
}

let channel: { readonly next: () => void; readonly waiting: (() => void)[] } | undefined

/** A turn of the event loop, whatever timers a test has put in place of the real ones. */
export function turn(): Promise<void> {
  channel ??= turning()
  const { next, waiting } = channel
  return new Promise((resolve) => {
    waiting.push(resolve)
    next()
  })
}

function turning(): NonNullable<typeof channel> {
  const { port1, port2 } = new MessageChannel()
  const waiting: (() => void)[] = []
  // In Node a port that listens keeps the process from its end.
  const listening: MessagePort & { ref?(): void; unref?(): void } = port1
  listening.onmessage = () => {
    waiting.shift()?.()
    if (waiting.length === 0) listening.unref?.()
  }
  listening.unref?.()
  return {
    waiting,
    next() {
      listening.ref?.()
      port2.postMessage(null)
    },
  }
}

/**
 * A clock that stands still, but for pauses of less than 100 ms: those end in the next turn of the event loop, so that
 * an `await` in an application comes to its end without anybody advancing the time.
 *
 * @param startMs the time of day that it begins with; milliseconds since the epoch
 */
export function testClock(startMs: number): TestClock {
  const timers = new Set<Timer>()
  let passedMs = 0
  let ids = 0
  let ended = 0

  const runUntil = (limitMs: number, upToMs: number): void => {
    for (;;) {
      let next: Timer | undefined
      for (const timer of timers) if (timer.dueMs <= limitMs && (!next || timer.dueMs < next.dueMs)) next = timer
      if (!next) break
      timers.delete(next)
      passedMs = Math.max(passedMs, next.dueMs)
      next.run()
    }
    passedMs = Math.max(passedMs, upToMs)
  }

  let open = 0
  return {
    nowMs: () => startMs + passedMs,
    after(ms, run) {
      const timer = { dueMs: passedMs + Math.max(0, ms), run }
      timers.add(timer)
      if (ms < AT_ONCE_MS) {
        open += 1
        void turn().then(() => {
          open -= 1
          ended += 1
          if (timers.has(timer)) runUntil(timer.dueMs, timer.dueMs)
        })
      }
      return () => timers.delete(timer)
    },
    newId: () => `id-${++ids}`,
    chance: () => 0.5,
    advance: (ms) => runUntil(passedMs + ms, passedMs + ms),
    get nextMs() {
      const next = Math.min(...[...timers].map(({ dueMs }) => dueMs))
      return Number.isFinite(next) ? Math.max(0, next - passedMs) : undefined
    },
    get pauses() {
      return { ended, open }
    },
  }
}
