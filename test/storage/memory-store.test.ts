import { expect, test } from 'vitest'
import { memoryStore } from '../../src/storage/memory-store.ts'
import { storeContract } from './store-contract.ts'

storeContract('memoryStore', async () => memoryStore())

test('says that it is memory', () => {
  expect(memoryStore().kind).toBe('memory')
})

test('two memory stores share nothing', async () => {
  const [one, other] = [memoryStore(), memoryStore()]
  await one.write([{ put: 'room', row: { room: 'r@m', member: undefined, gaps: [], subject: { text: '' } } }])

  expect(await other.room('r@m')).toBeUndefined()
})

test('what signs in without a password is not kept here', async () => {
  const store = memoryStore()
  const inline = { resumes: true, features: [], tokens: [] }
  const row = { agent: 'a1', mechanism: 'HT-SHA-256-NONE', sealed: 1, expiresMs: undefined, count: 1, inline }
  await store.write([{ put: 'token', row }])

  expect(await store.token()).toBeUndefined()
})
