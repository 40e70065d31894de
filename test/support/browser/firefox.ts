import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { firefox } from 'playwright-core'
import { ensurePrograms } from '../install.ts'
import { contentProcessOf, untilEnded } from './content-process.ts'
import { playwrightProfile } from './playwright.ts'
import type { Faults, TestBrowser, TestProfile } from './test-browser.ts'

const WORKER_THREAD = 'DOM Worker'
const END_MS = 5_000
/** It keeps some 20 MB of each profile that it had, and gets slower by it: after so many another one is started. */
const PROFILES = 20

/** A headless Firefox of the system, driven by WebDriver BiDi; installed first if it is missing. */
export async function firefoxForTests(): Promise<TestBrowser> {
  const { firefox: path } = await ensurePrograms(['firefox'], { say })
  const all: Promise<Instance>[] = []
  const start = (): Promise<Instance> => {
    const instance = Instance.start(path)
    all.push(instance)
    return instance
  }
  let current = start()
  let opened = 0
  return {
    kind: 'firefox',
    version: (await current).browser.version(),
    can: new Set(process.platform === 'linux' ? (['way to crash one tab', 'way to freeze one tab'] as const) : []),
    mortalWorkers: true,
    async newProfile() {
      if (opened > 0 && opened % PROFILES === 0) current = start()
      opened += 1
      return (await current).open()
    },
    async close() {
      for (const instance of await Promise.all(all)) await instance.browser.close()
    },
  }
}

/** One run of Firefox, which ends with the last of its profiles. */
class Instance {
  readonly browser: Browser
  #closed = 0

  private constructor(browser: Browser) {
    this.browser = browser
  }

  static async start(path: string): Promise<Instance> {
    const browser = await firefox.launch({
      channel: 'moz-firefox',
      executablePath: join(import.meta.dirname, 'firefox.sh'),
      env: { ...environment(), FIREFOX: path },
      // A connection that was refused is tried again when the SDK says so, not seconds later.
      firefoxUserPrefs: { 'network.websocket.delay-failed-reconnects': false },
    })
    return new Instance(browser)
  }

  async open(): Promise<TestProfile> {
    const profile = playwrightProfile(await this.browser.newContext(), faults)
    return {
      ...profile,
      close: async () => {
        await profile.close()
        this.#closed += 1
        if (this.#closed === PROFILES) await this.browser.close()
      },
    }
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
