import type { ConnectOptions } from 'minimix-web'
import memoryWorker from '../memory-worker.ts?worker&url'
import type { DemoConfig } from './config.ts'

/** How this page connects: to a server, or to the one that its own worker has in memory. */
export function way(config: DemoConfig | undefined, service: string): Pick<ConnectOptions, 'service' | 'worker'> {
  if (config?.memory) return { worker: memoryWorker }
  return service === '' ? {} : { service }
}
