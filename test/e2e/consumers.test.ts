import { EventEmitter, once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isJoin, sent } from '../conformance/wire.ts'
import { launchBareChromium } from '../support/browser/chromium.ts'
import { type FolderSiteOptions, serveFolder } from '../support/browser/folder-site.ts'
import { Consumer, packInto } from '../support/consumer.ts'
import { PASSWORD, type Scene, type Stage, setStage } from '../support/stage.ts'

const ROOT = join(import.meta.dirname, '../..')
const GUIDE = readFileSync(join(ROOT, 'docs/guides/getting-started.md'), 'utf8')
const WAY_MS = 20_000
/** An installation, a build and two tabs. */
const CONSUMER_MS = 180_000
const folder = mkdtempSync(join(tmpdir(), 'minimix-consumers-'))
let stage: Stage
let browser: Browser

beforeAll(async () => {
  await packInto(folder)
  ;[stage, browser] = await Promise.all([setStage('prosody'), launchBareChromium()])
}, 600_000)

afterAll(async () => {
  await Promise.all([stage?.[Symbol.asyncDispose](), browser?.close()])
  rmSync(folder, { recursive: true, force: true })
})

const installed = new Map<string, Promise<Consumer>>()
const built = new Map<string, Promise<string>>()

function madeOnce<T>(made: Map<string, Promise<T>>, name: string, make: () => Promise<T>): Promise<T> {
  const known = made.get(name) ?? make()
  made.set(name, known)
  return known
}

const consumer = (name: string): Promise<Consumer> => madeOnce(installed, name, () => Consumer.install(name, folder))
/** The folder of the built application. */
const build = (name: string): Promise<string> => madeOnce(built, name, async () => (await consumer(name)).build())

/** One tab of the application, in the room. What goes wrong in it is among the faults. */
async function open(profile: BrowserContext, address: string, faults: string[]): Promise<Page> {
  const page = await profile.newPage()
  page.setDefaultTimeout(WAY_MS)
  await page.addInitScript(() =>
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      console.error(`violation: ${violatedDirective} ${blockedURI}`),
    ),
  )
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
  const failed = new Promise<never>((_, reject) =>
    page.on('pageerror', (error) => {
      faults.push(String(error))
      reject(error)
    }),
  )
  failed.catch(() => undefined) // also once nobody waits any more
  await page.goto(address)
  await Promise.race([page.locator('input:enabled').waitFor(), failed])
  return page
}

const addressOf = (page: string, { account: jid, room, wire }: Scene): string =>
  `${page}?${new URLSearchParams({ jid, room, service: wire.url, password: PASSWORD, nick: 'Juliet' })}`

/** Opens the application twice, says something in one tab, and looks at both tabs and the wire. */
async function proveShared(page: string, scene: Scene): Promise<void> {
  const { wire } = scene
  await using profile = await browser.newContext()
  const faults: string[] = []

  const first = await open(profile, addressOf(page, scene), faults)
  const second = await open(profile, addressOf(page, scene), faults)
  await first.getByLabel('Message').fill('one for both')
  await first.keyboard.press('Enter')

  for (const tab of [first, second]) await tab.getByText('one for both').waitFor()
  // What the SDK loads late was loaded, and asked the worker.
  for (const tab of [first, second]) await tab.waitForFunction(() => document.title === 'no picture')
  for (const tab of [first, second]) expect(await tab.getByText('one for both').count()).toBe(1)
  expect(sent(wire).filter(isJoin)).toHaveLength(1)
  expect(wire.figures().connections).toBe(1)
  expect(faults).toEqual([])
}

test.each(['plain', 'esbuild', 'vite8', 'vite7', 'webpack5', 'react'])(
  'built by %s, two tabs are one join, and both see one message',
  async (name) => {
    await using site = await serveFolder(await build(name))
    await using scene = await stage.scene()

    await proveShared(`${site.origin}/`, scene)
  },
  CONSUMER_MS,
)

test.each(['vite8', 'vite7', 'react'])(
  'served by the development server of %s, two tabs are one join, and both see one message',
  async (name) => {
    await using site = await (await consumer(name)).develop()
    await using scene = await stage.scene()

    await proveShared(`${site.origin}/`, scene)
  },
  CONSUMER_MS,
)

/** As they are in the guide, for a chat server at `wss://capulet.example`. */
const PAGE_POLICY = "default-src 'self'; require-trusted-types-for 'script'; trusted-types default"
const WORKER_POLICY =
  "default-src 'self'; connect-src wss://capulet.example; require-trusted-types-for 'script'; trusted-types 'none'"

/** A policy a file: those of scripts count for the one of the worker alone. */
function strict(scene: Scene, { page = PAGE_POLICY, worker = WORKER_POLICY } = {}) {
  const reports: string[] = []
  const arrivals = new EventEmitter()
  const { origin } = new URL(scene.wire.url)
  const options: FolderSiteOptions = {
    headers(path) {
      const policy = path.endsWith('.html') ? page : worker.replace('wss://capulet.example', origin)
      return { 'content-security-policy': `${policy}; report-uri /reports` }
    },
    onReport(report) {
      reports.push(JSON.stringify(report))
      arrivals.emit('report')
    },
  }
  /** The first report, that has come or comes. */
  const reported = async (): Promise<string | undefined> => {
    if (reports.length === 0) await once(arrivals, 'report', { signal: AbortSignal.timeout(WAY_MS) })
    return reports[0]
  }
  return { options, reports, reported }
}

test.each([
  ['vite8', '', PAGE_POLICY],
  ['vite7', '', PAGE_POLICY],
  ['react', '', PAGE_POLICY],
  ['webpack5', '', PAGE_POLICY],
  ['esbuild', '', PAGE_POLICY],
  ['esbuild', 'own-policy.html', PAGE_POLICY.replace(/default$/, 'minimix')],
])(
  'built by %s, /%s runs under a strict policy and Trusted Types, and nothing violates it',
  async (name, file, page) => {
    await using scene = await stage.scene()
    const { options, reports } = strict(scene, { page })
    await using site = await serveFolder(await build(name), options)

    await proveShared(`${site.origin}/${file}`, scene)

    expect(reports).toEqual([])
  },
  CONSUMER_MS,
)

test(
  'where the worker may connect is what its own file says, not the page',
  async () => {
    await using scene = await stage.scene()
    const { options, reported } = strict(scene, { worker: "default-src 'self'" })
    await using site = await serveFolder(await build('esbuild'), options)
    await using profile = await browser.newContext()
    const page = await profile.newPage()

    await page.goto(addressOf(`${site.origin}/`, scene))

    expect(await reported()).toContain('connect-src')
    expect(scene.wire.figures().connections).toBe(0)
  },
  CONSUMER_MS,
)

const sourceOf = (path: string): string => readFileSync(join(ROOT, 'test/consumers', path), 'utf8')

test.each([
  ['the policy of the page', PAGE_POLICY],
  ['the policy of the worker', WORKER_POLICY],
  ['who vouches for the worker', sourceOf('app/trusted-types.js')],
  [
    'a policy of the application',
    sourceOf('esbuild/own-policy.js')
      .match(/^const .*\n/gm)
      ?.join(''),
  ],
  ['the configuration of Vite 7', sourceOf('vite7/vite.config.js').trim()],
  ['how the worker is copied', JSON.parse(sourceOf('esbuild/package.json')).scripts.worker],
  ['what a page without a bundler has', sourceOf('plain/index.html').match(/<script type="importmap">.*/)?.[0]],
])('the guide has %s word for word', (_what, words) => {
  expect(GUIDE).toContain(words)
})
