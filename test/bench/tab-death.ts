import type { Page } from 'playwright-core'
import { BenchStage } from './bench-stage.ts'
import type { Measurement } from './measurement.ts'

const ROUNDS = 15
const SHARED = 'shared@muc.localhost'
const LOCK = 'bench:crash'
const DEADLINE_MS = 10_000

export const tabDeath: Measurement = {
  name: 'tab-death',
  unit: 'ms',
  what: 'from the crash of a tab until the broker has let go of its rooms, beside the release of a bare lock of that tab',
  async run() {
    await using stage = await BenchStage.set()
    const side = await stage.side()
    // The worker lives in the process of the first tab.
    const observer = await stage.tab(side)
    await observer.join(SHARED, { nick: 'Ours' })
    const samples = { ours: [] as number[], baseline: [] as number[] }
    for (let round = -1; round < ROUNDS; round++) {
      const alone = `alone-${round + 1}@muc.localhost`
      const victim = await stage.tab(side)
      for (const room of [SHARED, alone]) await victim.join(room, { nick: 'Ours' })
      await victim.page.evaluate(hold, LOCK)
      await observer.page.evaluate(watch, { lock: LOCK, deadlineMs: DEADLINE_MS, rooms: { [SHARED]: 1, [alone]: 0 } })
      const crashedAtMs = await crash(victim.page)
      const { releasedAtMs, freeAtMs } = await observer.page.evaluate(() => benchDeath)
      await victim.close()
      if (round < 0) continue
      samples.ours.push(releasedAtMs - crashedAtMs)
      samples.baseline.push(freeAtMs - crashedAtMs)
    }
    return samples
  },
}

declare global {
  /** When the broker had let go of a tab's rooms, and when a lock of that tab was free; milliseconds since 1970. */
  var benchDeath: Promise<{ readonly releasedAtMs: number; readonly freeAtMs: number }>
}

/** In the page: holds a lock as long as it lives. */
function hold(lock: string): Promise<void> {
  return new Promise((held) => {
    void navigator.locks.request(lock, () => {
      held()
      return new Promise(() => undefined)
    })
  })
}

interface Watched {
  readonly lock: string
  /** How many tabs are to be left in each. */
  readonly rooms: Readonly<Record<string, number>>
  readonly deadlineMs: number
}

/** In the page: begins to wait until so many tabs are in each of the rooms, and until the lock is free. */
async function watch({ lock, rooms, deadlineMs }: Watched): Promise<void> {
  const account = harness.connected()
  const { rooms: before } = await account.inspect()
  for (const [jid, tabs] of Object.entries(rooms)) {
    const there = before.find((room) => room.jid === jid)?.tabs
    if (there !== tabs + 1) throw new Error(`${jid}: ${there} tabs before the crash`)
  }
  const signal = AbortSignal.timeout(deadlineMs)
  const free = navigator.locks.request(lock, { signal }, () => Date.now())
  // No function with a name of its own: what compiles this would name it with a helper that the page does not have.
  const released = (async () => {
    for (;;) {
      const { rooms: now } = await account.inspect()
      if (now.every(({ jid, tabs }) => tabs === (rooms[jid] ?? tabs))) return Date.now()
      signal.throwIfAborted()
    }
  })()
  globalThis.benchDeath = Promise.all([released, free]).then(([releasedAtMs, freeAtMs]) => ({ releasedAtMs, freeAtMs }))
}

/** @returns when, in milliseconds since 1970 */
async function crash(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page)
  const crashed = page.waitForEvent('crash')
  const atMs = Date.now()
  session.send('Page.crash').catch(() => undefined) // it never answers
  await crashed
  return atMs
}
