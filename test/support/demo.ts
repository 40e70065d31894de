import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import type { Readable } from 'node:stream'
import { expect } from 'expect'
import type { BrowserContext, Page } from 'playwright-core'

const ROOT = join(import.meta.dirname, '../..')
export const DEADLINE_MS = 20_000
/** What is said in the first room before anybody comes. */
export const GREETING = 'The garden gate is open.'

/** Test files run side by side, each in a process of its own. */
let nextPort = 20_000 + (process.pid % 500) * 20

/** `demo/serve.ts` as `npm run demo` does it: in a process group of its own, as by a terminal, here with nothing to type. */
export class Demo implements AsyncDisposable {
  readonly lines: string[] = []
  readonly #process: ChildProcessByStdio<null, Readable, Readable>
  readonly #output: Interface
  /** The exit code, once it has ended. */
  readonly ended: Promise<number | null>
  readonly #folder = mkdtempSync(join(tmpdir(), 'minimix-demo-test-'))

  /** @param args where they name no port it is one that no demo of another test takes meanwhile */
  constructor(...args: readonly string[]) {
    const port = args.includes('--port') ? [] : ['--port', String(nextPort++)]
    // What the test runner says to its own children is nothing that a person's shell would say.
    const env = Object.entries(process.env).filter(([name]) => !/^(?:NODE_ENV|VITEST.*|TEST|MODE|DEV|PROD)$/.test(name))
    this.#process = spawn(process.execPath, ['--import', 'tsx', 'demo/serve.ts', ...args, ...port], {
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
export class Person implements AsyncDisposable {
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
