import type { ConnectOptions } from 'minimix-web'
import keepingWorker from '../keeping-worker.ts?worker&url'
import memoryWorker from '../memory-worker.ts?worker&url'
import type { DemoConfig } from './config.ts'
import type { Kept } from './memory.ts'

/** How this page connects: to a server, or to the one that its own worker has in memory. */
export function way(
  config: DemoConfig | undefined,
  service: string,
  kept: Kept = {},
): Pick<ConnectOptions, 'service' | 'worker'> {
  if (config?.memory) return { worker: memoryWorker }
  return { ...(service !== '' && { service }), ...keeping(kept) }
}

/** What is to be kept is in the worker's address: the SDK's tabs of another address share its engine all the same. */
function keeping({ messages, days }: Kept): Pick<ConnectOptions, 'worker'> {
  if (messages === undefined && days === undefined) return {}
  const worker = new URL(keepingWorker, location.href)
  if (messages !== undefined) worker.searchParams.set('messages', String(messages))
  if (days !== undefined) worker.searchParams.set('days', String(days))
  return { worker }
}
