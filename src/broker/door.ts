import { type BrokerApi, CONTRACT_VERSION, type Greeting, type Hello, isAck, isHello } from '../contract/api.ts'
import { type Failure, failure } from '../contract/errors.ts'
import type { AttachedTab } from './broker.ts'
import type { EventPort, Locks } from './ports.ts'

export interface DoorOptions {
  readonly instance: string
  /** The lock that this worker holds while it lives, and when it is held. */
  readonly lock: { readonly name: string; readonly held: Promise<unknown> }
  readonly locks: Locks
  /** The broker of an account; rejects where this worker serves another one. */
  readonly brokerOf: (account: string) => Promise<{ attach(tab: string, port: EventPort): AttachedTab }>
  readonly expose: (api: BrokerApi, port: MessagePort) => void
}

/**
 * Lets tabs in: hello, welcome, and for each tab a port for calls and one for events. A tab is let go when its lock
 * falls free, whichever way it died.
 */
export function openDoor(options: DoorOptions): (port: MessagePort) => void {
  const { instance, lock } = options
  const born: Greeting = { minimix: 'born', contract: CONTRACT_VERSION, instance, lock: lock.name }
  return (port) => {
    port.onmessage = ({ data, ports }) => {
      if (isHello(data)) void letIn(data, port, ports, options)
    }
    // A lock that is not held yet would look like that of a worker that has died.
    lock.held.then(
      () => port.postMessage(born),
      (error: unknown) => refuse(port, failure('worker-unavailable', `the lock of the worker: ${String(error)}`)),
    )
  }
}

function refuse(port: MessagePort, error: Failure): void {
  port.postMessage({ minimix: 'refused', contract: CONTRACT_VERSION, error } satisfies Greeting)
}

async function letIn(
  hello: Hello,
  port: MessagePort,
  ports: readonly MessagePort[],
  options: DoorOptions,
): Promise<void> {
  const { instance, locks, brokerOf, expose } = options
  const [calls, events] = ports
  if (!calls || !events) return
  if (hello.contract !== CONTRACT_VERSION) {
    refuse(
      port,
      failure('outdated', `this tab speaks version ${hello.contract}, the worker version ${CONTRACT_VERSION}: reload`),
    )
    return
  }
  try {
    const broker = await brokerOf(hello.account)
    const tab = broker.attach(hello.tab, { post: (batch) => events.postMessage(batch) })
    events.onmessage = ({ data }) => {
      if (isAck(data)) tab.acknowledge(data.ack)
    }
    expose(tab.api, calls)
    void locks.whenFree(hello.lock, new AbortController().signal).then(() => {
      tab.detach()
      for (const each of [calls, events]) each.close()
    })
    port.postMessage({ minimix: 'welcome', contract: CONTRACT_VERSION, instance } satisfies Greeting)
  } catch (error) {
    refuse(port, failure('worker-unavailable', error instanceof Error ? error.message : String(error)))
  }
}
