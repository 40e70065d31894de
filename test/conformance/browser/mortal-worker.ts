// In the SharedWorker: the built one, which tests can end (`harness.endWorker`) where the browser's tools cannot.

interface WorkerScope {
  onconnect: ((event: MessageEvent) => void) | null
  close(): void
}

const scope = globalThis as unknown as WorkerScope // the DOM types know only windows

// Free when this worker is dead, however it died.
void navigator.locks.request('minimix-test-worker', () => new Promise<void>(() => undefined))
const channel = new BroadcastChannel('minimix-test-end')
channel.onmessage = () => scope.close()

export {} // a module, so that it can wait for another one

// Tabs may connect before the built worker listens: they are kept for it.
const early: MessageEvent[] = []
scope.onconnect = (event) => void early.push(event)
await import(/* @vite-ignore */ new URL('/dist/worker.js', location.href).href)
for (const event of early) scope.onconnect?.(event)
