// npm test: installs what is missing, builds, and runs every check and every test. Ends with "N passed, N failed".
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensurePrograms } from './support/install.ts'

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const counts = { passed: 0, failed: 0 }
/** What no server but one needs to show each time: what happens to tabs and workers, what attackers send, what waits. */
const OF_ANY_SERVER = 'T2,T3,T4,T5,T6,H,X,D,W0,C01,C02,E07'
/** What of the cases runs on the newest Prosody, which signs in otherwise: what a session begins, ends or outlives. */
const OF_PROSODY13 = 'F,E01,E02,E03,E04,E05,E06,J0,L0,B0,A0'
/** What of the cases runs in other browsers than Chromium: of each thing that differs there, and of the rest a part. */
const ELSEWHERE: Readonly<Record<'firefox' | 'webkit', string>> = {
  firefox: 'L0,L20,J0,M01,M02,Q13,V01,E01,E02,E04,E05,E06,E08,E09,C08,T01,T02,T04,T05,T07,T08,T21,T24,T36,T51,T54',
  webkit: 'J01,J02,M01,Q13,V01,L01,L02,L05,L07,E01,E04,E05,E08,E09,T01,T03,T04,T05,T07,T08,T09,T16,T51,T57,T21,T27,T36',
}

await ensurePrograms(['prosody', 'prosody13', 'ejabberd', 'chromium', 'firefox'], { say })
// WebKitGTK is there on Linux alone.
const withWebkit = process.platform === 'linux'
if (withWebkit) await ensurePrograms(['webkit-driver', 'webkit-minibrowser', 'xvfb'], { say })
// What is no more than faster.
await ensurePrograms(['chromium-headless-shell'], { say }).catch(() => undefined)
await step('build', 'npm', ['run', '--silent', 'build'])
await step('types', 'npm', ['run', '--silent', 'types'])
await step('lint', 'npm', ['run', '--silent', 'lint'])
await tests()
await conformance('--server', 'prosody')
await conformance('--server', 'ejabberd', '--except', OF_ANY_SERVER)
await conformance('--server', 'prosody', '--browser', 'firefox', '--only', ELSEWHERE.firefox)
// These wait more than they work.
await Promise.all([
  conformance('--server', 'prosody13', '--only', OF_PROSODY13),
  withWebkit && conformance('--server', 'prosody', '--browser', 'webkit', '--only', ELSEWHERE.webkit),
])
await Promise.all([ledger(1), ledger(6)])
await Promise.all([ledger(11, 'mixed', 2), ledger(16, 'own', 2)])
say(`\n${counts.passed} passed, ${counts.failed} failed`)
process.exitCode = counts.failed === 0 ? 0 : 1

/** A command that is a check by itself: it passes or it fails. */
async function step(name: string, command: string, args: readonly string[]): Promise<void> {
  const code = await run(command, args)
  counts[code === 0 ? 'passed' : 'failed'] += 1
  say(`${code === 0 ? 'passed' : 'FAILED'}: ${name}`)
}

/** Every test, each counted. A file that cannot even be read counts as a failure. */
async function tests(): Promise<void> {
  await withReport(async (report) => {
    const code = await run('npx', [
      'vitest',
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ])
    const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(await readFile(report, 'utf8'))
    const brokenFiles = numFailedTests === 0 ? numFailedTestSuites : 0
    counts.passed += numPassedTests
    counts.failed += numFailedTests + brokenFiles
    if (code !== 0 && numFailedTests + brokenFiles === 0) counts.failed += 1 // an error outside of any test
  })
}

/** Cases on a real server, all unless said, each counted. */
async function conformance(...what: readonly string[]): Promise<void> {
  await withReport(async (report) => {
    const code = await run('npx', ['tsx', 'test/conformance/main.ts', ...what, '--json', report])
    const cases: readonly { readonly status: string }[] = await readFile(report, 'utf8').then(
      (text) => JSON.parse(text).cases,
      () => [],
    )
    const count = (status: string): number => cases.filter((each) => each.status === status).length
    counts.passed += count('passed')
    counts.failed += count('failed')
    if (code !== 0 && count('failed') === 0) counts.failed += 1 // it did not come to the cases
  })
}

/** Random days of tabs, rooms and a server, with faults: some seeds, each counted. */
async function ledger(seed: number, tabs = 'shared', seeds = 5): Promise<void> {
  await withReport(async (report) => {
    const what = ['--steps', '60', '--seeds', String(seeds), '--seed', String(seed), '--tabs', tabs]
    await run('npx', ['tsx', 'test/ledger/main.ts', ...what, '--json', report])
    const outcomes: readonly Readonly<Record<'lost' | 'doubled' | 'disordered', readonly string[]>>[] = await readFile(
      report,
      'utf8',
    ).then(JSON.parse, () => [])
    const clean = outcomes.filter(({ lost, doubled, disordered }) => lost.concat(doubled, disordered).length === 0)
    counts.passed += clean.length
    counts.failed += seeds - clean.length
  })
}

async function withReport(work: (file: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'minimix-test-'))
  try {
    await work(join(folder, 'report.json'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function run(command: string, args: readonly string[]): Promise<number> {
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  return new Promise((resolve) => {
    child.once('error', (error) => {
      say(`${command}: ${error.message}`)
      resolve(1)
    })
    child.once('close', (code) => resolve(code ?? 1))
  })
}
