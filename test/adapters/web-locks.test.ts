import { describe, expect, test } from 'vitest'
import { webLocks } from '../../src/adapters/web-locks.ts'
import { lockTable } from '../support/fakes/fake-locks.ts'
import { LOCKS_CONTRACT } from './locks-contract.ts'

describe('webLocks over fake locks, as locks:', () => {
  test.each(LOCKS_CONTRACT)('$name', async ({ run }) => {
    const table = lockTable()
    const newAgent = () => {
      const { manager, die } = table.agent()
      return { locks: webLocks(manager), die }
    }

    await run(newAgent, (holds, what) => expect(holds, what).toBe(true))
  })
})

test('a browser that refuses locks is an error, and not a wait for ever', async () => {
  const refused = new DOMException('the document is not fully active', 'InvalidStateError')
  const manager = { request: () => Promise.reject(refused) } as unknown as LockManager // all of it that is used here

  await expect(webLocks(manager).hold('x')).rejects.toBe(refused)
  await expect(webLocks(manager).whenFree('x', new AbortController().signal)).rejects.toBe(refused)
})
