import { MinimixError } from '../contract/errors.ts'
import type { PluginWorker } from '../contract/plugin.ts'
import { NS_DISCO_INFO, readDiscoInfo } from '../protocol/xep-0030-disco.ts'
import { publishQuery } from '../protocol/xep-0163-pep.ts'
import { el, type XmlNode } from '../protocol/xml.ts'

type Asker = Pick<PluginWorker, 'account' | 'request'>

/** So many questions at a time: a tab may want the pictures of a whole room. */
const AT_ONCE = 8

/** Asks people and rooms for what they may not have. */
export class Requester {
  readonly #worker: Asker
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(worker: Asker) {
    this.#worker = worker
  }

  /** @returns the result; `undefined` where they have none, or do not let us see it. @throws MinimixError `timeout` */
  async get(jid: string, payload: XmlNode): Promise<XmlNode | undefined> {
    if (this.#running >= AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#running += 1
    try {
      return await this.#worker.request({ type: 'get', payload, ...(jid !== this.#worker.account && { to: jid }) })
    } catch (error) {
      if (error instanceof MinimixError && error.code !== 'timeout') return undefined
      throw error
    } finally {
      this.#running -= 1
      this.#waiting.shift()?.()
    }
  }
}

/** Publishes one item for everybody; where the node is there already, by the rules that it has. */
export async function publishOpenly(worker: Asker, node: string, item: string, payload: XmlNode): Promise<void> {
  const publish = (open: boolean): Promise<XmlNode> =>
    worker.request({ type: 'set', payload: publishQuery(node, item, payload, open) })
  try {
    await publish(true)
  } catch (error) {
    if (!(error instanceof MinimixError) || error.code === 'timeout') throw error
    await publish(false)
  }
}

/** What the server can do for the account, as it says. */
export async function serverHas(worker: Asker, feature: string): Promise<boolean> {
  try {
    const info = readDiscoInfo(
      await worker.request({ to: worker.account, type: 'get', payload: el(NS_DISCO_INFO, 'query') }),
    )
    return info?.features.has(feature) ?? false
  } catch (error) {
    if (error instanceof MinimixError) return false
    throw error
  }
}
