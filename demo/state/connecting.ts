import type { ConnectOptions } from 'minimix-web'
import keepingWorker from '../keeping-worker.ts?worker&url'
import type { Settings } from './settings.ts'

/** How this page connects: by the SDK's own worker, or where less is to be kept than it would, by one that does so. */
export function way(settings: Settings, service: string): Pick<ConnectOptions, 'service' | 'worker'> {
  return { ...(service !== '' && { service }), ...keeping(settings) }
}

/** What is to be kept is in the worker's address: the SDK's tabs of another address share its engine all the same. */
function keeping({ keptMessages, keptDays }: Settings): Pick<ConnectOptions, 'worker'> {
  if (keptMessages === undefined && keptDays === undefined) return {}
  const worker = new URL(keepingWorker, location.href)
  if (keptMessages !== undefined) worker.searchParams.set('messages', String(keptMessages))
  if (keptDays !== undefined) worker.searchParams.set('days', String(keptDays))
  return { worker }
}
