import type { Page } from 'playwright-core'
import { withPage } from './archive-stage.ts'
import type { Measurement } from './measurement.ts'

const MESSAGES = 10_000
/** One in so many does something to an earlier message. */
const EVERY = 5
const ROUNDS = 5
/** A machine that is busy with something else gets fewer rounds. */
const ENOUGH_MS = 30_000

export const catchUpActions: Measurement = {
  name: 'catch-up-actions',
  unit: 'messages/s',
  what: `${MESSAGES} messages read up from an archive, a fifth of them corrections, retractions and reactions, beside as many without`,
  run: () =>
    withPage('catch-up-page.ts', async (page) => {
      await page.evaluate(() => catchUpPage.open('bench'))
      for (const every of [0, EVERY]) await caughtUp(page, `warm-${every}@muc.localhost`, 1_000, every)
      const beganMs = performance.now()
      const samples = { ours: [] as number[], baseline: [] as number[] }
      for (let round = 0; round < ROUNDS; round++) {
        if (round > 0 && performance.now() - beganMs > ENOUGH_MS) break
        samples.baseline.push(await caughtUp(page, `plain-${round}@muc.localhost`, MESSAGES, 0))
        samples.ours.push(await caughtUp(page, `acted-${round}@muc.localhost`, MESSAGES, EVERY))
      }
      return samples
    }),
}

async function caughtUp(page: Page, room: string, count: number, every: number): Promise<number> {
  const { ms, rows } = await page.evaluate((given) => catchUpPage.catchUp(...given), [room, count, every] as const)
  const expected = every === 0 ? count : count - count / every
  if (rows !== expected) throw new Error(`${rows} messages in place of ${expected}`)
  return (count / ms) * 1000
}
