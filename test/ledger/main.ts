// npm run ledger -- --steps 300 --seed 7 [--seeds 10] [--server prosody|prosody13|ejabberd] [--tabs shared|own|mixed] [--json FILE]
// [--evidence DIR]
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { ensureBuilt } from '../support/built.ts'
import { ensurePrograms } from '../support/install.ts'
import { setStage } from '../support/stage.ts'
import { LedgerRun, type Outcome, type TabKind } from './run.ts'

const text = { type: 'string' } as const
const { values } = parseArgs({
  options: { steps: text, seed: text, seeds: text, server: text, tabs: text, json: text, evidence: text },
})
const steps = whole('--steps', values.steps, 300)
const seed = whole('--seed', values.seed, 1)
const seeds = whole('--seeds', values.seeds, 1)
const server = values.server ?? 'prosody'
if (server !== 'prosody' && server !== 'prosody13' && server !== 'ejabberd')
  fail('--server must be prosody, prosody13 or ejabberd')

const tabs = (['shared', 'own', 'mixed'] as const).find((kind): kind is TabKind => kind === (values.tabs ?? 'shared'))
if (!tabs) fail('--tabs must be shared, own or mixed')

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const complain = (line: string): void => void process.stderr.write(`${line}\n`)
const outcomes: Outcome[] = []
ensureBuilt(complain)
await ensurePrograms([server], { say: complain })
{
  await using stage = await setStage(server)
  for (let at = 0; at < seeds; at++) {
    const sinceMs = performance.now()
    const plan = { steps, tabs, seed: seed + at, evidence: values.evidence }
    const outcome = await LedgerRun.run(stage, plan).catch((error: unknown) => brokenOff(plan.seed, error))
    outcomes.push(outcome)
    report(outcome, performance.now() - sinceMs)
  }
}
const failed = outcomes.filter((outcome) => !isClean(outcome))
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(outcomes, null, 2)}\n`)
say(`${outcomes.length - failed.length} passed, ${failed.length} failed`)
process.exit(failed.length === 0 ? 0 : 1)

function isClean({ lost, doubled, disordered }: Outcome): boolean {
  return lost.length + doubled.length + disordered.length === 0
}

/** What does not come to its end has lost what it was about. */
function brokenOff(seed: number, error: unknown): Outcome {
  const why = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { seed, messages: 0, faults: {}, lost: [`the run broke off: ${why}`], doubled: [], disordered: [] }
}

function report(outcome: Outcome, ms: number): void {
  const { seed, messages, faults, lost, doubled, disordered } = outcome
  const total = Object.values(faults).reduce((sum, count) => sum + count, 0)
  const kinds = Object.entries(faults).map(([name, count]) => `${name} ${count}`)
  say(
    `seed ${seed}: ${steps} steps, ${messages} numbers given, ${total} faults (${kinds.join(', ')}) in ${Math.round(ms / 1000)} s`,
  )
  say(`  ${lost.length} lost, ${doubled.length} doubled, ${disordered.length} out of order`)
  for (const [what, list] of Object.entries({ lost, doubled, disordered }))
    for (const line of list.slice(0, 20)) say(`  ${what}: ${line}`)
}

function whole(name: string, given: string | undefined, otherwise: number): number {
  const value = given === undefined ? otherwise : Number(given)
  if (!Number.isInteger(value) || value < 1) fail(`${name} must be a whole number from 1`)
  return value
}

function fail(why: string): never {
  process.stderr.write(`${why}\n`)
  process.exit(2)
}
