import type { Page } from 'playwright-core'
import { launchChromium } from '../support/browser/chromium.ts'
import { startSite } from '../support/browser/site.ts'
import { bundled, pageOf } from './bundled.ts'

/** A page in a browser of its own that has the store of the archive, for one measurement. */
export const withArchive = <T>(use: (page: Page) => Promise<T>): Promise<T> =>
  withPage('archive-client.ts', async (page) => {
    await page.evaluate(() => archiveClient.open('bench'))
    return use(page)
  })

/** A page in a browser of its own with that script. */
export async function withPage<T>(file: string, use: (page: Page) => Promise<T>): Promise<T> {
  const [browser, script] = await Promise.all([launchChromium(), bundled(file)])
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
    return await use(page)
  } finally {
    await browser.close()
  }
}
