import type { StoreNames } from 'idb'
import type { SharedMessage } from '../contract/api.ts'
import { forgottenBefore } from '../rooms/gaps.ts'
import { fence } from './epoch.ts'
import { allOf } from './key-ranges.ts'
import type { Database, Schema } from './schema.ts'

/** How many rows are looked at at once. */
const STEP = 500

/** `Store.trim`, over IndexedDB. */
export async function trim(
  db: Database,
  room: string,
  keep: number,
  sinceMs: number | undefined,
  epoch: number,
): Promise<SharedMessage | undefined> {
  const stores: StoreNames<Schema>[] = ['rooms', 'messages', 'values']
  const transaction = db.transaction(stores, 'readwrite', { durability: 'relaxed' })
  await fence(transaction, epoch)
  const messages = transaction.objectStore('messages')
  let surplus = (await messages.count(allOf(room))) - keep
  let first: SharedMessage | undefined
  let trimmed = false
  let from: IDBKeyRange | undefined = allOf(room)
  while (from) {
    const rows: SharedMessage[] = await messages.getAll(from, STEP)
    const at = rows.findIndex(({ stampMs }, at) => at >= surplus && !(sinceMs !== undefined && stampMs < sinceMs))
    const last: SharedMessage | undefined = rows.at(-1)
    first = at === -1 ? last : rows[at]
    if (!first || first === rows[0]) break
    void messages.delete(IDBKeyRange.bound([room], [room, first.order], false, true))
    trimmed = true
    surplus -= rows.length
    // The last row looked at stays for now: it is the first one of the next look, or of all.
    from = at === -1 && rows.length === STEP ? IDBKeyRange.bound([room, first.order], [room, []]) : undefined
    if (from) surplus += 1
  }
  const row = trimmed ? await transaction.objectStore('rooms').get(room) : undefined
  if (row && first) void transaction.objectStore('rooms').put({ ...row, gaps: forgottenBefore(row.gaps, first) })
  await transaction.done
  return trimmed ? first : undefined
}
