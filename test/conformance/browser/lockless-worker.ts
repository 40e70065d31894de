// In a tab's own worker: the built one, in a browser without Web Locks.

Object.defineProperty(navigator, 'locks', { value: undefined })

export {} // a module, so that it can wait for another one

// The tab may speak before the built worker listens: what it says is kept.
const early: MessageEvent[] = []
globalThis.onmessage = (event) => void early.push(event)
await import(/* @vite-ignore */ new URL('/dist/worker.js', location.href).href)
for (const event of early) globalThis.onmessage?.call(globalThis as unknown as Window & typeof globalThis, event)
