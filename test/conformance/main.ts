// Shows on a real server, with tabs in a real browser, that the SDK does what a room's clients must do: case by case.
import { writeFile } from 'node:fs/promises'
import { ensureBuilt } from '../support/built.ts'
import { ensurePrograms } from '../support/install.ts'
import { setStage } from '../support/stage.ts'
import { featuresOfBrowser } from './browser-features.ts'
import { CASES } from './cases/index.ts'
import { featuresOfServer } from './features.ts'
import { type Options, readOptions, UsageError } from './options.ts'
import { lineOfResult, type Result, reasonOf } from './report.ts'
import { runCases } from './runner.ts'

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const complain = (line: string): void => void process.stderr.write(`${line}\n`)

/** What Prosody does not do by itself, and people's servers do. */
const SERVER_OPTIONS = { roomLocking: true, extraConfig: 'enforce_registered_nickname = true' }

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), CASES)
  ensureBuilt(complain)
  await ensurePrograms([options.server], { say: complain })
  const results = await run(options)
  const count = (status: Result['status']): number => results.filter((each) => each.status === status).length
  say('')
  say(`${count('skipped')} skipped`)
  say(`${count('passed')} passed, ${count('failed')} failed`)
  process.exitCode = count('failed') === 0 ? 0 : 1
}

async function run({ server, browser, cases, jobs, json }: Options): Promise<readonly Result[]> {
  await using stage = await setStage(server, SERVER_OPTIONS, browser)
  const can = new Set([...(await featuresOfServer(stage)), ...(await featuresOfBrowser(stage))])
  const { name, version } = stage.server
  say(`${name} ${version} and ${browser} ${stage.browser.version}, with ${[...can].join(', ')}`)
  const results = await runCases(cases, stage, can, { jobs, say: (result) => say(lineOfResult(result)) })
  if (json !== undefined)
    await writeFile(
      json,
      `${JSON.stringify({ server: name, version, browser, browserVersion: stage.browser.version, cases: results }, null, 2)}\n`,
    )
  return results
}

// What a case that has failed already still waited for ends with its scene, and is nobody's news.
process.on('unhandledRejection', (reason) => {
  if (!/closed|crashed|the connection ended|the proxy was closed/.test(reasonOf(reason)))
    complain(`beside any case: ${reasonOf(reason)}`)
})

main()
  .catch((error: unknown) => {
    complain(error instanceof UsageError ? error.message : reasonOf(error))
    process.exitCode = 2
  })
  // What a failed case has left open must not keep the run from ending.
  .finally(() => process.exit())
