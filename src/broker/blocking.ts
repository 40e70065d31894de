import { type Failure, failure } from '../contract/errors.ts'
import type { LogLevel } from '../contract/model.ts'
import { domainOf } from '../protocol/jid.ts'
import { type Envelope, iq } from '../protocol/stanza.ts'
import {
  type BlockChange,
  blockRequest,
  fetchBlocked,
  isAmong,
  readBlocked,
  readBlockPush,
} from '../protocol/xep-0191-blocking.ts'
import type { XmlNode } from '../protocol/xml.ts'
import { resultOf } from './answers.ts'

export interface BlockingWorld {
  readonly ownJid: () => string
  readonly ask: (request: XmlNode) => Promise<XmlNode | undefined>
  readonly newId: () => string
  readonly log: (level: LogLevel, text: string) => void
}

const NOT_READ = failure('offline', 'blocking: not read yet')

/** Whom the account does not want to hear: the server keeps the list, and tells of changes by other devices. */
export class Blocking {
  readonly #world: BlockingWorld
  #blocked: ReadonlySet<string> = new Set()
  /** Why the list is not known. */
  #unknown: Failure | undefined = NOT_READ
  /** Ends with the reading that is under way: who asks meanwhile waits for it. */
  #reading: Promise<void> = Promise.resolve()

  constructor(world: BlockingWorld) {
    this.#world = world
  }

  /** A session has begun. Until the answer is there the list of before holds. */
  online(): void {
    this.#reading = this.#read()
  }

  async #read(): Promise<void> {
    const { ask, newId, log } = this.#world
    const found = resultOf(await ask(fetchBlocked(newId())), 'blocking')
    const list = 'result' in found ? readBlocked(found.result) : undefined
    if (list) {
      this.#blocked = new Set(list)
      this.#unknown = undefined
      return
    }
    if ('error' in found) this.#unknown = found.error
    log('info', `blocking: the server has no list (${this.#unknown?.message ?? 'it says nothing'})`)
  }

  async list(): Promise<{ readonly jids: readonly string[] } | { readonly error: Failure }> {
    await this.#reading
    return this.#unknown ? { error: this.#unknown } : { jids: [...this.#blocked] }
  }

  has(jid: string): boolean {
    return isAmong(this.#blocked, jid)
  }

  /** @returns what went wrong; `undefined` for nothing */
  async change(change: BlockChange): Promise<Failure | undefined> {
    const { ask, newId } = this.#world
    const found = resultOf(await ask(blockRequest(newId(), change)), `${change.change} ${change.jids.join(' ')}`)
    if ('error' in found) return found.error
    this.#apply(change)
    return undefined
  }

  /** A request of the network. @returns its answer, where it is such a push and comes from whoever keeps the list */
  push({ type, id, from }: Envelope, request: XmlNode): XmlNode | undefined {
    const own = this.#world.ownJid()
    if (type !== 'set' || id === undefined || ![undefined, own, domainOf(own)].includes(from)) return undefined
    const change = readBlockPush(request)
    if (!change) return undefined
    this.#apply(change)
    return iq({ type: 'result', id, to: from })
  }

  #apply({ change, jids }: BlockChange): void {
    const kept = [...this.#blocked].filter((jid) => jids.length > 0 && !jids.includes(jid))
    this.#blocked = new Set(change === 'block' ? [...this.#blocked, ...jids] : kept)
  }
}
