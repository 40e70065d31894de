import { expect, test } from 'vitest'
import { testClock, turn } from '../../src/testing/test-clock.ts'
import { clockContract } from '../adapters/clock-contract.ts'

const START = Date.UTC(2030, 0, 1)

clockContract('testClock', () => {
  const clock = testClock(START)
  return { clock, pass: (ms) => clock.advance(ms) }
})

test('a short pause ends by itself, and its time has passed then', async () => {
  const clock = testClock(START)
  const ran: number[] = []
  clock.after(8, () => ran.push(clock.nowMs()))
  expect(clock.pauses).toEqual({ ended: 0, open: 1 })

  await turn()
  await turn()

  expect(ran).toEqual([START + 8])
  expect(clock.pauses).toEqual({ ended: 1, open: 0 })
})

test('a longer one waits until the time is let pass', async () => {
  const clock = testClock(START)
  const ran: number[] = []
  clock.after(100, () => ran.push(clock.nowMs()))

  for (let i = 0; i < 20; i++) await turn()
  expect(ran).toEqual([])
  clock.advance(100)

  expect(ran).toEqual([START + 100])
})

test('a short pause that is taken back never ends', async () => {
  const clock = testClock(START)
  const ran: string[] = []
  clock.after(8, () => ran.push('ran'))()

  for (let i = 0; i < 4; i++) await turn()

  expect(ran).toEqual([])
  expect(clock.pauses.open).toBe(0)
})
