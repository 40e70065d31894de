import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core'
import { chromium } from 'playwright-core'
import { ensurePrograms } from '../install.ts'
import { playwrightProfile } from './playwright.ts'
import type { Faults, TestBrowser, TestProfile, WorkerKind } from './test-browser.ts'

const FLAGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Of two such lists the last one counts, so it has what Playwright's has, too. The last two features are processes that
  // nobody needs: one for each window, which draws a tab strip that nobody sees, and one in stock.
  `--disable-features=${[
    'AimEnabled',
    'AvoidUnnecessaryBeforeUnloadCheckSync',
    'DestroyProfileOnBrowserClose',
    'DialMediaRouteProvider',
    'GlobalMediaControls',
    'HttpsUpgrades',
    'LensOverlay',
    'MediaRouter',
    'NetworkTimeServiceQuerying',
    'OptimizationHints',
    'PaintHolding',
    'ThirdPartyStoragePartitioning',
    'Translate',
    'PreloadTopChromeWebUI',
    'SpareRendererForSitePerProcess',
  ].join(',')}`,
]

/** A headless Chromium of the system; installed first if it is missing. bfcache is on, as in a person's browser. */
export async function launchChromium(): Promise<Browser> {
  const { chromium } = await ensurePrograms(['chromium'], { say })
  return launch(chromium)
}

/**
 * The same Chromium without what people see of a browser: its profiles and tabs cost a third. For many of them, one after
 * the other. Where there is none the whole browser is taken.
 */
export async function launchBareChromium(): Promise<Browser> {
  const shell = await ensurePrograms(['chromium-headless-shell'], { say }).catch(() => undefined)
  return shell ? launch(shell['chromium-headless-shell']) : launchChromium()
}

/** A bare Chromium for tests that run in any browser. */
export async function chromiumForTests(): Promise<TestBrowser> {
  const browser = await launchBareChromium()
  // Bare ones keep no pages.
  let whole: Promise<Browser> | undefined
  const keeping = (): Promise<Browser> => {
    whole ??= launchChromium()
    return whole
  }
  return {
    kind: 'chromium',
    version: browser.version(),
    can: new Set([
      'way to crash one tab',
      'way to freeze one tab',
      'way to stop a worker',
      'worker that has a last word',
      'process for each of many tabs',
      'page that is kept',
    ]),
    mortalWorkers: false,
    async newProfile({ keepsPages = false, apart = false } = {}) {
      const own = apart ? await launchBareChromium() : undefined
      const profile = chromiumProfile(await (own ?? (keepsPages ? await keeping() : browser)).newContext())
      return own ? { ...profile, close: () => own.close() } : profile
    },
    close: async () => {
      await Promise.all([browser.close(), whole?.then((each) => each.close())])
    },
  }
}

/** A person's part of Chromium, with the faults that its tools can bring about. */
export const chromiumProfile = (context: BrowserContext): TestProfile<Page> => playwrightProfile(context, faults)

const faults: Faults<Page> = {
  async crash(page) {
    const crashed = page.waitForEvent('crash')
    const session = await page.context().newCDPSession(page)
    session.send('Page.crash').catch(() => undefined) // it never answers
    await crashed
  },

  async freeze(page) {
    const session = await page.context().newCDPSession(page)
    await session.send('Debugger.enable')
    await session.send('Debugger.pause')
    return async () => {
      await session.send('Debugger.disable')
      await session.detach()
    }
  },

  async killWorker(page) {
    const session = await browserSession(page)
    const [worker] = await workersOf(session, page, 'shared_worker')
    if (worker === undefined) throw new Error('no worker')
    await session.send('Target.closeTarget', { targetId: worker })
    await session.detach()
  },

  async stopWorkers(page, kind) {
    const session = await browserSession(page)
    const stopped: ((method: string) => Promise<void>)[] = []
    for (const targetId of await workersOf(session, page, kind)) {
      const { sessionId } = await session.send('Target.attachToTarget', { targetId, flatten: false })
      let id = 0
      const say = async (method: string): Promise<void> => {
        await session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id: ++id, method }) })
      }
      await say('Debugger.enable')
      await say('Debugger.pause')
      stopped.push(say)
    }
    if (stopped.length === 0) throw new Error(`no ${kind}`)
    return async () => {
      for (const say of stopped) await say('Debugger.disable')
      await session.detach()
    }
  },

  async exhaustWorker(page) {
    const session = await browserSession(page)
    const [targetId] = await workersOf(session, page, 'shared_worker')
    if (targetId === undefined) throw new Error('no worker')
    const { sessionId } = await session.send('Target.attachToTarget', { targetId, flatten: false })
    // Later, so that the session is over by then: with one still attached no worker of that name would begin again.
    const expression = 'setTimeout(() => { for (const all = []; ; ) all.push(new Array(3e7).fill(1.1)) }, 100), 0'
    const message = JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression } })
    const begun = new Promise((resolve) => session.once('Target.receivedMessageFromTarget', resolve))
    await session.send('Target.sendMessageToTarget', { sessionId, message })
    await begun
    await session.send('Target.detachFromTarget', { sessionId })
    await session.detach()
  },

  async stopWorld(page) {
    const session = await browserSession(page)
    const { processInfo } = await session.send('SystemInfo.getProcessInfo')
    await session.detach()
    // The browser last, and first again: nobody is there to wonder at one that does not answer.
    const pids = processInfo.map(({ id }) => id)
    for (const pid of pids) process.kill(pid, 'SIGSTOP')
    return () => {
      for (const pid of pids) process.kill(pid, 'SIGCONT')
    }
  },

  async countWorkers(page, kind) {
    const session = await browserSession(page)
    const found = await workersOf(session, page, kind)
    await session.detach()
    return found.length
  },
}

async function browserSession(page: Page): Promise<CDPSession> {
  const browser = page.context().browser()
  if (!browser) throw new Error('no browser')
  return browser.newBrowserCDPSession()
}

/** The workers of that kind that run in the profile of that page. */
async function workersOf(session: CDPSession, page: Page, kind: WorkerKind): Promise<string[]> {
  const mine = await page.context().newCDPSession(page)
  const { targetInfo } = await mine.send('Target.getTargetInfo')
  await mine.detach()
  const { targetInfos } = await session.send('Target.getTargets', { filter: [{}] })
  return targetInfos
    .filter(({ type, browserContextId }) => type === kind && browserContextId === targetInfo.browserContextId)
    .map(({ targetId }) => targetId)
}

const say = (line: string): void => void process.stderr.write(`${line}\n`)

function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [...FLAGS, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  })
}
