import { useMemo, useSyncExternalStore } from 'react'

/** What can be looked at, and tells of each change: `room.snapshot()` and `room.subscribe()` are of this kind. */
export interface Watched<T> {
  subscribe(listener: () => void): () => void
  /** The same object until something changes. */
  snapshot(): T
}

const silent = (): (() => void) => () => undefined

/** What is seen there; `nothing` where there is none, and on a server. */
export function useWatched<T>(watched: Watched<T> | undefined, nothing: T): T {
  const [subscribe, snapshot, onServer] = useMemo(() => {
    const none = (): T => nothing
    if (!watched) return [silent, none, none]
    return [(listener: () => void) => watched.subscribe(listener), () => watched.snapshot(), none]
  }, [watched, nothing])
  return useSyncExternalStore(subscribe, snapshot, onServer)
}

/** What `look` gives, but the object of before where the two are the same: a list of which nothing changed is no news. */
export function steady<T>(look: () => T, same: (before: T, now: T) => boolean): () => T {
  let seen: { readonly looked: T; readonly value: T } | undefined
  return () => {
    const looked = look()
    if (seen?.looked !== looked) seen = { looked, value: seen && same(seen.value, looked) ? seen.value : looked }
    return seen.value
  }
}

/** Subscribers of something that has work to do while there are any. */
export class Subscribers {
  readonly #listeners = new Set<() => void>()
  readonly #begin: () => void
  readonly #end: () => void
  #begun = false
  #telling = false

  constructor(begin: () => void, end: () => void) {
    this.#begin = begin
    this.#end = end
  }

  add(listener: () => void): () => void {
    const own = (): void => listener()
    this.#listeners.add(own)
    if (!this.#begun) {
      this.#begun = true
      this.#begin()
    }
    return () => {
      this.#listeners.delete(own)
      // Whoever goes may come back at once, as in strict mode, and as one page that takes the place of another.
      queueMicrotask(() => {
        if (this.#listeners.size > 0 || !this.#begun) return
        this.#begun = false
        this.#end()
      })
    }
  }

  /** Once for all that happens in one go. */
  tell(): void {
    if (this.#telling) return
    this.#telling = true
    queueMicrotask(() => {
      this.#telling = false
      for (const listener of [...this.#listeners]) listener()
    })
  }
}
