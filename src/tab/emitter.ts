export type Listener<T> = (event: T) => void

export interface OnOptions {
  /** Takes the listener off when it is aborted. */
  readonly signal?: AbortSignal
}

/** Listeners by the name of an event. One that throws is reported as an uncaught error; the others still hear. */
export class Emitter<Events> {
  readonly #listeners = new Map<keyof Events, Set<Listener<never>>>()

  /** @returns takes the listener off again */
  on<N extends keyof Events>(name: N, listener: Listener<Events[N]>, { signal }: OnOptions = {}): () => void {
    if (typeof listener !== 'function') throw new TypeError(`on(${String(name)}): the listener is not a function`)
    if (signal?.aborted) return () => undefined
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners)
    // A function of its own, so that the same listener can be put on twice and taken off once.
    const own: Listener<Events[N]> = (event) => listener(event)
    listeners.add(own)
    const off = (): void => {
      listeners.delete(own)
      signal?.removeEventListener('abort', off)
    }
    signal?.addEventListener('abort', off)
    return off
  }

  emit<N extends keyof Events>(name: N, event: Events[N]): void {
    const listeners = this.#listeners.get(name)
    for (const listener of [...(listeners ?? [])] as Listener<Events[N]>[]) {
      // One before it may have taken it off.
      if (!listeners?.has(listener)) continue
      try {
        listener(event)
      } catch (error) {
        reportError(error)
      }
    }
  }
}
