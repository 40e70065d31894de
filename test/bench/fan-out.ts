import { FeedStage } from './feed-stage.ts'
import type { Way } from './feed-words.ts'
import type { Measurement, Samples } from './measurement.ts'

const MESSAGES = 10_000
const TABS = 5
/** Rounds that do not count: until the compilers of worker and tabs have done what they do. */
const WARM_UP = 3

export const fanOut: Measurement = {
  name: 'fan-out',
  unit: 'messages/s',
  what: `${MESSAGES} messages from the parsed element to the listeners of ${TABS} tabs, beside a bare port in batches of 50`,
  run: () => measured('port', 9),
}

export const fanOutComlink: Measurement = {
  name: 'fan-out-comlink',
  unit: 'messages/s',
  what: 'the same, beside a callback of Comlink for each message',
  run: () => measured('comlink', 5),
}

async function measured(baseline: Way, rounds: number): Promise<Samples> {
  await using stage = await FeedStage.set()
  const { tabs } = await stage.tabs(TABS)
  const rate = async (way: Way): Promise<number> => {
    const ms = await tabs[0]?.evaluate(([way, count]) => feedPage.run(way, count), [way, MESSAGES] as const)
    for (const tab of tabs) await tab.evaluate(() => feedPage.check())
    return MESSAGES / ((ms ?? Number.NaN) / 1000)
  }
  const samples = { ours: [] as number[], baseline: [] as number[] }
  for (let n = 0; n < WARM_UP; n++) await rate('sdk')
  for (let round = -1; round < rounds; round++) {
    const [ours, beside] = [await rate('sdk'), await rate(baseline)]
    if (round < 0) continue
    samples.ours.push(ours)
    samples.baseline.push(beside)
  }
  return samples
}
