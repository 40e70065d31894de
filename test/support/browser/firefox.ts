import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { firefox } from 'playwright-core'
import { ensurePrograms } from '../install.ts'
import { contentProcessOf, untilEnded } from './content-process.ts'
import { playwrightProfile } from './playwright.ts'
import type { Faults, TestBrowser } from './test-browser.ts'

const WORKER_THREAD = 'DOM Worker'
const END_MS = 5_000

/** A headless Firefox of the system, driven by WebDriver BiDi; installed first if it is missing. */
export async function firefoxForTests(): Promise<TestBrowser> {
  const { firefox: path } = await ensurePrograms(['firefox'], { say })
  const browser = await firefox.launch({
    channel: 'moz-firefox',
    executablePath: join(import.meta.dirname, 'firefox.sh'),
    env: { ...environment(), FIREFOX: path },
    firefoxUserPrefs: {
      // A connection that was refused is tried again when the SDK says so, not seconds later.
      'network.websocket.delay-failed-reconnects': false,
    },
  })
  return {
    kind: 'firefox',
    version: browser.version(),
    can: new Set(process.platform === 'linux' ? (['way to crash one tab', 'way to freeze one tab'] as const) : []),
    mortalWorkers: true,
    newProfile: async () => playwrightProfile(await browser.newContext(), faults),
    close: () => browser.close(),
  }
}

const say = (line: string): void => void process.stderr.write(`${line}\n`)

function environment(): Record<string, string> {
  const set = Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
  return Object.fromEntries(set)
}

const impossible = (what: string) => Promise.reject(new Error(`Firefox has no way to ${what}`))

const faults: Faults<Page> = {
  async crash(page) {
    const pid = await contentProcessOf(page, WORKER_THREAD)
    process.kill(pid, 'SIGKILL')
    await untilEnded(pid, END_MS)
  },

  async freeze(page) {
    const pid = await contentProcessOf(page, WORKER_THREAD)
    process.kill(pid, 'SIGSTOP')
    return async () => void process.kill(pid, 'SIGCONT')
  },

  killWorker: (page) => page.evaluate(() => harness.endWorker()),
  stopWorkers: () => impossible('stop a worker'),
  countWorkers: () => impossible('count workers'),
  exhaustWorker: () => impossible('exhaust a worker'),
  stopWorld: () => impossible('stop the world'),
}
