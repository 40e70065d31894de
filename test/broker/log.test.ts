import { expect, test } from 'vitest'
import { Log } from '../../src/broker/log.ts'
import type { LogRecord } from '../../src/contract/model.ts'
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

test('whoever wants them gets each record as it is made, and cannot change what is kept', () => {
  const told: LogRecord[] = []
  const log = new Log(fakeClock({ startMs: 1000 }), (record) => {
    told.push({ ...record })
    Object.assign(record, { text: 'changed' })
  })

  log.add('warn', 'slow')

  const record = { atMs: 1000, level: 'warn', text: 'slow' }
  expect([told, log.records]).toEqual([[record], [record]])
})

test.each([
  [
    'that throws',
    () => {
      throw new Error('no')
    },
  ],
  ['whose promise is rejected', () => Promise.reject(new Error('no'))],
])('one %s harms nothing', async (_how, onRecord) => {
  const unheard: unknown[] = []
  const hear = (reason: unknown): void => void unheard.push(reason)
  process.on('unhandledRejection', hear)
  const log = new Log(fakeClock(), onRecord)

  log.add('info', 'one')
  log.add('info', 'two')
  await new Promise((resolve) => setImmediate(resolve))
  process.off('unhandledRejection', hear)

  expect(log.records.map(({ text }) => text)).toEqual(['one', 'two'])
  expect(unheard).toEqual([])
})

test.each([
  ['wss://host.test/ws: refused', 'wss://host.test/ws: refused'],
  ['wss://host.test/ws?token=abc:d/e: refused', 'wss://host.test/ws?…: refused'],
  ['ended (WS://host.test?t=abc)', 'ended (WS://host.test?…)'],
  ['wss://ana:p@ss@host.test:443/ws#abc, again', 'wss://host.test:443/ws?… again'],
  ['at https://host.test/worker.js?v=1:7:3', 'at https://host.test/worker.js?v=1:7:3'],
])('what an address of a service holds besides its place is left out: %s', (text, kept) => {
  const log = new Log(fakeClock())

  log.add('info', text)

  expect(log.records[0]?.text).toBe(kept)
})

test('of a record as long as a stanza 2,000 characters are kept', () => {
  const log = new Log(fakeClock())

  log.add('error', 'x'.repeat(1_000_000))

  expect(log.records[0]?.text).toBe('x'.repeat(2000))
})
