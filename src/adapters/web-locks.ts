import type { Locks } from '../broker/ports.ts'

/** Web Locks: held until let go of, or until the page or worker that holds them dies, however it dies. */
export function webLocks(manager: LockManager): Locks {
  /** Resolves with the way to let go of the lock once it is held; `undefined` where it was not to be had at once. */
  const held = (name: string, options: LockOptions, onStolen: () => void): Promise<(() => void) | undefined> =>
    new Promise((resolve, reject) => {
      let isHeld = false
      const hold = (lock: Lock | null): Promise<void> | undefined => {
        if (!lock) {
          resolve(undefined)
          return undefined
        }
        isHeld = true
        return new Promise<void>((letGo) => resolve(letGo))
      }
      manager.request(name, options, hold).catch((error: unknown) => (isHeld ? onStolen() : reject(error)))
    })
  const mustHold = async (name: string, options: LockOptions, onStolen: () => void): Promise<() => void> => {
    const letGo = await held(name, options, onStolen)
    if (!letGo) throw new DOMException(`the lock ${name} was not granted`, 'InvalidStateError')
    return letGo
  }
  return {
    hold: (name, signal) => mustHold(name, signal ? { signal } : {}, () => undefined),
    holdIfFree: (name, onStolen) => held(name, { ifAvailable: true }, onStolen),
    steal: (name, onStolen) => mustHold(name, { steal: true }, onStolen),
    // Shared: many may wait for the same death.
    whenFree: (name, signal) => manager.request(name, { mode: 'shared', signal }, () => undefined),
  }
}

/** Whether this page or worker has Web Locks: without them nobody can know that another one lives. */
export const hasLocks = (): boolean => typeof globalThis.navigator?.locks?.request === 'function'

/** The locks of this page or worker; without Web Locks those of one that is alone: whatever it wants is its own. */
export const locksHere = (): Locks => (hasLocks() ? webLocks(navigator.locks) : lone)

const lone: Locks = {
  hold: async () => () => undefined,
  holdIfFree: async () => () => undefined,
  steal: async () => () => undefined,
  whenFree: () => new Promise(() => undefined),
}
