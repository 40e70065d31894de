import { type BrokerApi, CONTRACT_VERSION } from '../contract/api.ts'
import { type Failure, failure } from '../contract/errors.ts'
import { type Greeting, type Hello, isHello, isTabWord } from '../contract/handshake.ts'
import type { Port } from '../contract/port.ts'
import type { AttachedTab } from './broker.ts'
import type { EventPort, Locks, PortsOf } from './ports.ts'

/** Who lets tabs in: the broker of their account, or what there is in its place. */
export type Entrance =
  | { attach(tab: string, port: EventPort): AttachedTab }
  /** Another worker of that contract. */
  | { readonly elsewhere: number }
  | { readonly refused: Failure }

export interface DoorOptions {
  readonly instance: string
  /** The lock that the worker holds during this life, and when it is held. */
  readonly lock: { readonly name: string; readonly held: Promise<unknown> }
  readonly locks: Locks
  /** Of an account; rejects where this worker serves another one. */
  readonly entranceOf: (account: string) => Promise<Entrance>
  readonly expose: (api: BrokerApi, port: Port) => void
}

/**
 * Lets tabs in, during one life of the worker: hello, welcome, and for each tab a port for calls and one for events. A
 * tab is let go when its lock falls free, whichever way it died.
 */
export class Door {
  readonly #options: DoorOptions
  /** Where a hello was said. */
  readonly #ports = new Set<Port>()
  #closed = false

  constructor(options: DoorOptions) {
    this.#options = options
  }

  open(port: Port, portsOf: PortsOf): void {
    const { instance, lock } = this.#options
    const born: Greeting = { minimix: 'born', contract: CONTRACT_VERSION, instance, lock: lock.name }
    port.onmessage = (event: MessageEvent) => {
      if (!isHello(event.data) || this.#closed) return
      void this.#letIn(event.data, port, portsOf(event))
    }
    // A lock that is not held yet would look like that of a worker that has died.
    lock.held.then(
      () => this.#closed || port.postMessage(born),
      (error: unknown) => refuse(port, failure('worker-unavailable', `the lock of the worker: ${String(error)}`)),
    )
  }

  /** Nobody is in, or on the way in. */
  get isEmpty(): boolean {
    return this.#ports.size === 0
  }

  /** Lets nobody in any more. With a failure every tab is told that it has no more to expect here. */
  close(error?: Failure): void {
    this.#closed = true
    for (const port of this.#ports) if (error) refuse(port, error)
    this.#ports.clear()
  }

  #turnAway(port: Port, error: Failure): void {
    this.#ports.delete(port)
    refuse(port, error)
  }

  async #letIn(hello: Hello, port: Port, [calls, events]: readonly (Port | undefined)[]): Promise<void> {
    const { instance, locks, entranceOf, expose } = this.#options
    if (!calls || !events) return
    this.#ports.add(port)
    if (hello.contract !== CONTRACT_VERSION) {
      const versions = `this tab speaks version ${hello.contract}, the worker version ${CONTRACT_VERSION}`
      this.#turnAway(port, failure('outdated', `${versions}: reload`))
      return
    }
    try {
      const entrance = await entranceOf(hello.account)
      if (this.#closed) return // its lock is free by now, and the tab looks for the next life
      if ('refused' in entrance) {
        this.#turnAway(port, entrance.refused)
        return
      }
      if ('elsewhere' in entrance) {
        this.#ports.delete(port)
        port.postMessage({ minimix: 'elsewhere', contract: entrance.elsewhere } satisfies Greeting)
        return
      }
      const tab = entrance.attach(hello.tab, { post: (batch) => events.postMessage(batch) })
      const end = (): void => {
        tab.detach()
        this.#ports.delete(port)
        for (const each of [calls, events, port]) each.close()
      }
      events.onmessage = ({ data }: MessageEvent) => {
        if (!isTabWord(data)) return
        if ('ack' in data) tab.acknowledge(data.ack)
        else if ('ping' in data) events.postMessage({ pong: data.ping })
        else if (data.going === 'kept') tab.suspend()
        else end()
      }
      expose(tab.api, calls)
      locks.whenFree(hello.lock, new AbortController().signal).then(end, end)
      port.postMessage({ minimix: 'welcome', contract: CONTRACT_VERSION, instance } satisfies Greeting)
    } catch (error) {
      if (this.#closed) return
      this.#turnAway(port, failure('worker-unavailable', error instanceof Error ? error.message : String(error)))
    }
  }
}

function refuse(port: Port, error: Failure): void {
  port.postMessage({ minimix: 'refused', contract: CONTRACT_VERSION, error } satisfies Greeting)
}
