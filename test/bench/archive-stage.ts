import type { Page } from 'playwright-core'
import { launchChromium } from '../support/browser/chromium.ts'
import { startSite } from '../support/browser/site.ts'
import { bundled, pageOf } from './bundled.ts'

/** A page in a browser of its own that has the store of the archive, for one measurement. */
export async function withArchive<T>(use: (page: Page) => Promise<T>): Promise<T> {
  const [browser, script] = await Promise.all([launchChromium(), bundled('archive-client.ts')])
  await using site = await startSite(
    new Map([
      ['/archive', pageOf('/archive.js')],
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
