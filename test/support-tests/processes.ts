import { readdirSync, readFileSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'

/** Whether a process of that id exists; one that has ended and waits for its parent does not count. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false // ESRCH: there is none
  }
  return stateOf(pid)?.state !== 'Z'
}

/** Resolves when the process is gone. @throws Error at the deadline */
export async function untilGone(pid: number, deadlineMs: number): Promise<void> {
  const lastMs = performance.now() + deadlineMs
  while (isRunning(pid)) {
    if (performance.now() > lastMs) throw new Error(`process ${pid} still runs after ${deadlineMs} ms`)
    await setImmediate() // no event tells of the end of a process that is not our child
  }
}

/** The ids of the processes that this one started, and of theirs. Empty where there is no /proc. */
export function descendants(pid: number): readonly number[] {
  const all = processIds()
  const children = all.filter((other) => stateOf(other)?.parent === pid)
  return children.flatMap((child) => [child, ...descendants(child)])
}

function processIds(): readonly number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger)
  } catch {
    return [] // not Linux
  }
}

function stateOf(pid: number): { readonly state: string; readonly parent: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state = '', parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { state, parent: Number(parent) }
  } catch {
    return undefined // gone meanwhile, or not Linux
  }
}
