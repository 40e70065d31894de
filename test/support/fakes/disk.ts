import { idbStore } from '../../../src/storage/idb-store.ts'
import { searchMessages } from '../../../src/storage/search-query.ts'
import type { Store } from '../../../src/storage/store.ts'

/** The real store, with its search at hand: over whatever IndexedDB there is here. */
export const diskStore = (name: string, blockedMs?: number): Promise<Store> => idbStore(name, searchMessages, blockedMs)
