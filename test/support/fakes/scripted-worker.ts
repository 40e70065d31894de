import { exposeApi } from '../../../src/adapters/comlink.ts'
import { CONTRACT_VERSION, type TabEvent } from '../../../src/contract/api.ts'
import type { Reply } from '../../../src/contract/errors.ts'
import type { Greeting } from '../../../src/contract/handshake.ts'

/** The worker's side of the contract, spoken by hand. */
export interface ScriptedWorker {
  readonly spawn: () => SharedWorker
  readonly counts: { spawned: number; hellos: number }
  /** What tabs acknowledged, oldest first. */
  readonly acks: readonly number[]
  /** What tabs said about their going, oldest first. */
  readonly goings: readonly string[]
  /** How often it was asked whether it is there. */
  readonly pings: readonly number[]
  /** The locks that hellos named. */
  readonly tabLocks: readonly string[]
  /** Calls as they came. */
  readonly calls: readonly { readonly name: string; readonly args: unknown }[]
  /** Posts a greeting on the newest connection. */
  greet(greeting: Greeting): void
  /** Posts anything on the event port of the newest hello. */
  post(batch: unknown): void
  end(): void
}

export interface ScriptedWorkerOptions {
  readonly instance?: string
  readonly lock?: string
  /** Says welcome to a hello; true unless said. */
  readonly welcomes?: boolean
  /** Answers when it is asked whether it is there; true unless said. */
  readonly answers?: boolean
  /** What a call is answered with. */
  readonly onCall?: (name: string, args: unknown) => Promise<Reply<unknown>>
}

export const batch = (seq: number, events: readonly TabEvent[], instance = 'life-1') => ({ instance, seq, events })

export function scriptedWorker(options: ScriptedWorkerOptions = {}): ScriptedWorker {
  const { instance = 'life-1', lock = 'minimix:broker:life-1', welcomes = true, answers = true } = options
  const { onCall = () => Promise.resolve({ ok: true, value: null, afterSeq: 0 }) } = options
  const counts = { spawned: 0, hellos: 0 }
  const acks: number[] = []
  const goings: string[] = []
  const pings: number[] = []
  const tabLocks: string[] = []
  const calls: { name: string; args: unknown }[] = []
  const open: MessagePort[] = []
  let newest: MessagePort | undefined
  let events: MessagePort | undefined

  const greet = (greeting: Greeting): void => newest?.postMessage(greeting)

  return {
    counts,
    acks,
    goings,
    pings,
    tabLocks,
    calls,
    greet,
    post: (what) => events?.postMessage(what),
    spawn() {
      counts.spawned += 1
      const { port1, port2 } = new MessageChannel()
      open.push(port1, port2)
      newest = port2
      port2.onmessage = ({ data: hello, ports: [callPort, eventPort] }) => {
        counts.hellos += 1
        tabLocks.push(hello.lock)
        if (!callPort || !eventPort) return
        open.push(callPort, eventPort)
        events = eventPort
        eventPort.onmessage = ({ data }) => {
          if (data.ack !== undefined) acks.push(data.ack)
          if (data.going !== undefined) goings.push(data.going)
          if (data.ping !== undefined) pings.push(data.ping)
          if (data.ping !== undefined && answers) eventPort.postMessage({ pong: data.ping })
        }
        const call = (name: string, args: unknown): Promise<Reply<unknown>> => {
          calls.push({ name, args })
          return onCall(name, args)
        }
        // The replies of a test are of any type; the tab checks none of them.
        exposeApi({ call } as unknown as Parameters<typeof exposeApi>[0], callPort)
        if (welcomes) greet({ minimix: 'welcome', contract: CONTRACT_VERSION, instance })
      }
      greet({ minimix: 'born', contract: CONTRACT_VERSION, instance, lock })
      return { port: port1, onerror: null } as unknown as SharedWorker // the two things that the SDK touches
    },
    end() {
      for (const port of open) port.close()
    },
  }
}
