import { wrapApi } from '../adapters/comlink.ts'
import { webLocks } from '../adapters/web-locks.ts'
import {
  type BrokerApi,
  CONTRACT_VERSION,
  type Greeting,
  type Hello,
  isBatch,
  isGreeting,
  type TabEvent,
} from '../contract/api.ts'
import { type Failure, failure, MinimixError } from '../contract/errors.ts'

/** A worker that has not shown that it lives by then is asked anew: in Firefox an attach can be lost without a word. */
const BORN_MS = 3_000
const WELCOME_MS = 15_000
const TRIES = 3

type Outcome =
  | { readonly welcome: true }
  /** `final`: another try would end the same. */
  | { readonly welcome: false; readonly final: boolean; readonly error: Failure }

export interface LinkOptions {
  readonly tab: string
  readonly account: string
  readonly spawn: () => SharedWorker
  /** There is a worker: a first one, or another one after the last had died. */
  readonly onAttached: () => void
  readonly onEvents: (events: readonly TabEvent[]) => void
  /** The worker died; another is being looked for. */
  readonly onGone: () => void
  /** There is none, and no further try will find one. */
  readonly onFailed: (error: MinimixError) => void
}

/** A way to one life of the worker. */
interface Attachment {
  readonly port: MessagePort
  readonly instance: string
  readonly api: BrokerApi
  readonly ports: readonly MessagePort[]
  /** Aborted with the attachment. */
  readonly end: AbortController
  /** The worker has let us in. */
  welcome: boolean
  /** Events up to this number have been handled. */
  handled: number
  waiting: { readonly seq: number; readonly go: () => void }[]
}

/**
 * The way from this tab to the worker, kept up through the worker's deaths.
 *
 * Liveness is by Web Locks, both ways: this tab holds one that the worker waits for, and waits for one that the worker
 * holds. Nothing else tells that the other side has died.
 */
export class Link {
  readonly #options: LinkOptions
  readonly #locks = webLocks(navigator.locks)
  readonly #lock: string
  #letGo: (() => void) | undefined
  #attachment: Attachment | undefined
  #port: MessagePort | undefined
  #closed = false

  constructor(options: LinkOptions) {
    this.#options = options
    this.#lock = `minimix:tab:${options.tab}`
  }

  get attachment(): Attachment | undefined {
    return this.#attachment
  }

  /** The tab's own lock first: a hello without it would look like a tab that has died. */
  async open(): Promise<void> {
    this.#letGo = await this.#locks.hold(this.#lock)
    if (this.#closed) this.#letGo()
    else await this.#attach()
  }

  /** Lets go of the worker, which takes this tab for gone. */
  close(): void {
    this.#closed = true
    this.#detach()
    this.#letGo?.()
  }

  /** Resolves once the events up to this number have been handled, at once where the attachment has ended. */
  reached(attachment: Attachment, seq: number): Promise<void> {
    if (attachment.handled >= seq || attachment.end.signal.aborted) return Promise.resolve()
    return new Promise((go) => attachment.waiting.push({ seq, go }))
  }

  async #attach(): Promise<void> {
    let error = failure('worker-unavailable', 'there is no worker')
    for (let tries = 0; tries < TRIES && !this.#closed; tries++) {
      const outcome = await this.#greet()
      if (outcome.welcome) return
      error = outcome.error
      if (outcome.final) break
    }
    if (!this.#closed) this.#options.onFailed(new MinimixError(error))
  }

  /** One try: a worker that shows that it lives, a hello, and a welcome or a refusal. */
  #greet(): Promise<Outcome> {
    return new Promise((resolve) => {
      const worker = this.#options.spawn()
      let over = false
      const end = (outcome: Outcome): void => {
        over = true
        clearTimeout(deadline)
        worker.onerror = null
        resolve(outcome)
      }
      const fail = (text: string): void => {
        // It had let us in, and began again on its port: nobody else looks for another one.
        if (over) void this.#attach()
        else end({ welcome: false, final: false, error: failure('worker-unavailable', text) })
      }
      let deadline = setTimeout(() => fail(`the worker gave no sign of life within ${BORN_MS} ms`), BORN_MS)
      // An ErrorEvent is an exception of a worker that runs (Firefox); a plain Event says that there is none.
      worker.onerror = (event) => {
        if (!(event instanceof ErrorEvent)) fail('the worker could not be loaded')
      }
      this.#port?.close()
      this.#port = worker.port
      worker.port.onmessage = ({ data }) => {
        if (!isGreeting(data) || this.#closed) return
        if (data.minimix === 'born') {
          // It lives: now it may take the time that a slow disk takes.
          clearTimeout(deadline)
          deadline = setTimeout(() => fail(`the worker gave no welcome within ${WELCOME_MS} ms`), WELCOME_MS)
          this.#born(data, worker.port, () => fail('the worker died before it let us in'))
        } else if (data.minimix === 'refused') end({ welcome: false, final: true, error: data.error })
        else if (this.#welcomed(data, worker.port)) end({ welcome: true })
      }
    })
  }

  /** A worker begins, also one that died and begins again on the same port (WebKit). */
  #born(born: Extract<Greeting, { minimix: 'born' }>, port: MessagePort, onStillborn: () => void): void {
    const { contract, instance, lock } = born
    const { port: known, instance: life } = this.#attachment ?? {}
    if (known === port && life === instance) return
    if (this.#attachment?.welcome) this.#options.onGone()
    this.#detach()
    const attachment = this.#hello(instance, port)
    this.#attachment = attachment
    // One that speaks another version says no more than that.
    if (contract === CONTRACT_VERSION) this.#watch(attachment, lock, onStillborn)
  }

  #welcomed({ instance }: Extract<Greeting, { minimix: 'welcome' }>, port: MessagePort): boolean {
    const attachment = this.#attachment
    if (attachment?.port !== port || attachment.instance !== instance) return false
    if (attachment.welcome) return true
    attachment.welcome = true
    this.#options.onAttached()
    return true
  }

  /** Hands over a port for calls and one for events. */
  #hello(instance: string, port: MessagePort): Attachment {
    const calls = new MessageChannel()
    const events = new MessageChannel()
    const attachment: Attachment = {
      port,
      instance,
      api: wrapApi(calls.port1),
      ports: [calls.port1, events.port1],
      end: new AbortController(),
      welcome: false,
      handled: 0,
      waiting: [],
    }
    events.port1.onmessage = ({ data }) => this.#received(attachment, data)
    const { tab, account } = this.#options
    const hello: Hello = { minimix: 'hello', contract: CONTRACT_VERSION, tab, lock: this.#lock, account }
    port.postMessage(hello, [calls.port2, events.port2])
    return attachment
  }

  #received(attachment: Attachment, batch: unknown): void {
    if (!isBatch(batch) || batch.instance !== attachment.instance || attachment.end.signal.aborted) return
    this.#options.onEvents(batch.events)
    attachment.handled = batch.seq + batch.events.length - 1
    attachment.ports[1]?.postMessage({ ack: attachment.handled })
    const due = attachment.waiting.filter(({ seq }) => seq <= attachment.handled)
    if (due.length === 0) return
    attachment.waiting = attachment.waiting.filter(({ seq }) => seq > attachment.handled)
    for (const { go } of due) go()
  }

  #watch(attachment: Attachment, lock: string, onStillborn: () => void): void {
    this.#locks.whenFree(lock, attachment.end.signal).then(
      () => {
        if (this.#attachment !== attachment) return
        this.#detach()
        if (!attachment.welcome) {
          onStillborn()
          return
        }
        this.#options.onGone()
        void this.#attach()
      },
      () => undefined, // aborted: the attachment had ended before the worker
    )
  }

  #detach(): void {
    const attachment = this.#attachment
    if (!attachment) return
    this.#attachment = undefined
    attachment.end.abort()
    for (const port of attachment.ports) port.close()
    for (const { go } of attachment.waiting) go()
  }
}
