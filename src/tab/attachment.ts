import { callPort } from '../adapters/call-port.ts'
import type { BrokerApi, TabEvent } from '../contract/api.ts'
import { type Hello, isBatch, pongOf, type TabWord } from '../contract/handshake.ts'
import type { Port } from '../contract/port.ts'
import { isHidden } from './activity.ts'
import { Pulse } from './pulse.ts'
import type { Way } from './ways.ts'

export interface AttachmentOptions {
  readonly way: Way
  /** Which life of the worker. */
  readonly instance: string
  readonly onEvents: (events: readonly TabEvent[]) => void
  /** It lives, and does not answer. */
  readonly onSilent: () => void
}

/** What a tab has of one life of the worker: a port for calls and one for events, and how far it has come with these. */
export class Attachment {
  readonly way: Way
  readonly instance: string
  readonly api: BrokerApi
  readonly pulse: Pulse
  /** The worker has let us in. */
  welcome = false
  readonly #ports: readonly [calls: Port, events: Port]
  readonly #end = new AbortController()
  /** Events up to this number have been handled. */
  #handled = 0
  #waiting: { readonly seq: number; readonly go: () => void }[] = []

  constructor(hello: Hello, { way, instance, onEvents, onSilent }: AttachmentOptions) {
    this.way = way
    this.instance = instance
    this.#ports = way.hello(hello)
    const [calls, events] = this.#ports
    this.api = callPort(calls)
    this.pulse = new Pulse({ ask: (ping) => this.say({ ping }), onSilent, isWatched: () => !isHidden() })
    events.onmessage = ({ data }: MessageEvent) => this.#received(data, onEvents)
  }

  /** Aborted with the attachment. */
  get ended(): AbortSignal {
    return this.#end.signal
  }

  say(word: TabWord): void {
    this.#ports[1].postMessage(word)
  }

  /** Resolves once the events up to this number have been handled, at once where the attachment has ended. */
  reached(seq: number): Promise<void> {
    if (this.#handled >= seq || this.ended.aborted) return Promise.resolve()
    return new Promise((go) => this.#waiting.push({ seq, go }))
  }

  close(): void {
    this.#end.abort()
    this.pulse.end()
    for (const port of this.#ports) port.close()
    for (const { go } of this.#waiting) go()
  }

  #received(data: unknown, onEvents: AttachmentOptions['onEvents']): void {
    const pong = pongOf(data)
    if (pong !== undefined) this.pulse.answered(pong)
    if (!isBatch(data) || data.instance !== this.instance || this.ended.aborted) return
    onEvents(data.events)
    this.#handled = data.seq + data.events.length - 1
    this.say({ ack: this.#handled })
    const due = this.#waiting.filter(({ seq }) => seq <= this.#handled)
    if (due.length === 0) return
    this.#waiting = this.#waiting.filter(({ seq }) => seq > this.#handled)
    for (const { go } of due) go()
  }
}
