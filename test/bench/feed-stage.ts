import type { Browser, BrowserContext, Page } from 'playwright-core'
import { launchChromium } from '../support/browser/chromium.ts'
import { type Site, startSite } from '../support/browser/site.ts'
import { bundled, pageOf } from './bundled.ts'
import { WORKER } from './feed-words.ts'

/** Real tabs in a room that their own worker feeds: what is measured is from the parsed element to the listeners. */
export class FeedStage implements AsyncDisposable {
  readonly #browser: Browser
  readonly #site: Site

  private constructor(browser: Browser, site: Site) {
    this.#browser = browser
    this.#site = site
  }

  static async set(): Promise<FeedStage> {
    const [browser, page, worker] = await Promise.all([
      launchChromium(),
      bundled('feed-page.ts'),
      bundled('feed-worker.ts'),
    ])
    const site = await startSite(
      new Map([
        ['/feed', pageOf('/feed-page.js')],
        ['/feed-page.js', { type: 'text/javascript', body: page }],
        [WORKER, { type: 'text/javascript', body: worker }],
      ]),
    )
    return new FeedStage(browser, site)
  }

  /** So many tabs of a profile of their own, all in the room. */
  async tabs(count: number): Promise<{ readonly profile: BrowserContext; readonly tabs: readonly Page[] }> {
    const profile = await this.#browser.newContext()
    const tabs: Page[] = []
    for (let n = 0; n < count; n++) {
      const tab = await profile.newPage()
      await tab.goto(`${this.#site.origin}/feed`)
      await tab.waitForFunction(() => document.title === 'ready')
      await tab.evaluate(() => feedPage.enter())
      tabs.push(tab)
    }
    return { profile, tabs }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close()
    await this.#site[Symbol.asyncDispose]()
  }
}
