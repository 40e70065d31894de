import type { Envelope } from '../protocol/stanza.ts'
import type { XmlNode } from '../protocol/xml.ts'
import type { Clock } from './ports.ts'

/** `undefined`: no answer came in time, or the stream ended. */
type OnAnswer = (answer: XmlNode | undefined) => void

interface Pending {
  readonly from: readonly (string | undefined)[]
  readonly onAnswer: OnAnswer
  readonly stopTimer: () => void
}

/**
 * The IQ requests that wait for an answer. An answer counts only with the right id from the right sender (RFC 6120
 * section 8.1.2.1): ids can be guessed, senders cannot.
 */
export class Requests {
  readonly #clock: Clock
  readonly #pending = new Map<string, Pending>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @param account the own bare JID: a request without an address is answered by it, or by nobody named */
  expect(request: XmlNode, account: string, ms: number, onAnswer: OnAnswer): void {
    const { id = '', to } = request.attrs
    const from = to === undefined || to === account ? [undefined, account] : [to]
    const stopTimer = this.#clock.after(ms, () => this.#end(id, undefined))
    this.#pending.set(id, { from, onAnswer, stopTimer })
  }

  /** Takes an IQ result or error. False: nobody asked for it, or not them. */
  answer(envelope: Envelope, stanza: XmlNode): boolean {
    const pending = this.#pending.get(envelope.id ?? '')
    if (!pending?.from.includes(envelope.from)) return false
    this.#end(envelope.id ?? '', stanza)
    return true
  }

  /** The stream is gone, and no answer will come. */
  endAll(): void {
    for (const id of [...this.#pending.keys()]) this.#end(id, undefined)
  }

  #end(id: string, answer: XmlNode | undefined): void {
    const pending = this.#pending.get(id)
    if (!pending) return
    this.#pending.delete(id)
    pending.stopTimer()
    pending.onAnswer(answer)
  }
}
