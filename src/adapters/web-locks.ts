import type { Locks } from '../broker/ports.ts'

/** Web Locks: held until let go of, or until the page or worker that holds them dies, however it dies. */
export function webLocks(manager: LockManager): Locks {
  return {
    hold: (name) =>
      new Promise((resolve, reject) => {
        manager.request(name, () => new Promise<void>((letGo) => resolve(letGo))).catch(reject)
      }),
    // Shared: many may wait for the same death.
    whenFree: (name, signal) => manager.request(name, { mode: 'shared', signal }, () => undefined),
  }
}
