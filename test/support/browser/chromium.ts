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
  // Of two such lists the last one counts, so it has what Playwright's has, too. The last feature is a process for each
  // window that draws a tab strip nobody sees.
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
  ].join(',')}`,
]

/** A headless Chromium of the system; installed first if it is missing. bfcache is on, as in a person's browser. */
export async function launchChromium(flags: readonly string[] = []): Promise<Browser> {
  const { chromium: executablePath } = await ensurePrograms(['chromium'], {
    say: (line) => process.stderr.write(`${line}\n`),
  })
  return chromium.launch({
    executablePath,
    args: [...FLAGS, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), ...flags],
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  })
}
