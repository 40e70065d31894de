import type { Bound, Credentials } from '../broker/ports.ts'
import { iq, NS_CLIENT } from '../protocol/stanza.ts'
import { readStanzaError } from '../protocol/stanza-error.ts'
import { enableManagement, NS_SM, readStreamWord, resumeStream } from '../protocol/xep-0198-stream-management.ts'
import { NS_CSI } from '../protocol/xep-0352-csi.ts'
import { child, childText, el, textEl, type XmlNode } from '../protocol/xml.ts'

const NS_BIND = 'urn:ietf:params:xml:ns:xmpp-bind'
const NS_ROSTER_VERSIONS = 'urn:xmpp:features:rosterver'
const NS_STREAM = 'http://etherx.jabber.org/streams'
const BIND_ID = 'bind'

/** The server will not give us a session. */
export class BindingRefused extends Error {
  override readonly name = 'BindingRefused'
  /** Another try may get one. */
  readonly passes: boolean

  constructor(text: string, passes: boolean) {
    super(text)
    this.passes = passes
  }
}

/** Whether this is what the server can do on this stream (RFC 6120 section 4.3.2). */
export const isFeatures = (node: XmlNode): boolean => node.ns === NS_STREAM && node.name === 'features'

/**
 * What comes behind the sign-in: the session before goes on, or a new one is bound and, where the server can, made so
 * that it can go on later (XEP-0198 sections 3 and 5).
 */
export class Binding {
  readonly #resume: Credentials['resume']
  readonly #resource: string
  readonly #write: (node: XmlNode) => void
  #at: 'features' | 'resuming' | 'binding' | 'enabling' = 'features'
  #canManage = false
  /** What the server wants to hear of. */
  #wants: Pick<Bound, 'clientState' | 'rosterVersions'> = {}
  #fullJid = ''
  #handled: number | undefined

  constructor(resume: Credentials['resume'], resource: string, write: (node: XmlNode) => void) {
    this.#resume = resume
    this.#resource = resource
    this.#write = write
  }

  /** The server has been asked to go on with the session before. */
  get resuming(): boolean {
    return this.#at === 'resuming'
  }

  /** Asks for the session before, also where the server has not said yet that it can. @returns whether there is one */
  resume(): boolean {
    if (!this.#resume) return false
    this.#at = 'resuming'
    this.#write(resumeStream(this.#resume.id, this.#resume.taken))
    return true
  }

  /**
   * Takes what the server says, one element after the other. @returns the session, once there is one
   *
   * @throws BindingRefused
   */
  take(node: XmlNode): Bound | undefined {
    if (isFeatures(node)) {
      this.#canManage = child(node, NS_SM, 'sm') !== undefined
      this.#wants = {
        ...(child(node, NS_CSI, 'csi') && { clientState: true }),
        ...(child(node, NS_ROSTER_VERSIONS, 'ver') && { rosterVersions: true }),
      }
    }
    if (this.#at === 'features') this.#featuresCame(node)
    else if (this.#at === 'binding') return this.#bindAnswered(node)
    else return this.#managementAnswered(node)
    return undefined
  }

  #featuresCame(node: XmlNode): void {
    if (!isFeatures(node) || !child(node, NS_BIND, 'bind')) return
    if (!this.#canManage || !this.resume()) this.#bind()
  }

  #bind(): void {
    this.#at = 'binding'
    const bind = el(NS_BIND, 'bind', undefined, textEl(NS_BIND, 'resource', this.#resource))
    this.#write(iq({ type: 'set', id: BIND_ID }, bind))
  }

  #bindAnswered(node: XmlNode): Bound | undefined {
    if (node.ns !== NS_CLIENT || node.name !== 'iq' || node.attrs['id'] !== BIND_ID) return undefined
    const bound = child(node, NS_BIND, 'bind')
    const jid = bound && childText(bound, NS_BIND, 'jid')
    if (node.attrs['type'] !== 'result' || !jid) {
      const { condition, type } = readStanzaError(node)
      throw new BindingRefused(`no session: ${condition}`, type === 'wait')
    }
    this.#fullJid = jid
    if (!this.#canManage) return this.#bound(undefined)
    this.#at = 'enabling'
    this.#write(enableManagement())
    return undefined
  }

  #managementAnswered(node: XmlNode): Bound | undefined {
    const word = readStreamWord(node)
    if (this.#at === 'resuming') {
      if (word?.is === 'resumed' && this.#resume) {
        const { fullJid, id } = this.#resume
        return { fullJid, session: 'resumed', handled: word.h, managed: { id }, ...this.#wants }
      }
      if (word?.is !== 'failed') return undefined
      this.#handled = word.h
      this.#bind()
    } else if (word?.is === 'enabled') return this.#bound({ id: word.id })
    else if (word?.is === 'failed') return this.#bound(undefined)
    return undefined
  }

  #bound(managed: Bound['managed']): Bound {
    return { fullJid: this.#fullJid, session: 'new', handled: this.#handled, managed, ...this.#wants }
  }
}
