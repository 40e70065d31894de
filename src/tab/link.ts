import { locksHere } from '../adapters/web-locks.ts'
import { CONTRACT_VERSION, type TabEvent } from '../contract/api.ts'
import { type Failure, failure, MinimixError } from '../contract/errors.ts'
import { type Greeting, type Hello, isGreeting } from '../contract/handshake.ts'
import { Attachment } from './attachment.ts'
import type { Way, Ways } from './ways.ts'

/** A worker that has not shown that it lives by then is asked anew: in Firefox an attach can be lost without a word. */
const BORN_MS = 3_000
const WELCOME_MS = 15_000
/** For each kind of worker. */
const TRIES = 3

/** What became of the worker that this tab had. */
type Again = 'died' | 'hangs'

type Outcome =
  | { readonly welcome: true }
  /** `final`: another try would end the same. */
  | { readonly welcome: false; readonly why: 'final' | 'silent' | 'elsewhere' | 'other'; readonly error: Failure }

export interface LinkOptions {
  readonly tab: string
  readonly account: string
  readonly ways: Pick<Ways, 'next' | 'fallBack' | 'release' | 'hosts'>
  /** There is a worker: a first one, or another one after the last had died. */
  readonly onAttached: () => void
  readonly onEvents: (events: readonly TabEvent[]) => void
  /** The worker died, or does not answer; another is being looked for. */
  readonly onGone: () => void
  /** There is none, and no further try will find one. */
  readonly onFailed: (error: MinimixError) => void
}

/**
 * The way from this tab to the worker, kept up through the worker's deaths.
 *
 * Liveness is by Web Locks, both ways: this tab holds one that the worker waits for, and waits for one that the worker
 * holds. A worker that lives and does nothing is told by its `Pulse`.
 */
export class Link {
  readonly #options: LinkOptions
  readonly #locks = locksHere()
  #letGo: (() => void) | undefined
  #attachment: Attachment | undefined
  #way: Way | undefined
  #attaching = false
  /** Ends the try that goes on. */
  #giveUp: (() => void) | undefined
  /** The page is kept by the browser, and nobody can come to it. */
  #kept = false
  /** For good: by the app, or by a refusal that is final. */
  #closed = false
  /** Why nothing can be done here any more. */
  #error: Failure | undefined
  /** Locks that this tab has had. */
  #lives = 0

  constructor(options: LinkOptions) {
    this.#options = options
  }

  /** Why there is no worker, where none is looked for any more. */
  get error(): Failure | undefined {
    return this.#error
  }

  get attachment(): Attachment | undefined {
    return this.#attachment
  }

  /** The tab's own lock first: a hello without it would look like a tab that has died. */
  async open(): Promise<void> {
    await this.#live()
    if (!this.#closed) await this.#attach()
  }

  /** Lets go of the worker, which takes this tab for gone. */
  close(): void {
    this.#closed = true
    this.#attachment?.say({ going: 'for-good' })
    this.#detach()
    this.#way?.close()
    this.#giveUp?.()
    void this.#options.ways.release()
    this.#letGo?.()
  }

  /** The page goes: the worker need not wait until the lock falls free. */
  gone(): void {
    this.#attachment?.say({ going: 'for-good' })
  }

  /** The browser keeps the page, and stops it: whatever is posted to it now would throw it away. */
  suspend(): void {
    if (this.#closed || this.#kept) return
    this.#kept = true
    this.#attachment?.say({ going: 'kept' })
    this.#detach()
    this.#way?.close()
    this.#giveUp?.()
    void this.#options.ways.release()
  }

  /** The page is back: it has missed what there was, and says so. */
  async resume(): Promise<void> {
    if (!this.#kept) return
    this.#kept = false
    this.#options.onGone()
    await this.#live()
    await this.#attach()
  }

  /** A page that hosts the worker for others is about to be stopped, and the worker with it. */
  freeze(): void {
    if (this.#options.ways.hosts) this.suspend()
  }

  /** Somebody has come to look: is anybody there? */
  look(): void {
    if (this.#kept) void this.resume()
    else if (this.#attachment?.welcome) this.#attachment.pulse.ask()
    else void this.#attach()
  }

  /** A lock of its own for each life of the page: a browser that keeps a page may take the lock away. */
  async #live(): Promise<void> {
    const before = this.#letGo
    this.#letGo = undefined
    const letGo = await this.#locks.hold(this.#lock(++this.#lives))
    before?.()
    if (this.#closed) letGo()
    else this.#letGo = letGo
  }

  #lock(life = this.#lives): string {
    return `minimix:tab:${this.#options.tab}${life === 1 ? '' : `:${life}`}`
  }

  get #over(): boolean {
    return this.#closed || this.#kept
  }

  async #attach(again?: Again): Promise<void> {
    if (this.#attaching || this.#over) return
    this.#attaching = true
    try {
      const error = await this.#tryAll(again)
      if (!error || this.#closed) return
      this.#fail(error)
    } finally {
      this.#attaching = false
    }
  }

  /** @returns why nobody lets us in */
  async #tryAll(again: Again | undefined): Promise<Failure | undefined> {
    const { ways } = this.#options
    let elsewhere = false
    for (let tries = 1; !this.#over; tries++) {
      const outcome = await this.#try(again, elsewhere)
      if (outcome.welcome) return undefined
      const { why, error } = outcome
      if (why === 'final') return error
      if (tries === TRIES) {
        if (why !== 'silent' || !ways.fallBack()) return error
        tries = 0
      }
      elsewhere = why === 'elsewhere'
    }
    return undefined
  }

  async #try(again: Again | undefined, elsewhere: boolean): Promise<Outcome> {
    try {
      const way = await this.#options.ways.next(again, elsewhere)
      if (!this.#over) return await this.#greet(way)
      way.close()
      void this.#options.ways.release() // it may have started a worker for us
      return { welcome: true }
    } catch (error) {
      const known = error instanceof MinimixError
      return { welcome: false, why: 'final', error: known ? error : failure('worker-unavailable', String(error)) }
    }
  }

  /** One try: a worker that shows that it lives, a hello, and a welcome or a refusal. */
  #greet(way: Way): Promise<Outcome> {
    return new Promise((resolve) => {
      let over = false
      const end = (outcome: Outcome): void => {
        over = true
        clearTimeout(deadline)
        this.#giveUp = undefined
        resolve(outcome)
      }
      this.#giveUp = () => end({ welcome: true })
      const fail = (text: string, why: 'silent' | 'elsewhere' | 'other' = 'other'): void => {
        // It had let us in, and began again on its port: nobody else looks for another one.
        if (over) void this.#attach()
        else end({ welcome: false, why, error: failure('worker-unavailable', text) })
      }
      const silent = (): void => fail(`the worker gave no sign of life within ${BORN_MS} ms`, 'silent')
      let deadline = setTimeout(silent, BORN_MS)
      this.#way?.close()
      this.#way = way
      way.begin(
        (data) => {
          if (!isGreeting(data) || this.#over || this.#way !== way) return
          if (data.minimix === 'born') {
            if (this.#knows(data, way)) return
            // It lives: now it may take the time that a slow disk takes.
            clearTimeout(deadline)
            const late = (): void => fail(`the worker gave no welcome within ${WELCOME_MS} ms`, 'silent')
            deadline = setTimeout(late, WELCOME_MS)
            this.#born(data, way, () => fail('the worker died before it let us in'))
          } else if (data.minimix === 'elsewhere') {
            this.#detach()
            fail('another worker has the account, and does not answer', 'elsewhere')
          } else if (data.minimix === 'refused') {
            if (over) this.#refused(data.error)
            else end({ welcome: false, why: 'final', error: data.error })
          } else if (this.#welcomed(data, way)) end({ welcome: true })
        },
        (text) => !over && fail(text),
      )
    })
  }

  /** By a worker that had let us in: it gave the account to a newer one. */
  #refused(error: Failure): void {
    if (error.code === 'outdated') this.#error = error
    this.#detach()
    this.#options.onGone()
    this.#fail(error)
  }

  /** Where a newer one has the account nothing that this tab could still do would be right. */
  #fail(error: Failure): void {
    if (error.code === 'outdated') this.#error = error
    this.#closed ||= this.#error !== undefined
    this.#options.onFailed(new MinimixError(error))
  }

  #knows({ instance }: Extract<Greeting, { minimix: 'born' }>, way: Way): boolean {
    return this.#attachment?.way === way && this.#attachment.instance === instance
  }

  /** A worker begins, also one that died and begins again on the same port (WebKit). */
  #born(born: Extract<Greeting, { minimix: 'born' }>, way: Way, onStillborn: () => void): void {
    const { contract, instance, lock } = born
    if (this.#attachment?.welcome) this.#options.onGone()
    this.#detach()
    const { tab, account, onEvents } = this.#options
    const hello: Hello = { minimix: 'hello', contract: CONTRACT_VERSION, tab, lock: this.#lock(), account }
    const onSilent = (): void => this.#hangs(attachment)
    const attachment: Attachment = new Attachment(hello, { way, instance, onEvents, onSilent })
    this.#attachment = attachment
    // One that speaks another version says no more than that.
    if (contract === CONTRACT_VERSION) this.#watch(attachment, lock, onStillborn)
  }

  #welcomed({ instance }: Extract<Greeting, { minimix: 'welcome' }>, way: Way): boolean {
    const attachment = this.#attachment
    if (attachment?.way !== way || attachment.instance !== instance) return false
    if (attachment.welcome) return true
    attachment.welcome = true
    this.#options.onAttached()
    return true
  }

  #watch(attachment: Attachment, lock: string, onStillborn: () => void): void {
    this.#locks.whenFree(lock, attachment.ended).then(
      () => {
        if (this.#attachment !== attachment) return
        if (attachment.welcome) this.#lost('died')
        else {
          this.#detach()
          onStillborn()
        }
      },
      () => undefined, // aborted: the attachment had ended before the worker
    )
  }

  /** It has its lock, and does not answer. */
  #hangs(attachment: Attachment): void {
    if (this.#attachment === attachment && attachment.welcome) this.#lost('hangs')
  }

  #lost(again: Again): void {
    this.#detach()
    this.#options.onGone()
    void this.#attach(again)
  }

  #detach(): void {
    this.#attachment?.close()
    this.#attachment = undefined
  }
}
