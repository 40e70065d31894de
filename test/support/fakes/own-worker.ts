import { isLeaderWord } from '../../../src/contract/handshake.ts'

/** A dedicated worker, as far as its page sees it. */
export interface OwnWorker {
  readonly worker: Worker
  /** What its page said, oldest first. */
  readonly said: readonly string[]
  /** Its ends of the ports that came with `connect`. */
  readonly ports: readonly MessagePort[]
  readonly terminated: boolean
  /** Answers `release`. */
  release(): void
  /** Its script could not be loaded, or throws. */
  fail(event: Event): void
}

export function ownWorker(): OwnWorker {
  const said: string[] = []
  const ports: MessagePort[] = []
  let terminated = false
  // The part of a Worker that the SDK touches.
  const worker = {
    onmessage: null as ((event: MessageEvent) => void) | null,
    onerror: null as ((event: Event) => void) | null,
    postMessage(word: unknown, transferred: readonly MessagePort[] = []) {
      if (!isLeaderWord(word)) throw new Error(`no such word: ${JSON.stringify(word)}`)
      said.push(word.minimix)
      ports.push(...transferred)
    },
    terminate() {
      terminated = true
      for (const port of ports) port.close()
    },
  }
  return {
    worker: worker as unknown as Worker,
    said,
    ports,
    get terminated() {
      return terminated
    },
    release: () => worker.onmessage?.(new MessageEvent('message', { data: { minimix: 'released' } })),
    fail: (event) => worker.onerror?.(event),
  }
}
