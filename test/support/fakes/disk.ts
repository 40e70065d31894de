import { idbStore } from '../../../src/storage/idb-store.ts'
import { searchMessages } from '../../../src/storage/search-query.ts'
import type { Store } from '../../../src/storage/store.ts'
import { trim } from '../../../src/storage/trim.ts'

/** The real store, with all its work at hand: over whatever IndexedDB there is here. */
export const diskStore = (name: string, blockedMs?: number): Promise<Store> =>
  idbStore(name, () => ({ searchMessages, trim }), blockedMs)
