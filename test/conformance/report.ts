import { stripVTControlCharacters } from 'node:util'
import type { Scene } from '../support/stage.ts'
import { isRoundTrip, stanzaOf } from './wire.ts'

export type Result = {
  readonly name: string
  readonly title: string
  readonly status: 'passed' | 'failed' | 'skipped'
  readonly ms: number
  /** Why it failed or was skipped. */
  readonly reason?: string
}

const FRAMES = 14
const EVENTS = 12
const WIDTH = 600
const TOLD_MS = 3_000

/** One line for a result; for a failure more. */
export function lineOfResult({ name, title, status, ms, reason }: Result): string {
  if (status === 'skipped') return `skipped ${name} ${title}: ${reason ?? ''}`
  if (status === 'passed') return `ok ${name} ${title} (${Math.round(ms)} ms)`
  return `FAILED ${name} ${title} (${Math.round(ms)} ms)\n${indented(reason ?? '')}`
}

/** What was last on the wire, and what the tabs were told last: for whoever looks for the reason of a failure. */
export async function evidence(scene: Scene): Promise<string> {
  const frames = scene.wire.frames.all
    .filter((frame) => frame.dir === 'down' || !isRoundTrip(stanzaOf(frame)))
    .slice(-FRAMES)
    .map(({ connection, dir, text }) => `#${connection} ${dir === 'up' ? '>' : '<'} ${short(text)}`)
  const told = await Promise.all(
    scene.opened.map(async (tab, at) => {
      const events = await soon(tab.told()).catch((error: unknown) => [{ name: `cannot be asked: ${String(error)}` }])
      return [`told to tab ${at + 1}, the last of ${events.length}:`, ...events.slice(-EVENTS).map(inShort)]
    }),
  )
  return ['the last on the wire:', ...frames, ...told.flat()].join('\n')
}

export function reasonOf(error: unknown): string {
  return stripVTControlCharacters(error instanceof Error ? (error.stack ?? error.message) : String(error))
}

function inShort({
  name,
  event,
  room,
}: {
  readonly name: string
  readonly event?: unknown
  readonly room?: string
}): string {
  const words = JSON.stringify(event, (key, value: unknown) => (key === 'stanza' ? undefined : value))
  return short(`  ${name}${room === undefined ? '' : ` in ${room}`} ${words ?? ''}`)
}

const short = (text: string): string => (text.length <= WIDTH ? text : `${text.slice(0, WIDTH - 1)}…`)

const indented = (text: string): string => text.replace(/^/gm, '    ')

/** A page that has crashed or hangs must not hold up the report. */
function soon<T>(asked: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('it does not answer')), TOLD_MS)
    asked.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
