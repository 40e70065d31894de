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
