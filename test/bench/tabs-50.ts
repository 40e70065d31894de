import type { Tab } from '../support/browser/tab.ts'
import { BenchStage, type Side } from './bench-stage.ts'
import type { Measurement } from './measurement.ts'
import { workerSession } from './worker-session.ts'

const TABS = 50
/** Tabs that do not count: until the worker has compiled what it needs. */
const WARM_UP = 10
/** Tabs that are opened at once. */
const AT_ONCE = 10
const ROOM = 'crowd@muc.localhost'
const DEADLINE_MS = 10_000

export const tabs50: Measurement = {
  name: 'tabs-50',
  unit: 'MB',
  what: `the worker's heap after ${TABS} tabs came, joined, left and went, beside the heap before; the locks must be the same`,
  async run() {
    await using stage = await BenchStage.set()
    const side = await stage.side()
    const first = await stage.tab(side)
    await first.join(ROOM, { nick: 'Ours' })
    await using worker = await workerSession(side.profile)
    await comeAndGo(stage, side, first, WARM_UP)
    const [locks, before] = [await locksIn(first), await worker.heapMb()]
    await comeAndGo(stage, side, first, TABS)
    const left = await locksIn(first)
    if (left.join() !== locks.join()) throw new Error(`locks before: ${locks}; after: ${left}`)
    return { ours: [await worker.heapMb()], baseline: [before] }
  },
}

async function comeAndGo(stage: BenchStage, side: Side, first: Tab, count: number): Promise<void> {
  const tabs: Tab[] = []
  while (tabs.length < count) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - tabs.length) }, async () => {
      const tab = await stage.tab(side)
      await tab.join(ROOM, { nick: 'Ours' })
      return tab
    })
    tabs.push(...(await Promise.all(some)))
  }
  await untilTabs(first, count + 1)
  await Promise.all(tabs.map((tab) => tab.leave(ROOM)))
  await Promise.all(tabs.map((tab) => tab.close()))
  await untilTabs(first, 1)
}

/** Until the worker knows of so many tabs, and so many are in the room. */
function untilTabs(tab: Tab, count: number): Promise<void> {
  return tab.page.evaluate(
    async ({ room, count, deadlineMs }) => {
      const end = AbortSignal.timeout(deadlineMs)
      for (;;) {
        const { tabs, rooms } = await harness.connected().inspect()
        if (tabs.length === count && rooms.find(({ jid }) => jid === room)?.tabs === count) return
        if (end.aborted) throw new Error(`${tabs.length} tabs instead of ${count}`)
      }
    },
    { room: ROOM, count, deadlineMs: DEADLINE_MS },
  )
}

/** The names of the locks of this origin, held or waited for, each as often as it is. */
function locksIn(tab: Tab): Promise<string[]> {
  return tab.page.evaluate(async () => {
    const { held = [], pending = [] } = await navigator.locks.query()
    const names = [...held.map(({ name }) => `held ${name}`), ...pending.map(({ name }) => `awaited ${name}`)]
    return names.sort()
  })
}
