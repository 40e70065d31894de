import type { Page } from 'playwright-core'
import type { Timed } from './archive-client.ts'
import { withArchive } from './archive-stage.ts'
import type { Measurement, Samples } from './measurement.ts'

const BATCH = 100
const ROWS_IN_ROUND = 1_000
const ROUNDS = 24

export const archiveWrite: Measurement = {
  name: 'archive-write',
  unit: 'rows/s',
  what: `messages through the whole broker until a tab is told of them, beside idb that writes the bare rows, ${BATCH} a time`,
  run: () =>
    withArchive((page) =>
      rounds(ROUNDS, async (round) => {
        const args = [round * ROWS_IN_ROUND, ROWS_IN_ROUND, BATCH] as const
        const { ours, baseline } = await page.evaluate((given) => archiveClient.write(...given), args)
        return { ours: rate(ours), baseline: rate(baseline) }
      }),
    ),
}

export const messageAlone: Measurement = {
  name: 'message-alone',
  unit: 'ms',
  what: 'one message alone in a quiet room, from its stanza until a tab is told of it, beside idb that writes its bare row',
  run: () =>
    withArchive((page) =>
      rounds(40, async (round) => {
        const { ours, baseline } = await page.evaluate((at) => archiveClient.write(at, 1, 1), round)
        return { ours: ours.ms, baseline: baseline.ms }
      }),
    ),
}

const rate = ({ rows, ms }: Timed): number => (rows / ms) * 1000

const MESSAGES = 100_000
const PAGE = 50

export const archivePage: Measurement = {
  name: 'archive-page',
  unit: 'ms',
  what: `the newest ${PAGE} messages, or ${PAGE} in the middle, of ${MESSAGES}, beside a bare read of the same range`,
  run: () =>
    withArchive(async (page) => {
      await page.evaluate((count) => archiveClient.fill(count, 1_000), MESSAGES)
      return rounds(60, (round) => readPage(page, round % 2 === 0 ? 1 : 0.5))
    }),
}

async function readPage(page: Page, end: number): Promise<{ ours: number; baseline: number }> {
  const read = await page.evaluate(([at, count]) => archiveClient.page(at, count), [end, PAGE] as const)
  const { ours, baseline } = read
  if (ours.rows !== PAGE || baseline.rows !== PAGE)
    throw new Error(`a page of ${ours.rows} and one of ${baseline.rows}`)
  return { ours: ours.ms, baseline: baseline.ms }
}

/** So many rounds, after two that warm up. */
async function rounds(
  count: number,
  take: (round: number) => Promise<{ ours: number; baseline: number }>,
): Promise<Samples> {
  const samples = { ours: [] as number[], baseline: [] as number[] }
  for (let round = 0; round < count + 2; round++) {
    const { ours, baseline } = await take(round)
    if (round < 2) continue
    samples.ours.push(ours)
    samples.baseline.push(baseline)
  }
  return samples
}
