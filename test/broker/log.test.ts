import { expect, test } from 'vitest'
import { Log } from '../../src/broker/log.ts'
import { fakeClock } from '../support/fakes/fake-clock.ts'

test('records are kept in their order, with their time', () => {
  const clock = fakeClock({ startMs: 1000 })
  const log = new Log(clock)

  log.add('info', 'one')
  clock.advance(5)
  log.add('error', 'two')

  expect(log.records).toEqual([
    { atMs: 1000, level: 'info', text: 'one' },
    { atMs: 1005, level: 'error', text: 'two' },
  ])
})

test('the last 2,000 are kept', () => {
  const log = new Log(fakeClock())

  for (let i = 0; i < 2500; i++) log.add('debug', String(i))

  expect(log.records).toHaveLength(2000)
  expect([log.records[0]?.text, log.records.at(-1)?.text]).toEqual(['500', '2499'])
})

test('of a record as long as a stanza 2,000 characters are kept', () => {
  const log = new Log(fakeClock())

  log.add('error', 'x'.repeat(1_000_000))

  expect(log.records[0]?.text).toBe('x'.repeat(2000))
})
