import type { CommitQueue } from './commit-queue.ts'

/** Runs what reads and then writes, one after the other: each sees what those before it have written. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>

export function turnsOver(commits: CommitQueue): InTurn {
  let turn: Promise<unknown> = Promise.resolve()
  return (work) => {
    const done = turn.then(work)
    const written = (): Promise<void> => new Promise((resolve) => commits.after(() => resolve()))
    turn = done.then(written, written)
    return done
  }
}
