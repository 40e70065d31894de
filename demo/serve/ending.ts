/** How a process ends: its exit code, and a word about it where somebody must know. */
export interface End {
  readonly code: number
  readonly message?: string
}

/** A terminal, npx and tsx may each pass on one and the same Ctrl-C; no person is that fast. */
const SAME_PRESS_MS = 1_000
/** What has not been undone by then is left to the end of the process. */
const UNDO_MS = 10_000

/** The end of this process, by Ctrl-C or by a fault: what was begun is undone, the last first, once. */
export class Ending {
  readonly #undo: (() => unknown)[] = []
  readonly #begun = new AbortController()
  #atMs = 0

  /** Aborted as soon as the end begins. */
  get signal(): AbortSignal {
    return this.#begun.signal
  }

  /** From now on Ctrl-C, SIGTERM and the end of the terminal end the process in an orderly way; a second one, at once. */
  listen(): void {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(name, () => {
        if (!this.signal.aborted) void this.end({ code: 0 })
        else if (performance.now() - this.#atMs > SAME_PRESS_MS) process.exit(130)
      })
    }
    // A reader that has gone away (`demo/serve.ts | head`) is no reason to fail.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
    for (const name of ['uncaughtException', 'unhandledRejection'] as const) {
      process.on(name, (reason: unknown) => void this.end({ code: 1, message: said(reason) }))
    }
  }

  /** Has this done at the end, before what was begun earlier is undone. */
  undo(work: () => unknown): void {
    this.#undo.push(work)
  }

  /**
   * What is begun, once it is there. Should the end come first it is waited for, and undone.
   *
   * @throws whatever the beginning throws; the reason of `signal` where the end has come
   */
  async begin<T>(beginning: Promise<T>, undo: (begun: T) => unknown): Promise<T> {
    this.undo(() => beginning.then(undo, () => undefined)) // a beginning that failed has nothing to undo
    const begun = await beginning
    this.signal.throwIfAborted()
    return begun
  }

  /** Ends the process. The first call decides how. */
  async end({ code, message }: End): Promise<never> {
    if (this.signal.aborted) return new Promise(() => undefined) // the process ends elsewhere
    this.#atMs = performance.now()
    this.#begun.abort(new Error('the demo ends'))
    if (message !== undefined) process.stderr.write(`${message}\n`)
    setTimeout(() => process.exit(code), UNDO_MS)
    for (const work of this.#undo.reverse()) {
      try {
        await work()
      } catch (error) {
        process.stderr.write(`${said(error)}\n`)
      }
    }
    process.exit(code)
  }
}

/** What an error says, without its stack. */
export function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
