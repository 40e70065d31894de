import { BROWSER_FEATURES, type BrowserFeature } from '../support/browser/test-browser.ts'
import type { Stage } from '../support/stage.ts'

/** What this browser can do: as whoever drives it says, and where a page shows it, as it shows when it is tried. */
export async function featuresOfBrowser({ browser, site }: Stage): Promise<ReadonlySet<BrowserFeature>> {
  const can = new Set(browser.can)
  if (await workersOutliveTabs()) can.add('worker that outlives its tabs')
  return can

  /** A browser that can extend the life of a worker asks whether it is to. */
  async function workersOutliveTabs(): Promise<boolean> {
    const profile = await browser.newProfile()
    try {
      const page = await profile.newPage()
      await page.goto(`${site.origin}/tab`)
      return await page.evaluate(() => {
        let asked = false
        const options = {
          get extendedLifetime() {
            asked = true
            return true
          },
        }
        new SharedWorker(URL.createObjectURL(new Blob([])), options)
        return asked
      })
    } finally {
      await profile.close()
    }
  }
}

export const isOfBrowser = (feature: string): feature is BrowserFeature =>
  BROWSER_FEATURES.some((each) => each === feature)
