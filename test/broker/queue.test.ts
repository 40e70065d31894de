import { expect, test } from 'vitest'
import { Queue } from '../../src/broker/queue.ts'
import { fakeClock } from '../support/fakes/fake-clock.ts'

function stage(handle: (item: string, queue: Queue<string>) => void) {
  const seen: string[] = []
  const clock = fakeClock()
  const queue: Queue<string> = new Queue({
    handle: (item) => handle(item, queue),
    onError: (item, error) => seen.push(`${item}: ${String(error)}`),
    clock,
    onLong: (item, ms) => seen.push(`${item}: ${ms} ms`),
  })
  return { queue, clock, seen }
}

test('what a happening causes waits for its turn, behind what was there before it', () => {
  const { queue, seen } = stage((item) => {
    seen.push(item)
    if (item === 'first') for (const each of ['caused', 'caused, too']) queue.push(each)
    seen.push(`end of ${item}`)
  })

  queue.push('first')
  queue.push('second')

  expect(seen.filter((each) => !each.startsWith('end'))).toEqual(['first', 'caused', 'caused, too', 'second'])
  expect(seen.slice(0, 2)).toEqual(['first', 'end of first'])
})

test('one that throws is told of, and stops none behind it', () => {
  const { queue, seen } = stage((item) => {
    if (item === 'bad') throw new Error('no')
    seen.push(item)
  })

  for (const item of ['one', 'bad', 'two']) queue.push(item)

  expect(seen).toEqual(['one', 'bad: Error: no', 'two'])
})

test('one that takes more than 100 ms is told of, also where it throws, and no other is', () => {
  const { queue, clock, seen } = stage((item) => {
    clock.advance(item === 'quick' ? 100 : 101)
    if (item === 'bad') throw new Error('no')
  })

  for (const item of ['quick', 'long', 'bad']) queue.push(item)

  expect(seen).toEqual(['long: 101 ms', 'bad: Error: no', 'bad: 101 ms'])
})

test('one that cannot be handled yet is handled again before whatever came meanwhile', async () => {
  let ready = false
  let go = (): void => undefined
  const until = new Promise<void>((resolve) => {
    go = resolve
  })
  const { queue, seen } = stage((item) => {
    if (item === 'early' && !ready) {
      queue.push('caused')
      return queue.again(item, until)
    }
    seen.push(item)
  })

  for (const item of ['one', 'early', 'two']) queue.push(item)
  expect(seen).toEqual(['one'])
  ready = true
  go()
  await until
  queue.push('three')

  expect(seen).toEqual(['one', 'early', 'caused', 'two', 'three'])
})
