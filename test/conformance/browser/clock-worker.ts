// In the SharedWorker: the built one, with a clock that tests can put forward (`harness.advance`).

interface WorkerScope {
  onconnect: ((event: MessageEvent) => void) | null
}

interface Timer {
  readonly dueMs: number
  readonly run: () => void
  readonly real: ReturnType<typeof setTimeout>
}

const scope = globalThis as unknown as WorkerScope // the DOM types know only windows
const real = {
  now: Date.now.bind(Date),
  setTimeout: globalThis.setTimeout.bind(globalThis),
  clearTimeout: globalThis.clearTimeout.bind(globalThis),
}
const timers = new Map<number, Timer>()
let aheadMs = 0
/** What was sent and may have an answer that must not be late by the clock of the tests. */
let asked = false
let onAnswer: () => void = () => undefined
/** How long an answer may take in real time. */
const ANSWER_MS = 2_000

/** The worker's own connections, seen from here. */
globalThis.WebSocket = class extends WebSocket {
  constructor(...args: ConstructorParameters<typeof WebSocket>) {
    super(...args)
    // When whoever else listens has had it.
    this.addEventListener('message', () => real.setTimeout(onAnswer, 0))
  }

  override send(data: string): void {
    // An acknowledgement is an answer itself.
    asked ||= !data.startsWith('<a ')
    super.send(data)
  }
}
let lastId = 0

Date.now = () => real.now() + aheadMs

globalThis.setTimeout = ((run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
  const id = ++lastId
  const due = (): void => {
    timers.delete(id)
    run(...args)
  }
  timers.set(id, { dueMs: Date.now() + ms, run: due, real: real.setTimeout(due, ms) })
  return id
}) as typeof setTimeout // the overloads for Node and for text are nobody's here

globalThis.clearTimeout = (id) => {
  const timer = timers.get(Number(id))
  timers.delete(Number(id))
  if (timer) real.clearTimeout(timer.real)
}

/** Runs what falls due on the way, in its order, each in a turn of its own. */
async function advance(ms: number): Promise<void> {
  const goalMs = Date.now() + ms
  for (;;) {
    const [next] = [...timers.values()].filter(({ dueMs }) => dueMs <= goalMs).sort((a, b) => a.dueMs - b.dueMs)
    if (!next) break
    aheadMs = Math.max(aheadMs, next.dueMs - real.now())
    real.clearTimeout(next.real)
    asked = false
    const answered = new Promise<void>((resolve) => {
      onAnswer = resolve
      real.setTimeout(resolve, ANSWER_MS)
    })
    next.run()
    await new Promise<void>((resolve) => real.setTimeout(resolve, 0))
    if (asked) await answered
  }
  aheadMs = Math.max(aheadMs, goalMs - real.now())
}

const channel = new BroadcastChannel('minimix-test-clock')
channel.onmessage = ({ data }) => {
  if (typeof data?.advance !== 'number') return
  void advance(data.advance).then(() => channel.postMessage('advanced'))
}

export {} // a module, so that it can wait for another one

// Tabs may connect before the built worker listens: they are kept for it.
const early: MessageEvent[] = []
scope.onconnect = (event) => void early.push(event)
await import(/* @vite-ignore */ new URL('/dist/worker.js', location.href).href)
for (const event of early) scope.onconnect?.(event)
