import type { Page } from 'playwright-core'
import { build } from 'vite'
import { launchChromium } from '../support/browser/chromium.ts'
import { startSite } from '../support/browser/site.ts'

/** A page in a browser of its own that has the store of the archive, for one measurement. */
export async function withArchive<T>(use: (page: Page) => Promise<T>): Promise<T> {
  const [browser, script] = await Promise.all([launchChromium(), archiveScript()])
  await using site = await startSite(
    new Map([
      ['/archive', { type: 'text/html', body: PAGE }],
      ['/archive.js', { type: 'text/javascript', body: script }],
    ]),
  )
  try {
    const page = await browser.newPage()
    await page.goto(`${site.origin}/archive`)
    await page.waitForFunction(() => document.title === 'ready')
    await page.evaluate(() => archiveClient.open('bench'))
    return await use(page)
  } finally {
    await browser.close()
  }
}

const PAGE =
  '<!doctype html><meta charset="utf-8"><title>a tab</title><script type="module" src="/archive.js"></script>'

async function archiveScript(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    build: { write: false, lib: { entry: `${import.meta.dirname}/archive-client.ts`, formats: ['es'] } },
  })
  const [bundle] = Array.isArray(built) ? built : [built]
  if (!bundle || !('output' in bundle)) throw new Error('the page of the archive could not be built')
  return bundle.output[0].code
}
