// In the worker, shared or of one tab: the built broker, with a log that throws, which tests hear all the same
// (`minimix-test-log`), and with faults: one at its birth, and those that tests cause (`minimix-test-fault`).
import type { BrokerStart } from '../../../src/start-broker.ts'

interface WorkerScope {
  onconnect: ((event: MessageEvent) => void) | null
  onmessage: ((event: MessageEvent) => void) | null
}

const scope = globalThis as unknown as WorkerScope // the DOM types know only windows

// Tabs may connect before the broker listens: they are kept for it.
const early: MessageEvent[] = []
const keep = (event: MessageEvent): void => void early.push(event)
const isShared = 'SharedWorkerGlobalScope' in globalThis
if (isShared) scope.onconnect = keep
else scope.onmessage = keep

const records = new BroadcastChannel('minimix-test-log')
const faults = new BroadcastChannel('minimix-test-fault')
faults.onmessage = ({ data }) => {
  if (data === 'throw') throw new Error('thrown on purpose')
  if (data === 'reject') void Promise.reject(new Error('rejected on purpose'))
}

const url = new URL('/dist/broker.js', location.href).href
const { startBroker }: { startBroker(options: BrokerStart): void } = await import(/* @vite-ignore */ url)
startBroker({
  log(record) {
    records.postMessage(record)
    throw new Error('a log that throws')
  },
})
queueMicrotask(() => {
  throw new Error('thrown at birth')
})
for (const event of early) (isShared ? scope.onconnect : scope.onmessage)?.(event)
