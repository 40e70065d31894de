import { readdirSync, readFileSync } from 'node:fs'
import type { TestPage } from './test-browser.ts'

/** More than a page, or another one in the same moment, starts by itself. */
const WORKERS = 7
/** One question at a time: two pages that answered at once could not be told apart. */
let last: Promise<unknown> = Promise.resolve()

/**
 * The id of the process in which a page runs. No tool tells it: it is the one that starts as many threads of workers as
 * the page starts workers. Linux only.
 *
 * @param threadName how the browser calls the threads of workers
 */
export function contentProcessOf(page: TestPage, threadName: string): Promise<number> {
  const asked = last.then(() => ask(page, threadName))
  last = asked.catch(() => undefined)
  return asked
}

async function ask(page: TestPage, threadName: string): Promise<number> {
  const before = new Set(threadsNamed(threadName).map(({ thread }) => thread))
  await page.evaluate(async (count) => {
    const url = URL.createObjectURL(new Blob(['postMessage(0)']))
    const workers = Array.from({ length: count }, () => new Worker(url))
    await Promise.all(workers.map((worker) => new Promise((resolve) => worker.addEventListener('message', resolve))))
    Object.assign(globalThis, { testWorkers: workers })
  }, WORKERS)
  const started = threadsNamed(threadName).filter(({ thread }) => !before.has(thread))
  await page.evaluate(() => {
    const workers: unknown = Reflect.get(globalThis, 'testWorkers')
    if (Array.isArray(workers)) for (const worker of workers) worker.terminate()
  })
  const pid = started.find((one) => started.filter((other) => other.pid === one.pid).length >= WORKERS)?.pid
  if (pid === undefined) throw new Error('the process of the page was not found')
  return pid
}

interface Thread {
  readonly pid: number
  readonly thread: string
}

/** The threads of that name, in whichever process. */
function threadsNamed(name: string): Thread[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) =>
      entriesOf(`/proc/${pid}/task`)
        .filter((thread) => textOf(`/proc/${pid}/task/${thread}/comm`).startsWith(name))
        .map((thread) => ({ pid: Number(pid), thread })),
    )
}

/** Resolves when the process has ended: it is gone, or waits for its parent to take note. */
export async function untilEnded(pid: number, ms: number): Promise<void> {
  const lastMs = performance.now() + ms
  while (!/^$|\) [ZX] /.test(textOf(`/proc/${pid}/stat`))) {
    if (performance.now() > lastMs) throw new Error(`process ${pid} has not ended within ${ms} ms`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Empty where the process has ended meanwhile. */
function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
