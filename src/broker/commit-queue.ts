import type { Store, StoreOp } from '../storage/store.ts'

type Task = (stored: boolean) => void

/**
 * Stored before told: tasks run in the order in which they came, each once everything added before it is stored.
 *
 * What comes while a transaction runs goes into the next one together, so a burst costs few transactions and a single
 * message waits for none but its own. A write that fails delays nothing: the tasks are told, and go on.
 */
export class CommitQueue {
  readonly #write: Store['write']
  readonly #onFailure: (error: unknown, lost: number) => void
  readonly #onTaskError: (error: unknown) => void
  #ops: StoreOp[] = []
  #tasks: Task[] = []
  #writing = false
  #scheduled = false

  constructor(
    write: Store['write'],
    onFailure: (error: unknown, lost: number) => void,
    onTaskError: (error: unknown) => void = () => undefined,
  ) {
    this.#write = write
    this.#onFailure = onFailure
    this.#onTaskError = onTaskError
  }

  add(op: StoreOp): void {
    this.#ops.push(op)
    if (this.#writing || this.#scheduled) return
    this.#scheduled = true
    // After the present turn, so that all that one frame or call brings is one transaction.
    queueMicrotask(() => this.#commit())
  }

  after(task: Task): void {
    if (this.#writing || this.#scheduled) this.#tasks.push(task)
    else this.#run(task, true)
  }

  /** One that throws (a caller's nonsense, a dead port) stops none behind it. */
  #run(task: Task, stored: boolean): void {
    try {
      task(stored)
    } catch (error) {
      this.#onTaskError(error)
    }
  }

  async #commit(): Promise<void> {
    this.#scheduled = false
    this.#writing = true
    while (this.#ops.length > 0 || this.#tasks.length > 0) {
      const ops = this.#ops
      const tasks = this.#tasks
      this.#ops = []
      this.#tasks = []
      const stored = ops.length === 0 || (await this.#stored(withoutOutdated(ops)))
      for (const task of tasks) this.#run(task, stored)
    }
    this.#writing = false
  }

  async #stored(ops: readonly StoreOp[]): Promise<boolean> {
    try {
      await this.#write(ops)
      return true
    } catch (error) {
      this.#onFailure(error, ops.length)
      return false
    }
  }
}

/** Of the counts of a room only the last: the others would be overwritten in the same transaction. */
function withoutOutdated(ops: readonly StoreOp[]): readonly StoreOp[] {
  const last = new Map(ops.map((op) => [op.put === 'unread' ? op.row.room : op, op]))
  return last.size === ops.length ? ops : [...last.values()]
}
