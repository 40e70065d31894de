import type { ConnectOptions } from 'minimix-web'
import keepingWorker from '../keeping-worker.ts?worker&url'
import type { Kept } from './memory.ts'

/** How this page connects: by the SDK's own worker, or where less is to be kept than it would, by one that does so. */
export function way(kept: Kept, service: string): Pick<ConnectOptions, 'service' | 'worker'> {
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
