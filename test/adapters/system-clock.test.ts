import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../src/adapters/system-clock.ts'
import { fakeClock } from '../support/fakes/fake-clock.ts'
import { clockContract } from './clock-contract.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

clockContract('systemClock', () => ({ clock: systemClock(), pass: (ms) => void vi.advanceTimersByTime(ms) }))

clockContract('fakeClock', () => {
  const clock = fakeClock()
  return { clock, pass: (ms) => clock.advance(ms) }
})

test('ids of the system clock are UUIDs', () => {
  expect(systemClock().newId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})
