import { exposeApi } from './adapters/comlink.ts'
import { systemClock } from './adapters/system-clock.ts'
import { sha1 } from './adapters/web-crypto.ts'
import { webLocks } from './adapters/web-locks.ts'
import { webSocketUpstream } from './adapters/websocket-upstream.ts'
import { Broker } from './broker/broker.ts'
import { openDoor } from './broker/door.ts'
import { ownCaps } from './broker/responder.ts'
import type { Retention } from './broker/retention.ts'
import { idbStore, StoreBlocked } from './storage/idb-store.ts'
import { memoryStore } from './storage/memory-store.ts'
import type { Store } from './storage/store.ts'

interface SharedWorkerScope {
  addEventListener(type: 'online', listener: () => void): void
  onconnect: ((event: MessageEvent) => void) | null
}

export interface BrokerStart {
  /** How much of the archive is kept in this browser. */
  readonly retention?: Retention
}

/**
 * Makes this SharedWorker the broker of one account: whichever account the first tab names.
 *
 * Call it once, while the script is first run: a tab that connects before `onconnect` is set is not heard.
 */
export function startBroker({ retention }: BrokerStart = {}): void {
  const scope = globalThis as unknown as SharedWorkerScope // the DOM types know only windows
  const clock = systemClock()
  const locks = webLocks(navigator.locks)
  const instance = clock.newId()
  const lock = `minimix:broker:${instance}`
  let account: string | undefined
  let broker: Promise<Broker> | undefined

  const open = openDoor({
    instance,
    lock: { name: lock, held: locks.hold(lock) },
    locks,
    expose: exposeApi,
    brokerOf(wanted) {
      account ??= wanted
      if (wanted !== account) return Promise.reject(new Error(`this worker serves ${account}`))
      broker ??= Promise.all([openStore(account), ownCaps(sha1)]).then(
        ([opened, caps]) =>
          new Broker({
            ...opened,
            account: wanted,
            instance,
            engine: 'shared-worker',
            upstream: webSocketUpstream(),
            clock,
            locks,
            caps,
            ...(retention && { retention }),
          }),
      )
      return broker
    },
  })
  scope.addEventListener('online', () => void broker?.then((each) => each.networkIsBack()))
  scope.onconnect = ({ ports: [port] }) => port && open(port)
}

/** Private windows and full disks have no IndexedDB: the chat goes on without an archive. */
async function openStore(account: string): Promise<{ readonly store: Store; readonly blocked: boolean }> {
  try {
    return { store: await idbStore(`minimix:${account}`), blocked: false }
  } catch (error) {
    return { store: memoryStore(), blocked: error instanceof StoreBlocked }
  }
}
