import type { IndexWriting } from './search-index.ts'

/** Another engine has opened the store since. */
class StoreFenced extends Error {
  override readonly name = 'StoreFenced'
}

/**
 * Whoever opened the store before may not write any more.
 *
 * @throws StoreFenced rejects within the transaction, which is to be aborted then
 */
export function fence(transaction: IndexWriting, epoch: number): Promise<void> {
  const fenced = transaction
    .objectStore('values')
    .get('epoch')
    .then((now) => {
      // None: the database was deleted under us, and is a new one.
      if (now !== undefined && now !== epoch)
        throw new StoreFenced(`opened ${epoch} times by then, ${now} times by now`)
    })
  fenced.catch(() => undefined) // whoever fails before looks at it no more
  return fenced
}
