import { expect, test } from 'vitest'
import { Queue } from '../../src/broker/queue.ts'

test('what a happening causes waits for its turn, behind what was there before it', () => {
  const seen: string[] = []
  const queue: Queue<string> = new Queue(
    (item) => {
      seen.push(item)
      if (item === 'first') for (const each of ['caused', 'caused, too']) queue.push(each)
      seen.push(`end of ${item}`)
    },
    () => undefined,
  )

  queue.push('first')
  queue.push('second')

  expect(seen.filter((each) => !each.startsWith('end'))).toEqual(['first', 'caused', 'caused, too', 'second'])
  expect(seen.slice(0, 2)).toEqual(['first', 'end of first'])
})

test('one that throws is told of, and stops none behind it', () => {
  const seen: string[] = []
  const queue = new Queue<string>(
    (item) => {
      if (item === 'bad') throw new Error('no')
      seen.push(item)
    },
    (item, error) => seen.push(`${item}: ${String(error)}`),
  )

  for (const item of ['one', 'bad', 'two']) queue.push(item)

  expect(seen).toEqual(['one', 'bad: Error: no', 'two'])
})
