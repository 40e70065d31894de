import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** How a command ended: its exit code (or -1 if a signal ended it) with all the lines that it wrote. */
export type Outcome = { readonly code: number; readonly lines: readonly string[] }

/**
 * The outcome of a command that cannot ask anything: its standard input is closed.
 *
 * Standard output and standard error are read as one stream of lines, each given to `onLine` as it comes.
 *
 * @throws the error of the operating system when the command cannot be started at all
 */
export function runLines(command: string, args: readonly string[], onLine?: (line: string) => void): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const lines: string[] = []
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line)
        onLine?.(line)
      })
    child.once('error', reject)
    child.once('close', (code) => resolve({ code: code ?? -1, lines }))
  })
}
