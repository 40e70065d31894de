import type { BrowserContext, Page } from 'playwright-core'
import type { Faults, TestProfile } from './test-browser.ts'

/** A person's part of a browser that Playwright drives. */
export function playwrightProfile(context: BrowserContext, faults: Faults<Page>): TestProfile<Page> {
  return {
    faults,
    async newPage() {
      const page = await context.newPage()
      page.on('pageerror', (error) => process.stderr.write(`page error: ${error.stack ?? error.message}\n`))
      return page
    },
    close: () => context.close(),
  }
}
