/**
 * The SharedWorker of the SDK. This one expression is what bundlers look for, word for word: keep it literal.
 *
 * All tabs must pass the same options: a caller that differs gets an error event instead of the worker.
 */
export function spawnWorker(name: string): SharedWorker {
  return new SharedWorker(new URL('../worker.ts', import.meta.url), { type: 'module', name, extendedLifetime: true })
}

/** The same file as the worker of one tab, where there is no SharedWorker: literal as well. */
export function spawnOwnWorker(name: string): Worker {
  return new Worker(new URL('../worker.ts', import.meta.url), { type: 'module', name })
}
