import { memoryStore } from '../../../src/storage/memory-store.ts'
import type { Store } from '../../../src/storage/store.ts'
import { type Deferred, deferred } from './turn.ts'

/** A store of which a test can hold the next writes back. */
export function slowStore(): { readonly store: Store; hold(): void; release(): void } {
  const inner = memoryStore()
  let gate: Deferred<void> | undefined
  return {
    store: {
      ...inner,
      async write(ops) {
        await gate?.promise
        return inner.write(ops)
      },
    },
    hold: () => {
      gate = deferred()
    },
    release: () => {
      gate?.resolve()
      gate = undefined
    },
  }
}
