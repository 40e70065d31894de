import { failure, MinimixError } from '../contract/errors.ts'
import type { PluginWorker } from '../contract/plugin.ts'
import { domainOf } from '../protocol/jid.ts'
import { NS_DISCO_INFO, NS_DISCO_ITEMS, readDiscoItems } from '../protocol/xep-0030-disco.ts'
import { readSlot, readUploadService, type Slot, slotRequest } from '../protocol/xep-0363-http-upload.ts'
import { el } from '../protocol/xml.ts'

interface Service {
  readonly jid: string
  readonly maxBytes: number | undefined
}

interface FileFacts {
  readonly name: string
  readonly size: number
  readonly mediaType: string
}

/** A server has few parts; of one that lists more no more are asked. */
const MOST_ASKED = 20

/** The part of the account's server that takes files: asked for once, and again where it does not answer any more. */
export class UploadService {
  readonly #worker: PluginWorker<never>
  #found: Promise<Service | undefined> | undefined

  constructor(worker: PluginWorker<never>) {
    this.#worker = worker
  }

  /**
   * @throws MinimixError `not-acceptable` for a file that is too big, with the limit in `text`; `stanza-error`, `condition:
   *   'feature-not-implemented'`, where there is no such part; `forbidden`, `timeout`, `stanza-error`
   */
  async slotFor(file: FileFacts): Promise<Slot> {
    const { jid, maxBytes } = await this.#service()
    if (maxBytes !== undefined && file.size > maxBytes) {
      const text = `the server takes files of at most ${maxBytes} bytes`
      throw new MinimixError(failure('not-acceptable', `upload of ${file.size} bytes: ${text}`, { text }))
    }
    const slot = await this.#worker.request({ to: jid, type: 'get', payload: slotRequest(file) }).catch((error) => {
      // It may be gone, or be another one.
      this.#found = undefined
      throw error
    })
    const safe = readSlot(slot)
    if (safe) return safe
    throw new MinimixError(failure('stanza-error', `upload: ${jid} gives no https: address`))
  }

  async #service(): Promise<Service> {
    this.#found ??= this.#look()
    const service = await this.#found.catch((error: unknown) => {
      this.#found = undefined
      throw error
    })
    if (service) return service
    this.#found = undefined
    const facts = { condition: 'feature-not-implemented' }
    throw new MinimixError(failure('stanza-error', 'upload: the server takes no files', facts))
  }

  async #look(): Promise<Service | undefined> {
    const server = domainOf(this.#worker.account)
    const items = await this.#worker.request({ to: server, type: 'get', payload: el(NS_DISCO_ITEMS, 'query') })
    const asked = [...(readDiscoItems(items) ?? []).slice(0, MOST_ASKED).map(({ jid }) => jid), server]
    try {
      return await Promise.any(asked.map((jid) => this.#ask(jid)))
    } catch (error) {
      const whys: readonly unknown[] = error instanceof AggregateError ? error.errors : [error]
      // Whoever did not answer may be the one.
      const silent = whys.find((why) => why instanceof MinimixError && why.code === 'timeout')
      if (silent) throw silent
      return undefined
    }
  }

  async #ask(jid: string): Promise<Service> {
    const info = await this.#worker.request({ to: jid, type: 'get', payload: el(NS_DISCO_INFO, 'query') })
    const found = readUploadService(info)
    if (found) return { jid, ...found }
    throw new Error('takes no files')
  }
}
