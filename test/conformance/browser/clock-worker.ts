// In the SharedWorker: the built one, with a clock that tests can put forward (`harness.advance`), and which they can end.

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
/** What was sent and has had no answer: by the clock of the tests none may be late only because that clock jumps. */
const unanswered = new Set<string>()
let onHeard: () => void = () => undefined
/** How much was sent and heard. */
let activity = 0
/** How long an answer may take in real time. */
const ANSWER_MS = 2_000
/** How long the worker may take, in real time, until what falls due has been sent: something may be stored before. */
const SEND_MS = 20

/** What answers that: the result of a request, an acknowledgement, or whatever comes next. */
function awaited(text: string): string | undefined {
  if (text.startsWith('<a ')) return undefined // an answer itself
  if (text.startsWith('<r ')) return 'a'
  return /^<iq [^>]*?type=["'](?:get|set)["']/.test(text) ? `iq ${idOf(text)}` : 'anything'
}

const idOf = (text: string): string | undefined => /^<iq [^>]*?\bid=["']([^"']*)["']/.exec(text)?.[1]

/** The worker's own connections, seen from here. */
globalThis.WebSocket = class extends WebSocket {
  constructor(...args: ConstructorParameters<typeof WebSocket>) {
    super(...args)
    const heard = (...answered: readonly string[]): void => {
      activity += 1
      for (const each of answered) unanswered.delete(each)
      // When whoever else listens has had it.
      real.setTimeout(() => onHeard(), 0)
    }
    unanswered.add('a connection')
    for (const name of ['open', 'error', 'close']) this.addEventListener(name, () => heard('a connection'))
    this.addEventListener('message', ({ data }) => {
      heard('anything', String(data).startsWith('<a ') ? 'a' : `iq ${idOf(String(data))}`)
    })
  }

  override send(data: string): void {
    const answer = awaited(data)
    if (answer !== undefined) unanswered.add(answer)
    activity += 1
    super.send(data)
  }
}

/** Whatever fell due has been sent, and has its answer, or never gets one; and nothing more follows from that. */
async function untilAnswered(): Promise<void> {
  const lastMs = real.now() + ANSWER_MS
  let before: number
  do {
    before = activity
    await new Promise<void>((resolve) => real.setTimeout(resolve, SEND_MS))
    while (unanswered.size > 0 && real.now() < lastMs)
      await new Promise<void>((resolve) => {
        onHeard = resolve
        real.setTimeout(resolve, lastMs - real.now())
      })
  } while (activity !== before && real.now() < lastMs)
  unanswered.clear()
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
  await untilAnswered()
  const goalMs = Date.now() + ms
  for (;;) {
    const [next] = [...timers.values()].filter(({ dueMs }) => dueMs <= goalMs).sort((a, b) => a.dueMs - b.dueMs)
    if (!next) break
    aheadMs = Math.max(aheadMs, next.dueMs - real.now())
    real.clearTimeout(next.real)
    next.run()
    await untilAnswered()
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
await import('./mortal-worker.ts')
for (const event of early) scope.onconnect?.(event)
