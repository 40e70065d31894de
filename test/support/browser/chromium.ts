import type { Browser, BrowserContext, Page } from 'playwright-core'
import { chromium } from 'playwright-core'
import { ensurePrograms } from '../install.ts'
import { playwrightProfile } from './playwright.ts'
import type { Faults, TestBrowser, TestProfile } from './test-browser.ts'

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
  return {
    kind: 'chromium',
    version: browser.version(),
    can: new Set(['way to crash one tab', 'way to freeze one tab']),
    mortalWorkers: false,
    newProfile: async () => chromiumProfile(await browser.newContext()),
    close: () => browser.close(),
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
    const browser = page.context().browser()
    if (!browser) throw new Error('no browser')
    const mine = await page.context().newCDPSession(page)
    const { targetInfo } = await mine.send('Target.getTargetInfo')
    await mine.detach()
    const session = await browser.newBrowserCDPSession()
    const { targetInfos } = await session.send('Target.getTargets')
    const worker = targetInfos.find(
      ({ type, browserContextId }) => type === 'shared_worker' && browserContextId === targetInfo.browserContextId,
    )
    if (!worker) throw new Error('no worker')
    await session.send('Target.closeTarget', { targetId: worker.targetId })
    await session.detach()
  },
}

const say = (line: string): void => void process.stderr.write(`${line}\n`)

function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [...FLAGS, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  })
}
