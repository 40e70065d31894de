import type { Page } from 'playwright-core'
import { FeedStage } from './feed-stage.ts'
import type { Measurement } from './measurement.ts'
import { workerSession } from './worker-session.ts'

const MESSAGES = 100_000
/** Said at once; the tabs that listen keep up. */
const SLICE = 2_000
const TABS = 3

export const frozenTab: Measurement = {
  name: 'frozen-tab',
  unit: 'MB',
  what: `by how much ${MESSAGES} messages make the worker's heap grow while one of ${TABS} tabs stands still, beside none`,
  async run() {
    await using stage = await FeedStage.set()
    const baseline = await growth(stage, 'all listen')
    const ours = await growth(stage, 'one stands still')
    return { ours: [ours], baseline: [baseline] }
  },
}

/** Megabytes, with all that can be let go of left out. The tab that stood still has every message once, in order. */
async function growth(stage: FeedStage, how: 'all listen' | 'one stands still'): Promise<number> {
  const { profile, tabs } = await stage.tabs(TABS)
  await using worker = await workerSession(profile)
  const last = tabs.at(-1)
  if (!last) throw new Error('no tab')
  await hear(tabs, SLICE, SLICE)
  const before = await worker.heapMb()
  const goOn = how === 'one stands still' ? await freeze(last) : undefined
  const listening = goOn ? tabs.slice(0, -1) : tabs
  for (let said = SLICE; said < MESSAGES; said += SLICE) await hear(listening, SLICE, said + SLICE)
  const after = await worker.heapMb()
  await goOn?.()
  for (const tab of tabs) {
    await tab.evaluate((count) => feedPage.until(count), MESSAGES)
    if ((await tab.evaluate(() => feedPage.check())) !== MESSAGES) throw new Error('a message more than there were')
  }
  await profile.close()
  return after - before
}

/** The room says so many more; resolves when these tabs have all that there were. */
async function hear(tabs: readonly Page[], more: number, total: number): Promise<void> {
  await tabs[0]?.evaluate((count) => feedPage.say(count), more)
  await Promise.all(tabs.map((tab) => tab.evaluate((count) => feedPage.until(count), total)))
}

/** Stops whatever runs in the page at its next step, as a browser freezes a tab. @returns lets it go on */
async function freeze(page: Page): Promise<() => Promise<void>> {
  const session = await page.context().newCDPSession(page)
  await session.send('Debugger.enable')
  const paused = new Promise((resolve) => session.once('Debugger.paused', resolve))
  await session.send('Debugger.pause')
  page.evaluate(() => undefined).catch(() => undefined) // what it is stopped in
  await paused
  return async () => {
    await session.send('Debugger.disable')
    await session.detach()
  }
}
