import type { TestPage } from './test-browser.ts'

const DEADLINE_MS = 10_000

/** Resolves once this browser has what signs the account in without a password: the server gives it with the session. */
export async function untilRemembered(page: Pick<TestPage, 'evaluate'>, account: string): Promise<void> {
  const lastMs = performance.now() + DEADLINE_MS
  while (!(await page.evaluate(hasToken, `minimix:${account}`)))
    if (performance.now() > lastMs) throw new Error(`${account} is not remembered within ${DEADLINE_MS} ms`)
}

/** In the page. */
function hasToken(database: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(database)
    opening.onerror = () => reject(opening.error)
    opening.onsuccess = () => {
      const asked = opening.result.transaction('values').objectStore('values').count('token')
      asked.onerror = () => reject(asked.error)
      asked.onsuccess = () => {
        opening.result.close()
        resolve(asked.result > 0)
      }
    }
  })
}
