// In the page: the built SDK in the room that the worker of the benches feeds, and the bare ways beside.
import { expose } from 'comlink'
import type { TabEvent } from '../../src/contract/api.ts'
import type * as Sdk from '../../src/index.ts'
import {
  ACCOUNT,
  type Hearing,
  numberOf,
  type PageWord,
  ROOM,
  type Way,
  WORKER,
  type WorkerWord,
} from './feed-words.ts'

// The built package, by the address under which the test site serves it.
const sdk: typeof Sdk = await import(/* @vite-ignore */ new URL('/dist/index.js', location.href).href)
// The options of the SDK's own, or the browser would not let both in.
const options = { type: 'module', name: 'minimix:bench', extendedLifetime: true }
const spawn = (): SharedWorker => new SharedWorker(new URL(WORKER, location.href), options as WorkerOptions)

const { port } = spawn()
/** Number of the message that is to come next, and how many there are to be by then. */
let next = 0
let end = Number.POSITIVE_INFINITY
let onEnd: () => void = () => undefined
/** What came and should not have, or not yet. */
let fault: string | undefined
let onDone: (ms: number) => void = () => undefined
const DEADLINE_MS = 30_000

/** What does not come is an error, with what came instead. */
async function inTime<T>(what: string, coming: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${what}: not within ${DEADLINE_MS} ms; ${fault ?? `the next would be ${next}`}`)),
      DEADLINE_MS,
    )
  })
  try {
    return await Promise.race([coming, late])
  } finally {
    clearTimeout(timer)
  }
}

function hear(body: string): void {
  const n = numberOf(body)
  if (n !== next) fault ??= `message ${n} instead of ${next}`
  next += 1
  if (next === end) onEnd()
}

function hearEvent(event: TabEvent): void {
  if (event.kind === 'message') hear(event.message.body)
}

function tell(word: PageWord, transfer: Transferable[] = []): void {
  port.postMessage(word, transfer)
}

function ask(word: PageWord, transfer?: Transferable[]): Promise<number> {
  const done = new Promise<number>((resolve) => {
    onDone = resolve
  })
  tell(word, transfer)
  return inTime(word.bench, done)
}

port.onmessage = ({ data }: MessageEvent<WorkerWord | { readonly minimix: string }>) => {
  if ('minimix' in data) return // a greeting, for who has no broker yet
  if (!('bench' in data)) {
    for (const event of data) hearEvent(event)
  } else if (data.bench === 'done') onDone(data.ms)
  else {
    next = data.first
    end = data.first + data.count
    onEnd = () => tell({ bench: 'got' })
    tell({ bench: 'ready' })
  }
}

const page = {
  /** Is in the room, and listens. */
  async enter(): Promise<void> {
    const account = await sdk.connect({ jid: ACCOUNT, password: 'a password', worker: spawn })
    const room = account.room(ROOM)
    await room.join({ nick: 'Juliet' })
    room.on('message', ({ body }) => hear(body))
    const { port1, port2 } = new MessageChannel()
    expose({ hear: hearEvent } satisfies Hearing, port1)
    await ask({ bench: 'here' }, [port2])
  },

  /** Milliseconds until every page has so many further messages, each once and in their order. */
  async run(way: Way, count: number): Promise<number> {
    const ms = await ask({ bench: 'run', way, count })
    page.check()
    return ms
  },

  /** Resolves when the room has said so many further messages. */
  say: (count: number): Promise<number> => ask({ bench: 'say', count }),

  /** Resolves when messages up to that number have come. */
  until(number: number): Promise<void> {
    const come = new Promise<void>((resolve) => {
      end = number
      onEnd = resolve
      if (next >= end) resolve()
    })
    return inTime(`message ${number - 1}`, come)
  },

  /** How many there were, and whether each was the right one. */
  check(): number {
    if (fault !== undefined) throw new Error(fault)
    return next
  },
}

export type FeedPage = typeof page

declare global {
  var feedPage: FeedPage
}

globalThis.feedPage = page
document.title = 'ready'
