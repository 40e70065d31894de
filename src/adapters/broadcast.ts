import type { Broadcast, PortsOf } from '../broker/ports.ts'
import { callsOf, doorOf, eventsOf } from '../contract/broadcasts.ts'
import { isOpenWord } from '../contract/handshake.ts'
import type { Port } from '../contract/port.ts'

export function broadcast(name: string): Broadcast {
  const channel = new BroadcastChannel(name)
  return {
    post: (message) => channel.postMessage(message),
    listen(onMessage) {
      channel.onmessage = ({ data }) => onMessage(data)
    },
  }
}

/** As a port is: what is posted to one that is closed is lost, and no error. */
class WayChannel extends BroadcastChannel {
  #closed = false

  override postMessage(message: unknown): void {
    if (!this.#closed) super.postMessage(message)
  }

  override close(): void {
    this.#closed = true
    super.close()
  }
}

/**
 * Lets pages in that have no port to this worker: each way is three broadcasts that only page and worker know.
 *
 * @returns hears no further ones; the ways that are open stay open
 */
export function hearPages(account: string, open: (port: Port, portsOf: PortsOf) => void): () => void {
  const door = new BroadcastChannel(doorOf(account))
  /** A broadcast keeps nothing for who is not there yet, so a page asks until it is heard. */
  const known = new Set<string>()
  door.onmessage = ({ data }) => {
    if (!isOpenWord(data) || known.has(data.way)) return
    const { way } = data
    known.add(way)
    open(new WayChannel(way), () => [new WayChannel(callsOf(way)), new WayChannel(eventsOf(way))])
  }
  return () => door.close()
}
