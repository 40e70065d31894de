import { readStanzaError, type StanzaError } from '../protocol/stanza-error.ts'
import { configureNode, createNode, fetchItems, publishItem, readItems, retractItem } from '../protocol/xep-0163-pep.ts'
import type { XmlNode } from '../protocol/xml.ts'

/** Sends an IQ and gives its answer; `undefined` where none came. */
export type Ask = (request: XmlNode) => Promise<XmlNode | undefined>

export type PepError = StanzaError | 'no-answer'

/** How many items a node is asked to keep: as many as it can, or where that word is unknown so many. */
const MAX_ITEMS = ['max', '1000', '255'] as const

/** A node of the account's own, of which the server keeps all items (XEP-0163). */
export class PepNode {
  readonly #ask: Ask
  readonly #newId: () => string
  readonly #node: string
  /** The node keeps all items: found out with the first thing written. */
  #lean = false

  constructor(ask: Ask, newId: () => string, node: string) {
    this.#ask = ask
    this.#newId = newId
    this.#node = node
  }

  /** All items, or why there are none to be had. */
  async read(): Promise<XmlNode[] | PepError> {
    const answer = await this.#ask(fetchItems(this.#newId(), this.#node))
    if (!answer) return 'no-answer'
    if (answer.attrs['type'] === 'result') return readItems(answer, this.#node) ?? 'no-answer'
    const error = readStanzaError(answer)
    return error.condition === 'item-not-found' ? [] : error // the node is made with the first item
  }

  /** @returns what went wrong; `undefined` for nothing */
  async publish(item: string, payload: XmlNode): Promise<PepError | undefined> {
    const publish = () => this.done(publishItem(this.#newId(), this.#node, item, payload, this.#lean))
    const first = await publish()
    if (first === undefined || first === 'no-answer' || this.#lean) return first
    // The server knows no such options for a publication (ejabberd 23.01), or the node has other ones: set them there.
    await this.#prepare()
    this.#lean = true
    return publish()
  }

  async retract(item: string): Promise<PepError | undefined> {
    const error = await this.done(retractItem(this.#newId(), this.#node, item))
    return typeof error === 'object' && error.condition === 'item-not-found' ? undefined : error
  }

  async #prepare(): Promise<void> {
    await this.done(createNode(this.#newId(), this.#node))
    for (const max of MAX_ITEMS) {
      if ((await this.done(configureNode(this.#newId(), this.#node, max))) === undefined) return
    }
  }

  /** Asks for something to be done. */
  async done(request: XmlNode): Promise<PepError | undefined> {
    const answer = await this.#ask(request)
    if (!answer) return 'no-answer'
    return answer.attrs['type'] === 'result' ? undefined : readStanzaError(answer)
  }
}
