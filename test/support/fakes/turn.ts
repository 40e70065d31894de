/**
 * Lets everything run that is ready to run: promises, and what message ports have on their way. A turn of the event loop
 * takes one hop over a port, so as many turns are waited for as hops can follow each other.
 */
export async function turns(count = 1): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise<void>((resolve) => setImmediate(resolve))
}

/** A promise with its ends in the test's hand. */
export interface Deferred<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(error: unknown): void
}

export function deferred<T = void>(): Deferred<T> {
  // Filled in before the constructor returns: a promise runs its executor at once.
  let ends: Omit<Deferred<T>, 'promise'> = { resolve: () => undefined, reject: () => undefined }
  const promise = new Promise<T>((resolve, reject) => {
    ends = { resolve, reject }
  })
  return { promise, ...ends }
}
