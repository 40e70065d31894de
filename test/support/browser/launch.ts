import { chromiumForTests } from './chromium.ts'
import { firefoxForTests } from './firefox.ts'
import type { BrowserKind, TestBrowser } from './test-browser.ts'
import { webkitForTests } from './webkit.ts'

const LAUNCHERS: Readonly<Record<BrowserKind, () => Promise<TestBrowser>>> = {
  chromium: chromiumForTests,
  firefox: firefoxForTests,
  webkit: webkitForTests,
}

/** A browser for tests that run in any; installed first if it is missing. */
export const launchBrowser = (kind: BrowserKind): Promise<TestBrowser> => LAUNCHERS[kind]()
