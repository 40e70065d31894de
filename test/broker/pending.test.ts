import { expect, test } from 'vitest'
import { CommitQueue } from '../../src/broker/commit-queue.ts'
import { Pending } from '../../src/broker/pending.ts'
import type { PendingAmendment } from '../../src/contract/api.ts'
import { memoryStore } from '../../src/storage/memory-store.ts'
import { stanza } from '../support/fakes/xml.ts'

const row = (n: number, room = 'r@m'): PendingAmendment => ({
  kind: 'retraction',
  target: `a${n}`,
  room,
  nick: 'romeo',
  since: 0,
  atMs: n,
  body: '',
  stanza: stanza('<message/>'),
})

function begin() {
  const store = memoryStore()
  const lines: string[] = []
  const commits = new CommitQueue(
    (ops) => store.write(ops),
    () => undefined,
  )
  const pending = new Pending({ store, commits, log: (_level, text) => lines.push(text) })
  const put = async (each: PendingAmendment): Promise<void> => {
    await pending.put(each)
    await new Promise<void>((resolve) => commits.after(() => resolve()))
  }
  return { store, lines, pending, put, commits }
}

test('what has found no message is kept, a thousand a room, the newest; the log says so', async () => {
  const { store, lines, put } = begin()
  for (let n = 0; n < 1001; n++) await put(row(n))
  await put(row(1, 'q@m'))

  const rows = await store.amendments('r@m')
  expect([rows.length, rows[0]?.atMs, rows.at(-1)?.atMs]).toEqual([501, 500, 1000])
  expect(await store.amendments('q@m')).toHaveLength(1)
  expect(lines).toHaveLength(1)
})

test('what the worker before has kept is counted, and what has found its message is not', async () => {
  const { store, lines, put, pending, commits } = begin()
  await store.write(Array.from({ length: 999 }, (_, n) => ({ put: 'amendment', row: row(n) })))
  await put(row(1000))
  pending.forget('r@m', [row(0), row(1)])
  await new Promise<void>((resolve) => commits.after(() => resolve()))
  await put(row(1001))
  await put(row(1002))

  expect([(await store.amendments('r@m')).length, lines.length]).toEqual([1000, 0])
})
