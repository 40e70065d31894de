import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { executable } from '../install/programs.ts'

/** A program to run, with what is added to this process' environment. */
export type ChildCommand = {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Its working folder. */
  readonly folder: string
}

/** The child said the line by which it gives up: for the servers here, that their port is taken. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
}

/** How many last lines an error shows. */
const SHOWN_LINES = 15

/**
 * A child process that writes log lines and never outlives this process.
 *
 * On Linux the kernel kills it when the thread that started it ends, however that happens (`setpriv --pdeathsig`);
 * elsewhere it is killed when this process exits in an orderly way.
 */
export class Child {
  /** Standard output and standard error, in the order in which they came. */
  readonly lines: string[] = []
  readonly #process: ChildProcess
  readonly #what: string
  readonly #closed: Promise<void>
  readonly #watchers = new Set<() => void>()
  #failure: Error | undefined
  #ended = false

  /**
   * Starts it at once; a command that cannot be started shows in `waitForLine`.
   *
   * @param what names the child in error messages
   */
  constructor(what: string, { command, args, env, folder }: ChildCommand) {
    const setpriv = process.platform === 'linux' ? executable('setpriv') : undefined
    const [program, ...rest] = setpriv ? [setpriv, '--pdeathsig', 'KILL', command, ...args] : [command, ...args]
    const child = spawn(program, rest, {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const killAtExit = () => child.kill('SIGKILL')
    if (!setpriv) process.once('exit', killAtExit)

    this.#what = what
    this.#process = child
    this.#closed = new Promise((resolve) => {
      child.once('close', () => {
        process.off('exit', killAtExit)
        this.#ended = true
        this.#changed()
        resolve()
      })
    })
    child.once('error', (error) => {
      this.#failure = error
      this.#changed()
    })
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', (line) => {
        this.lines.push(line)
        this.#changed()
      })
  }

  /** The process id while it runs, else `undefined`. */
  get pid(): number | undefined {
    return this.#ended ? undefined : this.#process.pid
  }

  /**
   * The first line that holds `text`; lines already written count.
   *
   * @param refused a text whose line means that `text` will not come
   * @throws RefusedError when a line holds `refused`
   * @throws Error with the last lines when the child ends before, or at the deadline
   */
  waitForLine(text: string, options: { readonly refused?: string; readonly deadlineMs: number }): Promise<string> {
    const { refused, deadlineMs } = options
    return new Promise((resolve, reject) => {
      const look = () => {
        const refusal = refused === undefined ? undefined : this.lines.find((line) => line.includes(refused))
        const found = this.lines.find((line) => line.includes(text))
        if (refusal !== undefined) end(() => reject(new RefusedError(this.describe(refusal))))
        else if (found !== undefined) end(() => resolve(found))
        else if (this.#failure) end(() => reject(new Error(this.describe(`cannot start: ${this.#failure?.message}`))))
        else if (this.#ended) end(() => reject(new Error(this.describe(`ended before its line "${text}"`))))
      }
      const end = (settle: () => void) => {
        clearTimeout(timer)
        this.#watchers.delete(look)
        settle()
      }
      const late = () => end(() => reject(new Error(this.describe(`no line "${text}" within ${deadlineMs} ms`))))
      const timer = setTimeout(late, deadlineMs)
      this.#watchers.add(look)
      look()
    })
  }

  /**
   * Sends the signal, then waits until the process is gone and nothing else holds its output.
   *
   * Does nothing when it has ended already.
   *
   * @throws Error when the deadline had to be helped along with SIGKILL
   */
  async end(signal: 'SIGTERM' | 'SIGKILL', deadlineMs: number): Promise<void> {
    if (this.#ended || this.#failure) return
    let late = false
    const timer = setTimeout(() => {
      late = true
      this.#process.kill('SIGKILL')
    }, deadlineMs)
    this.#process.kill(signal)
    await this.#closed
    clearTimeout(timer)
    if (late) throw new Error(this.describe(`still ran ${deadlineMs} ms after ${signal}`))
  }

  /** A message for an error: the child's name, what happened, and its last lines. */
  describe(event: string): string {
    return [`${this.#what}: ${event}`, ...this.lines.slice(-SHOWN_LINES).map((line) => `  | ${line}`)].join('\n')
  }

  #changed(): void {
    for (const watcher of [...this.#watchers]) watcher()
  }
}
