import type { Envelope } from '../protocol/stanza.ts'
import { NS_DISCO_INFO } from '../protocol/xep-0030-disco.ts'
import { child, type XmlNode } from '../protocol/xml.ts'
import type { Clock } from './ports.ts'

/** `undefined`: no answer came in time, or the stream ended. */
export type OnAnswer = (answer: XmlNode | undefined) => void

interface Pending {
  readonly from: readonly (string | undefined)[]
  readonly onAnswers: OnAnswer[]
  readonly stopTimer: () => void
  /** What the request is, where the same one need not be sent twice. */
  readonly key: string | undefined
  /** The answer holds for a while. */
  readonly lasts: boolean
}

const NS_PING = 'urn:xmpp:ping'

/** How long an entity is taken to be what it said it is. */
const DISCO_MS = 300_000

/**
 * The IQ requests that wait for an answer. An answer counts only with the right id from the right sender (RFC 6120
 * section 8.1.2.1): ids can be guessed, senders cannot.
 *
 * The same question asked again while the first is under way is not sent: both get its answer. What an entity is and
 * can do (XEP-0030) is remembered for a while.
 */
export class Requests {
  readonly #clock: Clock
  readonly #pending = new Map<string, Pending>()
  readonly #asked = new Map<string, Pending>()
  readonly #known = new Map<string, { readonly answer: XmlNode; readonly untilMs: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * @param account the own bare JID: a request without an address is answered by it, or by nobody named
   * @returns whether the request is to be sent; if not, its answer is known or on its way
   */
  expect(request: XmlNode, account: string, ms: number, onAnswer: OnAnswer): boolean {
    const { id = '', to } = request.attrs
    const key = keyOf(request)
    const known = key === undefined ? undefined : this.#known.get(key)
    if (known && known.untilMs > this.#clock.nowMs()) {
      onAnswer(known.answer)
      return false
    }
    const asked = key === undefined ? undefined : this.#asked.get(key)
    if (asked) {
      asked.onAnswers.push(onAnswer)
      return false
    }
    const from = to === undefined || to === account ? [undefined, account] : [to]
    const stopTimer = this.#clock.after(ms, () => this.#end(id, undefined))
    const pending = { from, onAnswers: [onAnswer], stopTimer, key, lasts: asksWhatItIs(request) }
    this.#pending.set(id, pending)
    if (key !== undefined) this.#asked.set(key, pending)
    return true
  }

  /** Takes an IQ result or error. False: nobody asked for it, or not them. */
  answer(envelope: Envelope, stanza: XmlNode): boolean {
    const pending = this.#pending.get(envelope.id ?? '')
    if (!pending?.from.includes(envelope.from)) return false
    const { key, lasts } = pending
    if (key !== undefined && lasts && envelope.type === 'result' && child(stanza, NS_DISCO_INFO, 'query')) {
      this.#known.set(key, { answer: stanza, untilMs: this.#clock.nowMs() + DISCO_MS })
    }
    this.#end(envelope.id ?? '', stanza)
    return true
  }

  /** What this entity said of itself may not be true any more. */
  forget(jid: string): void {
    for (const key of this.#known.keys()) if (key.startsWith(`${jid}\n`)) this.#known.delete(key)
  }

  /** The stream is gone, and no answer will come. */
  endAll(): void {
    for (const id of [...this.#pending.keys()]) this.#end(id, undefined)
    this.#known.clear()
  }

  #end(id: string, answer: XmlNode | undefined): void {
    const pending = this.#pending.get(id)
    if (!pending) return
    this.#pending.delete(id)
    if (pending.key !== undefined) this.#asked.delete(pending.key)
    pending.stopTimer()
    for (const onAnswer of pending.onAnswers) onAnswer(answer)
  }
}

/** Of the entity itself. What is at one of its nodes (the nick that a room keeps for us) may change with each request. */
function asksWhatItIs(request: XmlNode): boolean {
  const query = child(request, NS_DISCO_INFO, 'query')
  return query !== undefined && query.attrs['node'] === undefined
}

/**
 * A question without consequences is the same as another one with the same words to the same entity. A ping asks about
 * its own moment.
 */
function keyOf({ attrs, children }: XmlNode): string | undefined {
  const ping = children.some((each) => typeof each !== 'string' && each.ns === NS_PING)
  return attrs['type'] === 'get' && !ping ? `${attrs['to'] ?? ''}\n${JSON.stringify(children)}` : undefined
}
