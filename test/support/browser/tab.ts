import type { BrowserContext, Page } from 'playwright-core'
import type * as Sdk from '../../../src/index.ts'
import type { Told } from './harness.ts'

/** A call of the SDK that was rejected in the page. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed'
  readonly code: string
  readonly facts: Readonly<Record<string, unknown>>

  constructor(facts: Readonly<Record<string, unknown>>) {
    super(`${String(facts['code'])}: ${String(facts['message'])}`)
    this.code = String(facts['code'])
    this.facts = facts
  }
}

type Outcome<T> = { readonly value: T } | { readonly failed: Record<string, unknown> }

/** One tab of a real browser with the built SDK in it. */
export class Tab {
  readonly page: Page

  private constructor(page: Page) {
    this.page = page
  }

  static async open(context: BrowserContext, origin: string): Promise<Tab> {
    const page = await context.newPage()
    page.on('pageerror', (error) => process.stderr.write(`page error: ${error.stack ?? error.message}\n`))
    const tab = new Tab(page)
    await tab.goto(`${origin}/tab`)
    return tab
  }

  /** Loads the page, or loads it again. */
  async goto(url: string): Promise<void> {
    await this.page.goto(url)
    await this.page.waitForFunction(() => document.title === 'ready')
  }

  connect(options: Omit<Sdk.ConnectOptions, 'signal' | 'worker'>): Promise<void> {
    return this.#call((given) => harness.connect(given), options)
  }

  join(room: string, options: Omit<Sdk.JoinOptions, 'signal'>): Promise<Sdk.JoinResult> {
    return this.#call(({ room, options }) => harness.room(room).join(options), { room, options })
  }

  leave(room: string, options: { status?: string; everywhere?: boolean } = {}): Promise<void> {
    return this.#call(({ room, options }) => harness.room(room).leave(options), { room, options })
  }

  send(room: string, body: string, options: Sdk.SendOptions = {}): Promise<Sdk.Message> {
    return this.#call(({ room, body, options }) => harness.room(room).send(body, options), { room, body, options })
  }

  inspect(): Promise<Sdk.Inspection> {
    return this.#call(() => {
      if (!harness.account) throw new Error('not connected')
      return harness.account.inspect()
    }, undefined)
  }

  /** What the SDK told so far, of one room or of everything. */
  async told(room?: string): Promise<Told[]> {
    const all = await this.page.evaluate(() => harness.told)
    return room === undefined ? all : all.filter((entry) => entry.room === room)
  }

  /** The occupants of a room, by nick. */
  occupants(room: string): Promise<Record<string, Sdk.Occupant>> {
    return this.page.evaluate((room) => Object.fromEntries(harness.room(room).occupants), room)
  }

  /** Waits for something to be told. The test runs in the page: it sees its arguments and nothing else. */
  until(what: string, test: (entry: Told, all: readonly Told[]) => boolean, ms = 10_000): Promise<Told> {
    return this.page.evaluate(`harness.until(${test.toString()}, ${ms}, ${JSON.stringify(what)})`)
  }

  /** Waits for a message with that body, in any room. */
  untilMessage(body: string, ms = 10_000): Promise<Told> {
    const what = `message ${body}`
    const test = `(entry) => entry.name === 'message' && entry.event.body === ${JSON.stringify(body)}`
    return this.page.evaluate(`harness.until(${test}, ${ms}, ${JSON.stringify(what)})`)
  }

  /** Ends the tab's process at once, as a crash does. */
  async crash(): Promise<void> {
    const crashed = this.page.waitForEvent('crash')
    const session = await this.page.context().newCDPSession(this.page)
    session.send('Page.crash').catch(() => undefined) // it never answers
    await crashed
  }

  close(): Promise<void> {
    return this.page.close()
  }

  /** Errors keep their code on the way out of the page. */
  async #call<A, T>(work: (args: A) => Promise<T>, args: A): Promise<T> {
    const source = `(async (args) => {
      try { return { value: await (${work.toString()})(args) } }
      catch (error) { return { failed: { ...error, name: error.name, message: error.message } } }
    })(${args === undefined ? 'undefined' : JSON.stringify(args)})`
    const outcome = (await this.page.evaluate(source)) as Outcome<T>
    if ('failed' in outcome) throw new CallFailed(outcome.failed)
    return outcome.value
  }
}
