import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Pulse } from '../../src/tab/pulse.ts'

const EVERY_MS = 15_000
const ANSWER_MS = 1_000

let pulse: Pulse
let pings: number[]
let silent: number
let watched: boolean
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  pings = []
  silent = 0
  watched = true
  pulse = new Pulse({
    ask: (ping) => pings.push(ping),
    onSilent: () => {
      silent += 1
    },
    isWatched: () => watched,
  })
})
afterEach(() => {
  pulse.end()
  vi.useRealTimers()
})

/** A timer that runs when it should have run so many milliseconds earlier: the machine slept. */
const sleep = (ms: number): void => {
  vi.setSystemTime(Date.now() + ms)
}

test('a worker is asked whether it is there every 15 seconds, as long as it answers', () => {
  for (const expected of [1, 2, 3]) {
    vi.advanceTimersByTime(EVERY_MS - 1)
    expect(pings).toHaveLength(expected - 1)
    vi.advanceTimersByTime(1)
    expect(pings).toHaveLength(expected)

    pulse.answered(expected)
  }

  expect(pings).toEqual([1, 2, 3])
  expect(silent).toBe(0)
})

test('a worker is asked only while somebody looks at the tab', () => {
  watched = false
  vi.advanceTimersByTime(10 * EVERY_MS)
  expect(pings).toEqual([])

  watched = true
  vi.advanceTimersByTime(EVERY_MS)

  expect(pings).toEqual([1])
})

test('a worker that does not answer twice within a second is silent, which is told once', () => {
  pulse.ask()
  vi.advanceTimersByTime(ANSWER_MS)
  expect([pings, silent]).toEqual([[1, 2], 0])
  vi.advanceTimersByTime(ANSWER_MS - 1)
  expect(silent).toBe(0)

  vi.advanceTimersByTime(1)
  expect(silent).toBe(1)
  vi.advanceTimersByTime(10 * EVERY_MS)

  expect([pings, silent]).toEqual([[1, 2], 1])
})

test('a worker that answers the second question is not silent, and one silence more is none of two', () => {
  pulse.ask()
  vi.advanceTimersByTime(ANSWER_MS)
  pulse.answered(2)
  vi.advanceTimersByTime(EVERY_MS)
  expect(pings).toEqual([1, 2, 3])

  vi.advanceTimersByTime(ANSWER_MS)

  expect([pings, silent]).toEqual([[1, 2, 3, 4], 0])
})

test('an answer to another question than the last is none', () => {
  pulse.ask()
  vi.advanceTimersByTime(ANSWER_MS)

  pulse.answered(1)
  pulse.answered(7)
  vi.advanceTimersByTime(ANSWER_MS)

  expect(silent).toBe(1)
})

test('a timer that is late counts for nothing: the answer had no more time than it', () => {
  pulse.ask()
  sleep(501)
  vi.advanceTimersByTime(ANSWER_MS)
  expect([pings, silent]).toEqual([[1, 2], 0])

  vi.advanceTimersByTime(ANSWER_MS)
  expect([pings, silent]).toEqual([[1, 2, 3], 0])
  vi.advanceTimersByTime(ANSWER_MS)

  expect(silent).toBe(1)
})

test('a timer that is a little late is not', () => {
  pulse.ask()
  sleep(500)
  vi.advanceTimersByTime(2 * ANSWER_MS)

  expect(silent).toBe(1)
})

test('who comes to look asks at once, and begins to count anew', () => {
  pulse.ask()
  vi.advanceTimersByTime(ANSWER_MS)
  pulse.ask()
  vi.advanceTimersByTime(ANSWER_MS)

  expect([pings, silent]).toEqual([[1, 2, 3, 4], 0])
})

test('nothing is asked and nothing is told once it has ended', () => {
  pulse.ask()

  pulse.end()
  vi.advanceTimersByTime(10 * EVERY_MS)

  expect([pings, silent, vi.getTimerCount()]).toEqual([[1], 0, 0])
})
