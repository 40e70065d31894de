import { expect, test } from 'vitest'
import { AvatarStore } from '../../src/features/avatar-store.ts'

test('what could not be read once is read again', async () => {
  const image = { hash: 'a', type: 'image/png', bytes: new Uint8Array(3) }
  const rows: Record<string, unknown> = { index: [['a', 3]], a: image }
  let fails = true
  const kept = {
    get: async (key: string) => {
      if (fails) throw new Error('the store is closed')
      return rows[key]
    },
    all: async () => new Map(Object.entries(rows)),
    set: async () => {},
  }
  const store = new AvatarStore(kept, () => {})

  await expect(store.get('a')).rejects.toThrow('the store is closed')
  fails = false

  expect(await store.get('a')).toBe(image)
})
