import type { Browser } from 'playwright-core'
import { chromium } from 'playwright-core'
import { ensurePrograms } from '../install.ts'

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

const say = (line: string): void => void process.stderr.write(`${line}\n`)

function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [...FLAGS, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  })
}
