import 'fake-indexeddb/auto'
import { expect, test } from 'vitest'
import type { FastToken } from '../../src/account/fast-token.ts'
import { Remembered } from '../../src/broker/remembered.ts'
import { memoryStore } from '../../src/storage/memory-store.ts'
import type { Store } from '../../src/storage/store.ts'
import { diskStore } from '../support/fakes/disk.ts'

const TOKEN: FastToken = {
  agent: 'a1',
  mechanism: 'HT-SHA-256-NONE',
  sealed: new Uint8Array([1, 2, 3]),
  expiresMs: 2_000,
  count: 1,
  inline: { resumes: true, features: [], tokens: ['HT-SHA-256-NONE'] },
}
const CREDENTIALS = { account: 'juliet@a.example', service: ['wss://a.example/'], allowPlain: false }

let databases = 0

function stage(store: Store, nowMs = 1_000) {
  const log: string[] = []
  const world = { account: CREDENTIALS.account, store, clock: { nowMs: () => nowMs } }
  return { remembered: new Remembered({ ...world, log: (_level, text) => log.push(text) }), log }
}

const disk = (): Promise<Store> => diskStore(`minimix:remembered-${++databases}`)

test('what is kept is there for the next worker, and is forgotten when it is to be', async () => {
  const store = await disk()
  const { remembered } = stage(store)

  expect(await remembered.has()).toBe(false)
  await remembered.keep(TOKEN)
  expect(await stage(store).remembered.has()).toBe(true)
  await remembered.keep(undefined)
  expect(await stage(store).remembered.has()).toBe(false)
})

test('each use says a higher number, with room for a second try', async () => {
  const { remembered } = stage(await disk())
  await remembered.keep(TOKEN)

  const both = await Promise.all([remembered.takeFor(CREDENTIALS), remembered.takeFor(CREDENTIALS)])

  expect(both.map((token) => token?.count)).toEqual([1, 3])
})

test('what has expired is not used', async () => {
  const store = await disk()
  await stage(store).remembered.keep(TOKEN)

  expect(await stage(store, 1_999).remembered.has()).toBe(true)
  expect(await stage(store, 2_000).remembered.has()).toBe(false)
  expect(await stage(store, 2_000).remembered.takeFor(CREDENTIALS)).toBeUndefined()
})

test('a password is used where nothing is to be remembered', async () => {
  const { remembered } = stage(await disk())
  await remembered.keep(TOKEN)

  expect(await remembered.takeFor({ ...CREDENTIALS, password: 'secret' })).toBeUndefined()
  expect(await remembered.takeFor({ ...CREDENTIALS, password: 'secret', remember: true })).toMatchObject({ count: 1 })
})

test('where nothing outlives the worker nothing is remembered, nor asked for', async () => {
  const { remembered } = stage(memoryStore())
  await remembered.keep(TOKEN)
  const words = { onLastTab: 'linger', activity: 'active', hidden: false, again: false } as const

  expect(await remembered.has()).toBe(false)
  expect(remembered.credentialsOf({ ...words, ...CREDENTIALS, remember: true })).not.toHaveProperty('remember')
  expect(stage(await disk()).remembered.credentialsOf({ ...words, ...CREDENTIALS, remember: true })).toMatchObject({
    remember: true,
  })
})

test('what cannot be written down is not used, and that is logged', async () => {
  const store = await disk()
  await stage(store).remembered.keep(TOKEN)
  const full: Store = { ...store, write: () => Promise.reject(new Error('the disk is full')) }
  const { remembered, log } = stage(full)

  expect(await remembered.takeFor(CREDENTIALS)).toBeUndefined()
  expect(log.join()).toContain('the disk is full')
})

test('what cannot be read is not there, and that is logged', async () => {
  const store: Store = { ...(await disk()), token: () => Promise.reject(new Error('no disk')) }
  const { remembered, log } = stage(store)

  expect(await remembered.has()).toBe(false)
  expect(log.join()).toContain('no disk')
})
