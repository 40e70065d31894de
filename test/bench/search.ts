import type { SearchCall } from '../../src/contract/api.ts'
import { withArchive } from './archive-stage.ts'
import type { Measurement } from './measurement.ts'

const MESSAGES = 100_000
const HITS = 20
const SCANS = 3
const ROUNDS = 3
/** A machine that is busy with something else gets fewer rounds. */
const ENOUGH_MS = 35_000

/** From the easiest for an index to the hardest: what every second message has, what ten have, both, and nothing. */
const QUERIES: readonly Omit<SearchCall, 'limit'>[] = [
  { text: 'ba' },
  { text: 'b' },
  { text: 'kabo lake' },
  { text: 'needle' },
  { text: 'need' },
  { text: 'ba needle' },
  { text: 'be nowhere' },
  { text: 'nowhere' },
  { text: 'ba', room: 'room-3@muc.localhost' },
  { text: 'ba', nick: 'Somebody 190' },
]

export const search: Measurement = {
  name: 'search',
  unit: 'ms',
  what: `the first ${HITS} hits among ${MESSAGES} messages, beside a read of them all`,
  run: () =>
    withArchive(async (page) => {
      const beganMs = performance.now()
      await page.evaluate((count) => archiveClient.fill(count, 500), MESSAGES)
      const samples = { ours: [] as number[], baseline: [] as number[] }
      for (let scan = 0; scan < SCANS; scan++) {
        if (scan > 0 && performance.now() - beganMs > ENOUGH_MS) break
        const { text } = QUERIES[scan] ?? { text: '' }
        const scanned = await page.evaluate(([words, limit]) => archiveClient.scan(words, limit), [
          text.split(' '),
          HITS,
        ] as const)
        if (scanned.rows === 0) throw new Error(`the scan found nothing by ${text}`)
        samples.baseline.push(scanned.ms)
        for (let round = 0; round < ROUNDS; round++) {
          for (const query of QUERIES) {
            const found = await page.evaluate((given) => archiveClient.search(given), { ...query, limit: HITS })
            if (found.rows === 0 && !query.text.includes('nowhere')) throw new Error(`nothing found by ${query.text}`)
            samples.ours.push(found.ms)
          }
        }
      }
      return samples
    }),
}
