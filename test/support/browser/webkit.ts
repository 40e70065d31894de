import { tmpdir } from 'node:os'
import { ensurePrograms } from '../install.ts'
import { Child } from '../servers/child.ts'
import type { Faults, TestBrowser } from './test-browser.ts'
import { hearAnswers } from './webkit/answers.ts'
import { WebkitPage } from './webkit/page.ts'
import { startWebDriver, type WebDriver } from './webkit/web-driver.ts'

const DISPLAY_MS = 20_000
const END_MS = 5_000

/**
 * WebKitGTK's MiniBrowser of the system, on a display that nobody sees; installed first if it is missing.
 *
 * Each profile is a browser of its own: its driver knows one session. What the driver cannot do without ending the
 * session is no fault that it can bring about.
 */
export async function webkitForTests(): Promise<TestBrowser> {
  const paths = await ensurePrograms(['webkit-driver', 'webkit-minibrowser', 'xvfb'], { say })
  const screen = new Child('Xvfb', {
    command: 'sh',
    args: ['-c', 'exec "$0" -displayfd 1 -screen 0 1280x1024x24 -nolisten tcp 2>/dev/null', paths.xvfb],
    folder: tmpdir(),
  })
  const display = `:${(await screen.waitForLine('', { deadlineMs: DISPLAY_MS })).trim()}`
  const programs = { driver: paths['webkit-driver'], miniBrowser: paths['webkit-minibrowser'], display }
  const answers = await hearAnswers()
  const profiles = new Set<WebDriver>()
  const open = async (): Promise<WebDriver> => {
    const driver = await startWebDriver(programs)
    profiles.add(driver)
    return driver
  }
  const end = async (driver: WebDriver): Promise<void> => {
    if (profiles.delete(driver)) await driver.end()
  }
  const first = await open()
  await end(first)
  return {
    kind: 'webkit',
    version: first.version,
    can: new Set(),
    mortalWorkers: true,
    async newProfile() {
      const driver = await open()
      return { faults, newPage: () => WebkitPage.open(driver, answers), close: () => end(driver) }
    },
    async close() {
      await Promise.all([...profiles].map(end))
      await answers[Symbol.asyncDispose]()
      await screen.end('SIGTERM', END_MS)
    },
  }
}

const say = (line: string): void => void process.stderr.write(`${line}\n`)

const impossible = (what: string) => Promise.reject(new Error(`WebKitGTK has no way to ${what}`))

const faults: Faults<WebkitPage> = {
  crash: () => impossible('crash one tab without the end of its driver'),
  freeze: () => impossible('freeze one tab'),
  killWorker: (page) => page.evaluate(() => harness.endWorker()),
  stopWorkers: () => impossible('stop a worker'),
  countWorkers: () => impossible('count workers'),
  exhaustWorker: () => impossible('exhaust a worker'),
  stopWorld: () => impossible('stop the world'),
}
