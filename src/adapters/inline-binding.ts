import type { Bound, Credentials } from '../broker/ports.ts'
import { resourceOf } from '../protocol/jid.ts'
import { readStreamWord, resumeStream } from '../protocol/xep-0198-stream-management.ts'
import { bindInline, type InlineOffer, readInlineBound, wantsClientState } from '../protocol/xep-0386-bind2.ts'
import { readSasl2Success } from '../protocol/xep-0388-sasl2.ts'
import { elementsOf, type XmlNode } from '../protocol/xml.ts'
import { BindingRefused } from './binding.ts'

export interface InlineWishes {
  readonly credentials: Credentials
  /** The beginning of the resource. */
  readonly tag: string
  readonly offer: InlineOffer
}

/** What is asked for beside the sign-in, all of it at once: the session before, and a new one where that is gone. */
export class InlineBinding {
  readonly #wishes: InlineWishes
  readonly #resume: Credentials['resume']

  constructor(wishes: InlineWishes) {
    this.#wishes = wishes
    this.#resume = wishes.offer.resumes ? wishes.credentials.resume : undefined
  }

  /** The server is asked for the session before. */
  get resumes(): boolean {
    return this.#resume !== undefined
  }

  get request(): readonly (XmlNode | undefined)[] {
    const { tag, offer, credentials } = this.#wishes
    return [
      this.#resume && resumeStream(this.#resume.id, this.#resume.taken),
      bindInline(tag, offer, credentials.inactive ?? false),
    ]
  }

  /**
   * What the success of the sign-in brings. @returns `undefined` where it is no session: that is to be bound behind it
   *
   * @throws BindingRefused
   */
  take(success: XmlNode): Bound | undefined {
    const { offer, credentials } = this.#wishes
    const clientState = wantsClientState(offer)
    const word = elementsOf(success)
      .map(readStreamWord)
      .find((each) => each !== undefined)
    if (word?.is === 'resumed') {
      if (!this.#resume)
        throw new BindingRefused('no session: the server goes on with one that nobody asked for', false)
      const { id, fullJid } = this.#resume
      return { fullJid, session: 'resumed', handled: word.h, managed: { id }, inline: offer, clientState }
    }
    const bound = readInlineBound(success)
    if (!bound) return undefined
    if (bound.is === 'failed')
      throw new BindingRefused(`no session: ${bound.condition}`, bound.condition === 'resource-constraint')
    const { jid } = readSasl2Success(success)
    if (!resourceOf(jid)) throw new BindingRefused('no session: the server does not say as whom', false)
    return {
      fullJid: jid,
      session: 'new',
      handled: word?.is === 'failed' ? word.h : undefined,
      managed: bound.management?.is === 'enabled' ? { id: bound.management.id } : undefined,
      inline: offer,
      clientState,
      inactive: clientState && (credentials.inactive ?? false),
      carbons: bound.carbons,
    }
  }
}
