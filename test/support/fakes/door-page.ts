import { callPort } from '../../../src/adapters/call-port.ts'
import { webLocks } from '../../../src/adapters/web-locks.ts'
import type { PortsOf } from '../../../src/broker/ports.ts'
import { type BrokerApi, CONTRACT_VERSION } from '../../../src/contract/api.ts'
import type { Greeting, Hello } from '../../../src/contract/handshake.ts'
import type { LockAgent, LockTable } from './fake-locks.ts'
import { ACCOUNT } from './room-xml.ts'
import { turns } from './turn.ts'

/** A page at the door of a worker, spoken by hand. */
export interface DoorPage {
  readonly agent: LockAgent
  /** Its end of the port. */
  readonly port: MessagePort
  /** What it was told there, oldest first. */
  readonly heard: readonly Greeting[]
  /** Holds its lock, and says hello. */
  hello(words?: object): Promise<{ readonly api: BrokerApi; readonly events: MessagePort; readonly batches: unknown[] }>
}

export interface DoorPageOptions {
  readonly locks: LockTable
  /** Where it connects. */
  readonly open: (port: MessagePort, portsOf: PortsOf) => void
  /** Ports to be closed at the end of the test. */
  readonly ports: MessagePort[]
  readonly tab?: string
}

export const helloOf = (tab: string): Hello => ({
  minimix: 'hello',
  contract: CONTRACT_VERSION,
  tab,
  lock: `minimix:tab:${tab}`,
  account: ACCOUNT,
})

export function doorPage({ locks, open, ports, tab = 't1' }: DoorPageOptions): DoorPage {
  const channel = (): MessageChannel => {
    const made = new MessageChannel()
    ports.push(made.port1, made.port2)
    return made
  }
  const agent = locks.agent()
  const { port1, port2 } = channel()
  const heard: Greeting[] = []
  port1.onmessage = ({ data }) => heard.push(data)
  open(port2, (event) => event.ports)
  return {
    agent,
    port: port1,
    heard,
    async hello(words = {}) {
      const hello = helloOf(tab)
      await webLocks(agent.manager).hold(hello.lock)
      const [calls, events] = [channel(), channel()]
      const batches: unknown[] = []
      events.port1.onmessage = ({ data }) => batches.push(data)
      port1.postMessage({ ...hello, ...words }, [calls.port2, events.port2])
      await turns(4)
      return { api: callPort(calls.port1), events: events.port1, batches }
    },
  }
}
