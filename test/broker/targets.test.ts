import { expect, test } from 'vitest'
import { Targets } from '../../src/broker/targets.ts'
import type { SharedMessage } from '../../src/contract/api.ts'
import { sharedMessage } from '../support/fakes/shared-message.ts'
import { turns } from '../support/fakes/turn.ts'

/** A store that answers when it is told to. */
function slowStore(messages: readonly SharedMessage[]) {
  const waiting: (() => void)[] = []
  const later = <T>(value: T): Promise<T> => new Promise((resolve) => waiting.push(() => resolve(value)))
  return {
    find: (_room: string, id: string) => later(messages.find((each) => each.id === id)),
    newest: () => later([...messages]),
    answer: async (): Promise<void> => {
      await turns()
      waiting.shift()?.()
      await turns()
    },
  }
}

test('who looks for nothing waits for those before in the same room, and for nobody in another one', async () => {
  const store = slowStore([sharedMessage(1)])
  const targets = new Targets(store, () => undefined)
  const order: string[] = []
  targets.find('r@m', undefined, () => order.push('first'))
  targets.find('r@m', 'a1', (found) => order.push(`found ${found?.id}`))
  targets.find('r@m', undefined, () => order.push('behind'))
  targets.find('q@m', undefined, () => order.push('elsewhere'))

  expect(order).toEqual(['first', 'elsewhere'])
  await store.answer()
  expect(order).toEqual(['first', 'elsewhere', 'found a1', 'behind'])
  targets.find('r@m', undefined, () => order.push('at once'))
  expect(order.at(-1)).toBe('at once')
})

test('a message of ours is found by the id that it was sent under, and nobody else’s is', async () => {
  const mine = sharedMessage(1, { own: true, originId: 'o1' })
  const store = slowStore([mine, sharedMessage(2, { own: false, originId: 'o2' })])
  const targets = new Targets(store, () => undefined)
  const found: unknown[] = []
  for (const id of ['o1', 'o2']) targets.find('r@m', id, (message) => found.push(message))
  for (let at = 0; at < 4; at++) await store.answer()

  expect(found).toEqual([mine, undefined])
})

test('a store that cannot be read has no such message', async () => {
  const broken = (): Promise<never> => Promise.reject(new Error('gone'))
  const targets = new Targets({ find: broken, newest: broken }, () => undefined)

  expect(await new Promise((resolve) => targets.find('r@m', 'a1', resolve))).toBeUndefined()
})
