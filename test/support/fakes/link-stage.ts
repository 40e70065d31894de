import { vi } from 'vitest'
import type { TabEvent } from '../../../src/contract/api.ts'
import { Link } from '../../../src/tab/link.ts'
import { Ways, type WaysOptions } from '../../../src/tab/ways.ts'
import { type LockAgent, type LockTable, lockTable } from './fake-locks.ts'
import { type ScriptedWorker, type ScriptedWorkerOptions, scriptedWorker } from './scripted-worker.ts'
import { browserGlobals } from './tab-pair.ts'
import { turns } from './turn.ts'

export interface LinkStageOptions extends ScriptedWorkerOptions {
  /** Other ways than to the worker that is spoken by hand. */
  readonly ways?: Partial<WaysOptions>
}

/** One tab and its link, and a worker that is spoken by hand. */
export interface LinkStage {
  readonly locks: LockTable
  /** `now`: the one that is found next. */
  readonly worker: { now: ScriptedWorker }
  /** All that there were. */
  readonly workers: readonly ScriptedWorker[]
  readonly link: Link
  readonly events: readonly TabEvent[]
  /** What the link told, oldest first. */
  readonly happened: readonly string[]
  /** How it looked for a way each time. */
  readonly looked: readonly { readonly again: 'died' | 'hangs' | undefined; readonly elsewhere: boolean }[]
  /** Lets a worker hold its lock, as long as it lives. */
  hold(name: string): LockAgent
  /** Another worker is found from now on. */
  replace(next: ScriptedWorkerOptions): void
  open(): Promise<void>
  /** Somebody looks at the tab, or nobody. */
  look(visible: boolean): void
  end(): void
}

export function linkStage({ ways: words, ...options }: LinkStageOptions = {}): LinkStage {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
  const globals = browserGlobals([])
  const locks = lockTable()
  globals.setLocks(locks.agent().manager)
  const first = scriptedWorker(options)
  const workers = [first]
  const worker = { now: first }
  const events: TabEvent[] = []
  const happened: string[] = []
  const looked: { again: 'died' | 'hangs' | undefined; elsewhere: boolean }[] = []
  const account = 'juliet@capulet.example'
  const ways = new Ways({ account, shared: () => worker.now.spawn(), own: undefined, ...words })
  const next = ways.next.bind(ways)
  vi.spyOn(ways, 'next').mockImplementation((again, elsewhere) => {
    looked.push({ again, elsewhere })
    return next(again, elsewhere)
  })
  const link = new Link({
    tab: 't1',
    account,
    ways,
    onAttached: () => happened.push('attached'),
    onEvents: (batchEvents) => events.push(...batchEvents),
    onGone: () => happened.push('gone'),
    onFailed: ({ code }) => happened.push(`failed ${code}`),
  })
  return {
    locks,
    worker,
    workers,
    link,
    events,
    happened,
    looked,
    hold(name) {
      const agent = locks.agent()
      void agent.manager.request(name, () => new Promise(() => undefined))
      return agent
    },
    replace(given) {
      worker.now = scriptedWorker(given)
      workers.push(worker.now)
    },
    async open() {
      const opening = link.open()
      await turns(6)
      return opening
    },
    look: (visible) => globals.look(visible),
    end() {
      link.close()
      for (const each of workers) each.end()
      globals.restore()
      vi.useRealTimers()
    },
  }
}
