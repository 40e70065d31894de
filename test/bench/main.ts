// npm run bench [-- --only NAME,…] [--json]
import { parseArgs } from 'node:util'
import { ensureBuilt } from '../support/built.ts'
import { ensurePrograms } from '../support/install.ts'
import { archivePage, archiveWrite, messageAlone } from './archive-write.ts'
import { attach } from './attach.ts'
import { catchUpActions } from './catch-up-actions.ts'
import { fanOut, fanOutComlink } from './fan-out.ts'
import { frozenTab } from './frozen-tab.ts'
import { join2000, joinGrowth, joinHeap } from './join-cost.ts'
import { type Measurement, type Result, resultOf } from './measurement.ts'
import { reload, reloadCold } from './reload.ts'
import { search } from './search.ts'
import { secondJoin } from './second-join.ts'
import { signIn } from './sign-in.ts'
import { tabDeath } from './tab-death.ts'
import { tabs50 } from './tabs-50.ts'
import { wireBytesPerMessage, wireConnections, wireJoins } from './wire.ts'

const MEASUREMENTS: readonly Measurement[] = [
  wireConnections,
  wireJoins,
  wireBytesPerMessage,
  secondJoin,
  join2000,
  joinGrowth,
  joinHeap,
  archiveWrite,
  messageAlone,
  archivePage,
  catchUpActions,
  search,
  reload,
  reloadCold,
  attach,
  signIn,
  fanOut,
  fanOutComlink,
  tabDeath,
  frozenTab,
  tabs50,
]

const say = (line: string): void => void process.stderr.write(`${line}\n`)

const { values } = parseArgs({ options: { only: { type: 'string' }, json: { type: 'boolean', default: false } } })
const wanted = values.only?.split(',').map((name) => name.trim())
const unknown = wanted?.filter((name) => !MEASUREMENTS.some((each) => each.name === name)) ?? []
if (unknown.length > 0) {
  say(`no measurement is called ${unknown.join(', ')}; there are ${MEASUREMENTS.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}

ensureBuilt(say)
await ensurePrograms(['prosody', 'chromium'], { say })
const results: Record<string, Result> = {}
for (const measurement of MEASUREMENTS) {
  if (wanted && !wanted.includes(measurement.name)) continue
  say(`${measurement.name}: ${measurement.what} …`)
  results[measurement.name] = resultOf(measurement, await measurement.run())
}

if (values.json) process.stdout.write(`${JSON.stringify(results)}\n`)
else printTable(results)
// Brokers that were measured in this process still have timers, up to a quarter of an hour.
process.exit()

function printTable(table: Readonly<Record<string, Result>>): void {
  const rows = Object.entries(table).map(([name, { ours, baseline, ratio, unit }]) => [
    name,
    String(ours),
    String(baseline),
    String(ratio),
    unit,
  ])
  const lines = [['measurement', 'ours', 'baseline', 'ratio', 'unit'], ...rows]
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...lines.map((line) => (line[column] ?? '').length)))
  for (const line of lines) {
    process.stdout.write(
      `${line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    )
  }
}
