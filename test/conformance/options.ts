import { parseArgs } from 'node:util'
import type { BrowserKind } from '../support/browser/test-browser.ts'
import { SERVER_KINDS, type ServerKind } from '../support/servers/index.ts'
import type { Case } from './case.ts'

export interface Options {
  readonly server: ServerKind
  readonly browser: BrowserKind
  readonly cases: readonly Case[]
  /** Where the results go, as JSON. */
  readonly json: string | undefined
  /** Cases at a time. */
  readonly jobs: number
}

/** Something was asked for that there is not: to be told in one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

const JOBS = 3

/** @throws UsageError */
export function readOptions(args: readonly string[], all: readonly Case[]): Options {
  const { server, browser = 'chromium', only, except, json, jobs } = parsed(args)
  const kind = SERVER_KINDS.find((each) => each === server)
  if (!kind) throw new UsageError('--server must be prosody, prosody13 or ejabberd')
  if (browser !== 'chromium' && browser !== 'firefox' && browser !== 'webkit')
    throw new UsageError('--browser must be chromium, firefox or webkit')
  const count = jobs === undefined ? JOBS : Number(jobs)
  if (!Number.isInteger(count) || count < 1) throw new UsageError('--jobs must be a number from 1')
  const wanted = only === undefined ? all : picked(only, all)
  const left = new Set(except === undefined ? [] : picked(except, all))
  return { server: kind, browser, cases: wanted.filter((each) => !left.has(each)), json, jobs: count }
}

function parsed(args: readonly string[]) {
  const one = { type: 'string' } as const
  try {
    const options = { server: one, browser: one, only: one, except: one, json: one, jobs: one }
    return parseArgs({ args: [...args], options }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

/** The cases of those names, or whose names begin so. */
function picked(only: string, all: readonly Case[]): readonly Case[] {
  const wanted = only.split(',').map((name) => name.trim())
  const unknown = wanted.filter((name) => name === '' || !all.some((each) => each.name.startsWith(name)))
  if (unknown.length > 0) {
    const names = all.map(({ name }) => name).join(' ')
    throw new UsageError(`no case ${unknown.map((name) => `"${name}"`).join(', ')}; there are: ${names}`)
  }
  return all.filter(({ name }) => wanted.some((each) => name.startsWith(each)))
}
