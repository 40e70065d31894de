import { describe, expect, test } from 'vitest'
import { CommitQueue } from '../../src/broker/commit-queue.ts'
import type { StoreOp } from '../../src/storage/store.ts'
import { type Deferred, deferred, turns } from '../support/fakes/turn.ts'

const op = (room: string): StoreOp => ({
  put: 'room',
  row: { room, member: undefined, gaps: [], subject: { text: '' } },
})

/** A queue over a store whose writes end when the test says so. */
function stage() {
  const writes: { readonly rooms: string[]; readonly end: Deferred<void> }[] = []
  const failures: string[] = []
  const ran: string[] = []
  const queue = new CommitQueue(
    (ops) => {
      const end = deferred()
      writes.push({
        rooms: ops.map((each) => ('row' in each && each.row && 'room' in each.row ? each.row.room : '?')),
        end,
      })
      return end.promise
    },
    (error, lost) => failures.push(`${lost}: ${error}`),
  )
  const task =
    (name: string) =>
    (stored: boolean): void =>
      void ran.push(`${name} ${stored ? 'stored' : 'not stored'}`)
  return { queue, writes, failures, ran, task }
}

test('a task with nothing before it runs at once', () => {
  const { queue, ran, task } = stage()

  queue.after(task('a'))

  expect(ran).toEqual(['a stored'])
})

test('a task waits for what was added before it', async () => {
  const { queue, writes, ran, task } = stage()
  queue.add(op('1'))
  queue.after(task('a'))
  await turns()
  expect(ran).toEqual([])

  writes[0]?.end.resolve()
  await turns()

  expect(ran).toEqual(['a stored'])
})

test('what one turn brings is one transaction', async () => {
  const { queue, writes } = stage()

  for (const room of ['1', '2', '3']) queue.add(op(room))
  await turns()

  expect(writes.map(({ rooms }) => rooms)).toEqual([['1', '2', '3']])
})

test('what comes while a transaction runs goes into the next one together', async () => {
  const { queue, writes } = stage()
  queue.add(op('1'))
  await turns()
  queue.add(op('2'))
  await turns()
  queue.add(op('3'))
  await turns()
  expect(writes).toHaveLength(1)

  writes[0]?.end.resolve()
  await turns()

  expect(writes.map(({ rooms }) => rooms)).toEqual([['1'], ['2', '3']])
})

test('tasks run in the order in which they came', async () => {
  const { queue, writes, ran, task } = stage()
  queue.add(op('1'))
  queue.after(task('a'))
  queue.after(task('b'))
  await turns()
  queue.after(task('c'))
  queue.add(op('2'))
  queue.after(task('d'))
  writes[0]?.end.resolve()
  await turns()
  writes[1]?.end.resolve()
  await turns()

  expect(ran).toEqual(['a stored', 'b stored', 'c stored', 'd stored'])
})

test('a task that comes between two transactions runs before what follows it is stored, or after: never before what it waits for', async () => {
  const { queue, writes, ran, task } = stage()
  queue.add(op('1'))
  queue.after(task('a'))
  await turns()
  queue.add(op('2'))
  queue.after(task('b'))
  writes[0]?.end.resolve()
  await turns()

  expect(ran).toEqual(['a stored'])
})

describe('a write that fails', () => {
  test('is told once, with how much was lost, and its tasks run all the same', async () => {
    const { queue, writes, failures, ran, task } = stage()
    queue.add(op('1'))
    queue.add(op('2'))
    queue.after(task('a'))
    await turns()

    writes[0]?.end.reject('full')
    await turns()

    expect(failures).toEqual(['2: full'])
    expect(ran).toEqual(['a not stored'])
  })

  test('delays nothing behind it', async () => {
    const { queue, writes, ran, task } = stage()
    queue.add(op('1'))
    await turns()
    queue.add(op('2'))
    queue.after(task('a'))
    writes[0]?.end.reject('full')
    await turns()
    writes[1]?.end.resolve()
    await turns()

    expect(ran).toEqual(['a stored'])
  })

  test('that throws at once is a failure like any other', async () => {
    const failures: unknown[] = []
    const ran: boolean[] = []
    const queue = new CommitQueue(
      () => {
        throw new Error('closed')
      },
      (error) => failures.push(error),
    )
    queue.add(op('1'))
    queue.after((stored) => ran.push(stored))
    await turns()

    expect(failures).toHaveLength(1)
    expect(ran).toEqual([false])
  })
})

test('a task may ask for more', async () => {
  const { queue, writes, ran, task } = stage()
  queue.add(op('1'))
  queue.after(() => {
    queue.add(op('2'))
    queue.after(task('inner'))
  })
  await turns()
  writes[0]?.end.resolve()
  await turns()
  writes[1]?.end.resolve()
  await turns()

  expect(ran).toEqual(['inner stored'])
})

test('when everything is done a task runs at once again', async () => {
  const { queue, writes, ran, task } = stage()
  queue.add(op('1'))
  await turns()
  writes[0]?.end.resolve()
  await turns()

  queue.after(task('a'))

  expect(ran).toEqual(['a stored'])
})

test('a task that throws stops none behind it', async () => {
  const ran: string[] = []
  const uncaught: unknown[] = []
  const note = (error: unknown): void => void uncaught.push(error)
  process.on('unhandledRejection', note)
  const queue = new CommitQueue(
    async () => undefined,
    () => undefined,
  )
  queue.add(op('1'))
  queue.after(() => {
    throw new Error('one bad tab')
  })
  queue.after(() => ran.push('same transaction'))
  await turns(3)

  queue.after(() => ran.push('later'))
  queue.add(op('2'))
  queue.after(() => ran.push('next transaction'))
  await turns(3)

  process.off('unhandledRejection', note)
  expect(ran).toEqual(['same transaction', 'later', 'next transaction'])
  expect(uncaught).toEqual([])
})

test('of what is unread in a room only the last is written, with all messages, and rooms are kept apart', async () => {
  const written: StoreOp[][] = []
  const queue = new CommitQueue(
    async (ops) => void written.push([...ops]),
    () => undefined,
  )
  const unread = (room: string, count: number): StoreOp => ({
    put: 'unread',
    row: { room, count, mentions: 0, readUpTo: -1 },
  })

  for (const each of [op('1'), unread('r', 1), op('2'), unread('s', 1), unread('r', 2)]) queue.add(each)
  await turns()

  expect(written).toEqual([expect.arrayContaining([op('1'), op('2'), unread('s', 1), unread('r', 2)])])
  expect(written[0]).toHaveLength(4)
})
