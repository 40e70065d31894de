import type { TestPage } from '../test-browser.ts'
import type { Answers } from './answers.ts'
import type { WebDriver } from './web-driver.ts'

/** How long a page may take to become what it is awaited to be. */
const TRUE_MS = 30_000
const LOOK_MS = 20

/** One window of a WebKitGTK. */
export class WebkitPage implements TestPage {
  readonly mouse = { click: (x: number, y: number) => this.#click(x, y) }
  readonly #driver: WebDriver
  readonly #answers: Answers
  readonly #handle: string
  /** What is run in the page and has not answered. */
  readonly #running = new Set<(reason: Error) => void>()

  private constructor(driver: WebDriver, answers: Answers, handle: string) {
    this.#driver = driver
    this.#answers = answers
    this.#handle = handle
  }

  /** A window of its own: of several tabs in one window only one would be visible. */
  static async open(driver: WebDriver, answers: Answers): Promise<WebkitPage> {
    return new WebkitPage(driver, answers, await driver.openWindow())
  }

  evaluate<A, R>(work: string | ((given: A) => R | Promise<R>), given?: A): Promise<R> {
    return this.#run(sourceOf(work, given)) as Promise<R> // whatever came out of it, as with any such call
  }

  async waitForFunction<A>(test: (given: A) => unknown, given?: A, { timeout = TRUE_MS } = {}): Promise<void> {
    await this.#run(`(async () => {
      const lastMs = performance.now() + ${timeout}
      while (!(${sourceOf(test, given)})) {
        if (performance.now() > lastMs) throw new Error('not true within ${timeout} ms')
        await new Promise((resolve) => setTimeout(resolve, ${LOOK_MS}))
      }
    })()`)
  }

  async goto(url: string): Promise<void> {
    await this.#load('/url', { url })
  }

  async reload(): Promise<void> {
    await this.#load('/refresh', {})
  }

  async close(): Promise<void> {
    this.#giveUp('the page was closed')
    await this.#driver.closeWindow(this.#handle)
  }

  async #load(path: string, body: object): Promise<void> {
    await this.#driver.inWindow(this.#handle, () => {
      this.#giveUp('the page was loaded anew')
      return this.#driver.post(path, body)
    })
  }

  async #run(source: string): Promise<unknown> {
    const { url, answer, giveUp } = this.#answers.expect()
    this.#running.add(giveUp)
    try {
      const begun = this.#driver.inWindow(this.#handle, () =>
        this.#driver.post('/execute/sync', { script: RUN, args: [source, url] }),
      )
      begun.catch(giveUp)
      const outcome = await answer
      if ('error' in outcome) throw new Error(outcome.error.message)
      return outcome.value
    } finally {
      this.#running.delete(giveUp)
    }
  }

  #giveUp(reason: string): void {
    for (const giveUp of this.#running) giveUp(new Error(reason))
  }

  async #click(x: number, y: number): Promise<void> {
    const actions = [
      { type: 'pointerMove', duration: 0, x, y },
      { type: 'pointerDown', button: 0 },
      { type: 'pointerUp', button: 0 },
    ]
    await this.#driver.inWindow(this.#handle, () =>
      this.#driver.post('/actions', { actions: [{ type: 'pointer', id: 'mouse', actions }] }),
    )
  }
}

/** In the page: begins what is to be run, and posts what comes of it. */
const RUN = `
  const [source, url] = arguments
  const post = (answer) => fetch(url, { method: 'POST', mode: 'no-cors', body: JSON.stringify(answer) })
  new Promise((resolve) => resolve((0, eval)(source))).then(
    (value) => post({ value }),
    (error) => post({ error: { message: String(error) + '\\n' + (error?.stack ?? '') } }),
  )
`

function sourceOf<A>(work: string | ((given: A) => unknown), given: A | undefined): string {
  if (typeof work === 'string') return work
  return `(${work.toString()})(${given === undefined ? '' : JSON.stringify(given)})`
}
