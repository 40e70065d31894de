import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { isHidden, watchActivity, watchVisibility } from '../../src/tab/activity.ts'

const IDLE_MS = 300_000
const NAMES = ['document', 'addEventListener'] as const

let page: EventTarget
let shownPage: EventTarget & { visibilityState: 'visible' | 'hidden' }
let told: string[]
let ending: AbortController
const before = NAMES.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const)
const put = (name: (typeof NAMES)[number], value: unknown): void =>
  void Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  page = new EventTarget()
  shownPage = Object.assign(new EventTarget(), { visibilityState: 'visible' as const })
  put('document', shownPage)
  put('addEventListener', page.addEventListener.bind(page))
  told = []
  ending = new AbortController()
  watchActivity(IDLE_MS, (activity) => told.push(activity), ending.signal)
})
afterEach(() => {
  ending.abort()
  for (const [name, descriptor] of before) {
    if (descriptor) Object.defineProperty(globalThis, name, descriptor)
    else Reflect.deleteProperty(globalThis, name)
  }
  vi.useRealTimers()
})

const sign = (name = 'keydown'): boolean => page.dispatchEvent(new Event(name))
const show = (visibilityState: 'visible' | 'hidden'): boolean => {
  shownPage.visibilityState = visibilityState
  return shownPage.dispatchEvent(new Event('visibilitychange'))
}

test('a person who gives no sign is away, after three times as long for good, and each is told once', () => {
  vi.advanceTimersByTime(IDLE_MS - 1)
  expect(told).toEqual([])
  vi.advanceTimersByTime(1)
  expect(told).toEqual(['away'])
  vi.advanceTimersByTime(2 * IDLE_MS)
  vi.advanceTimersByTime(10 * IDLE_MS)

  expect(told).toEqual(['away', 'xa'])
})

test.each(['pointerdown', 'keydown', 'wheel', 'touchstart'])('%s is a sign of a person', (name) => {
  vi.advanceTimersByTime(IDLE_MS)

  sign(name)

  expect(told).toEqual(['away', 'active'])
})

test('each sign gives the whole time anew', () => {
  vi.advanceTimersByTime(IDLE_MS - 1)
  sign()
  vi.advanceTimersByTime(IDLE_MS - 1)

  expect(told).toEqual([])
})

test('a tab that is hidden goes on from when it was last looked at, and one that is shown is looked at', () => {
  vi.advanceTimersByTime(IDLE_MS / 2)
  show('hidden')
  vi.advanceTimersByTime(IDLE_MS / 2)
  expect(told).toEqual(['away'])

  show('visible')

  expect(told).toEqual(['away', 'active'])
})

test('a sign in a hidden tab is none of a person', () => {
  show('hidden')
  vi.advanceTimersByTime(IDLE_MS)

  sign()

  expect(told).toEqual(['away'])
})

test('nothing is told any more once it has ended', () => {
  ending.abort()
  vi.advanceTimersByTime(9 * IDLE_MS)
  sign()

  expect(told).toEqual([])
  expect(vi.getTimerCount()).toBe(0)
})

test('a tab tells when it is shown or hidden, and when the person comes to it, until it ends', () => {
  const seen: boolean[] = []
  const visibility = new AbortController()
  watchVisibility(() => seen.push(!isHidden()), visibility.signal)

  show('hidden')
  show('visible')
  sign('focus')
  visibility.abort()
  show('hidden')

  expect(seen).toEqual([false, true, true])
})

test('where there is no page nobody can look at it', () => {
  expect(isHidden()).toBe(false)
  Reflect.deleteProperty(globalThis, 'document')

  expect(isHidden()).toBe(true)
  expect(() => watchVisibility(() => undefined, ending.signal)).not.toThrow()
})
