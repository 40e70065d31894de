import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchChromium } from '../support/browser/chromium.ts'
import { ensurePrograms } from '../support/install.ts'
import { untilGone } from '../support-tests/processes.ts'

const ROOT = join(import.meta.dirname, '../..')
const DEADLINE_MS = 20_000
const GREETING = 'The garden gate is open.'

let browser: Browser

beforeAll(async () => {
  await ensurePrograms(['prosody'], { say: (line) => process.stderr.write(`${line}\n`) })
  browser = await launchChromium()
}, 600_000)

afterAll(() => browser?.close())

/** `demo/serve.ts` as a person runs it: in a process group of its own, as by a terminal, here with nothing to type. */
class Demo implements AsyncDisposable {
  readonly lines: string[] = []
  readonly #process: ChildProcessByStdio<null, Readable, Readable>
  readonly #output: Interface
  /** The exit code, once it has ended. */
  readonly ended: Promise<number | null>
  readonly #folder = mkdtempSync(join(tmpdir(), 'minimix-demo-test-'))

  constructor(...args: readonly string[]) {
    // What the test runner says to its own children is nothing that a person's shell would say.
    const env = Object.entries(process.env).filter(([name]) => !/^(?:NODE_ENV|VITEST.*|TEST|MODE|DEV|PROD)$/.test(name))
    this.#process = spawn(process.execPath, ['node_modules/tsx/dist/cli.mjs', 'demo/serve.ts', ...args], {
      cwd: ROOT,
      env: { ...Object.fromEntries(env), TMPDIR: this.#folder },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.ended = once(this.#process, 'close').then(([code]) => code)
    this.#output = createInterface({ input: this.#process.stdout })
    for (const output of [this.#output, createInterface({ input: this.#process.stderr })])
      output.on('line', (line) => this.lines.push(line))
  }

  /** The address that it prints when it is ready. */
  async address(): Promise<string> {
    for (;;) {
      const line = this.lines.find((each) => each.includes('The demo is ready:'))
      if (line !== undefined) return line.slice(line.indexOf('http'))
      const ended = this.ended.then((code) => {
        throw new Error(`the demo ended (${code}):\n${this.lines.join('\n')}`)
      })
      await Promise.race([once(this.#output, 'line', { signal: AbortSignal.timeout(DEADLINE_MS) }), ended])
    }
  }

  /** Ctrl-C: the whole group hears it. */
  interrupt(): void {
    const { pid } = this.#process
    if (pid !== undefined && this.#process.exitCode === null) process.kill(-pid, 'SIGINT')
  }

  /** The folders that it has made and not deleted. */
  async folders(): Promise<readonly string[]> {
    const names = await readdir(this.#folder)
    return names.filter((name) => name.startsWith('minimix-')).map((name) => join(this.#folder, name))
  }

  /** The process id of its chat server. */
  async prosody(): Promise<number> {
    const [folder = ''] = await this.folders()
    const [server = ''] = (await readdir(folder)).filter((name) => name.startsWith('minimix-prosody-'))
    return Number(await readFile(join(folder, server, 'prosody.pid'), 'utf8'))
  }

  /** The packages that it has bundled for the page. */
  async prepared(): Promise<readonly string[]> {
    const [folder = ''] = await this.folders()
    const { optimized } = JSON.parse(await readFile(join(folder, 'vite/deps/_metadata.json'), 'utf8'))
    return Object.keys(optimized).sort()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.interrupt()
    await this.ended
    await rm(this.#folder, { recursive: true, force: true })
  }
}

/** A browser of one person: its tabs share a profile. What goes wrong in any of them fails the test at its end. */
class Person implements AsyncDisposable {
  readonly #faults: string[] = []
  #strict = true
  readonly #context: BrowserContext

  constructor(context: BrowserContext) {
    this.#context = context
    context.setDefaultTimeout(DEADLINE_MS)
    context.on('weberror', (error) => this.#faults.push(String(error.error())))
    context.on('console', (message) => message.type() === 'error' && this.#faults.push(message.text()))
  }

  async open(address: string): Promise<Page> {
    const page = await this.#context.newPage()
    await page.goto(address)
    return page
  }

  /** A first tab: signed in and in the suggested room by two clicks. */
  async enter(address: string, name: string): Promise<Page> {
    const page = await this.open(address)
    await page.getByRole('button', { name: `Continue as ${name}` }).click()
    await page.getByRole('button', { name: 'Join orchard' }).click()
    await page.getByText(GREETING).waitFor()
    return page
  }

  /** The tab that the page's own button opens, once it is in the same room. */
  async openAnother(page: Page): Promise<Page> {
    const opening = this.#context.waitForEvent('page')
    await page.getByRole('link', { name: 'Open another tab' }).click()
    const opened = await opening
    await opened.getByText(GREETING).waitFor()
    return opened
  }

  /** The demo is about to end: that its pages lose it is no fault of theirs. */
  forgive(): void {
    this.#strict = false
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close()
    if (this.#strict) expect(this.#faults).toEqual([])
  }
}

const say = async (page: Page, body: string): Promise<void> => {
  await page.getByRole('textbox', { name: 'Message to orchard' }).fill(body)
  await page.keyboard.press('Enter')
}

const leave = async (page: Page, where: string): Promise<void> => {
  await page.bringToFront()
  await page.getByRole('button', { name: 'Leave', exact: true }).click()
  await page.getByRole('button', { name: where }).click()
}

const detach = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: 'Account', exact: true }).click()
  await page.getByRole('button', { name: 'Detach this tab' }).click()
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
}

test('three tabs are one person: one connection, one join, and all see what one says', async () => {
  await using demo = new Demo()
  const address = await demo.address()
  await using juliet = new Person(await browser.newContext())

  const first = await juliet.enter(address, 'Juliet')
  const second = await juliet.openAnother(first)
  const third = await juliet.open(`${address}#orchard@muc.localhost`)
  await third.getByText(GREETING).waitFor()
  await say(first, 'Three windows, one light')

  for (const tab of [first, second, third]) await tab.getByText('Three windows, one light').waitFor()
  for (const row of ['Connections 1 3', 'Joins 1 3']) await first.getByRole('row', { name: row, exact: true }).waitFor()
  await first.getByText('Together: counted in front of the server').waitFor()
  const figures: unknown = await (await fetch(`${address}demo/figures`)).json()
  expect(figures).toMatchObject({ 'juliet@localhost': { connections: 1, joins: 1 } })
})

test('a tab that leaves takes no other with it, and the room sees only the last one go', async () => {
  await using demo = new Demo()
  const address = await demo.address()
  await using juliet = new Person(await browser.newContext())
  await using romeo = new Person(await browser.newContext())
  const witness = await romeo.enter(address, 'Romeo')
  const first = await juliet.enter(address, 'Juliet')
  const second = await juliet.openAnother(first)
  await witness.getByText('Juliet came in').waitFor()

  await leave(first, 'Leave in this tab')
  await first.getByRole('link', { name: 'orchard in other tabs' }).waitFor()
  await say(second, 'I am still here')
  await witness.getByText('I am still here', { exact: true }).waitFor()
  expect(await witness.getByText('Juliet left').count()).toBe(0)

  await leave(second, 'Leave everywhere')
  await witness.getByText('Juliet left').waitFor()
})

test('a reloaded tab comes back into its room without a password, and a detached one does not', async () => {
  await using demo = new Demo()
  await using juliet = new Person(await browser.newContext())
  const first = await juliet.enter(await demo.address(), 'Juliet')
  const second = await juliet.openAnother(first)

  await second.reload()
  await second.getByText(GREETING).waitFor()
  await detach(second)
  await second.reload()
  await second.getByRole('button', { name: 'Sign in' }).waitFor()
  await say(first, 'You need not go')
  await first.getByText('You need not go').waitFor()
})

test('the button opens a tab of the same account, even where another one signed in last', async () => {
  await using demo = new Demo()
  await using juliet = new Person(await browser.newContext())
  const first = await juliet.enter(await demo.address(), 'Juliet')
  const second = await juliet.openAnother(first)
  await detach(second)
  await second.getByRole('button', { name: 'Continue as Romeo' }).click()
  await second.getByText('romeo@localhost').waitFor()

  const third = await juliet.openAnother(first)

  await third.getByText('juliet@localhost').waitFor()
})

test('the first visit finds everything prepared, loads the page once and misses nothing', async () => {
  await using demo = new Demo()
  await using juliet = new Person(await browser.newContext())
  const page = await juliet.open('about:blank')
  const address = await demo.address()
  const before = await demo.prepared()
  const missed: string[] = []
  let visits = 0
  page.on('response', (response) => response.status() >= 400 && missed.push(response.url()))
  page.on('requestfailed', (request) => missed.push(request.url()))
  page.on('framenavigated', () => visits++)

  await page.goto(address)
  await page.getByRole('button', { name: 'Continue as Juliet' }).click()
  await page.getByRole('button', { name: 'Join orchard' }).click()
  await page.getByText(GREETING).waitFor()

  expect(missed).toEqual([])
  expect(visits).toBe(2) // the second is the room's name in the address
  expect(await demo.prepared()).toEqual(before)
  expect(before).toContain('comlink')
})

test('what somebody writes is text and never markup; a link in it leads away without a way back', async () => {
  await using demo = new Demo()
  const address = await demo.address()
  const { headers } = await fetch(address)
  expect(headers.get('content-security-policy')).toContain("require-trusted-types-for 'script'; trusted-types default")
  await using juliet = new Person(await browser.newContext())
  await using romeo = new Person(await browser.newContext())
  const page = await juliet.enter(address, 'Juliet')
  const other = await romeo.enter(address, 'Romeo')
  const written = '<img src=x onerror="document.title=1"><script>document.title=1</script><b id="bold">b</b>'

  await say(other, written)
  await say(other, 'See https://example.org/x and javascript:alert(1)')

  await page.getByText(written, { exact: true }).waitFor()
  const link = page.getByRole('link', { name: 'https://example.org/x' })
  expect(await link.getAttribute('rel')).toBe('noopener noreferrer')
  expect(await page.locator('#bold, [onerror], a[href^="javascript"], #app script').count()).toBe(0)
  expect(await page.title()).not.toBe('1')
})

test('the page has no way to take a text for markup or code, and vouches for no worker but its own', async () => {
  await using demo = new Demo()
  await using juliet = new Person(await browser.newContext())
  const page = await juliet.enter(await demo.address(), 'Juliet')
  juliet.forgive() // the browser says in the console what it does not do

  const outcomes = await page.evaluate(() => {
    const tried = (what: () => unknown): string => {
      try {
        what()
        return 'done'
      } catch (error) {
        return error instanceof Error ? error.name : String(error)
      }
    }
    const run = document.createElement('script')
    return [
      tried(() => Object.assign(document.createElement('p'), { innerHTML: '<b>b</b>' })),
      tried(() => document.body.insertAdjacentHTML('beforeend', '<b>b</b>')),
      tried(() => Object.assign(run, { text: 'document.title = 1' })),
      tried(() => new DOMParser().parseFromString('<b>b</b>', 'text/html')),
      tried(() => new SharedWorker('https://example.org/worker.js')),
      tried(() => document.createElement('p').append('<b>b</b>')),
    ]
  })

  expect(outcomes).toEqual(['TypeError', 'TypeError', 'TypeError', 'TypeError', 'TypeError', 'done'])
})

test('Ctrl-C ends the chat server, deletes what was written, and exits 0', async () => {
  await using demo = new Demo()
  await using juliet = new Person(await browser.newContext())
  await juliet.enter(await demo.address(), 'Juliet')
  const pid = await demo.prosody()
  expect(await demo.folders()).toHaveLength(1)

  juliet.forgive()
  demo.interrupt()
  expect(await demo.ended).toBe(0)
  await untilGone(pid, DEADLINE_MS)
  expect(await demo.folders()).toEqual([])
})

test('a port that is taken is one line of words, and the exit code 1', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const address = other.address()
  const port = typeof address === 'object' ? address?.port : undefined

  await using demo = new Demo('--port', String(port))

  expect(await demo.ended).toBe(1)
  other.close()
  expect(demo.lines).toEqual([expect.stringContaining(`Port ${port} is taken`)])
  expect(await demo.folders()).toEqual([])
})
