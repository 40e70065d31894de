import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { isHidden, type PageLife, watchActivity, watchLife, watchVisibility } from '../../src/tab/activity.ts'

const IDLE_MS = 300_000
const NAMES = ['document', 'addEventListener', 'sessionStorage', 'location'] as const

let page: EventTarget
let shownPage: EventTarget & { visibilityState: 'visible' | 'hidden' }
let told: string[]
let ending: AbortController
const before = NAMES.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const)
const put = (name: (typeof NAMES)[number], value: unknown): void =>
  void Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
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

describe('the life of a page', () => {
  const said: string[] = []
  const life: PageLife = {
    gone: () => said.push('gone'),
    suspend: () => said.push('suspend'),
    resume: () => said.push('resume'),
    freeze: () => said.push('freeze'),
    look: () => said.push('look'),
  }
  beforeEach(() => {
    said.length = 0
    watchLife(life, ending.signal)
  })
  const turnPage = (name: string, persisted: boolean): boolean =>
    page.dispatchEvent(Object.assign(new Event(name), { persisted }))

  test.each([
    ['goes for good', () => turnPage('pagehide', false), ['gone']],
    ['goes, and is kept', () => turnPage('pagehide', true), ['suspend']],
    ['comes back', () => turnPage('pageshow', true), ['resume']],
    ['is shown for the first time', () => turnPage('pageshow', false), []],
    ['is about to be stopped', () => shownPage.dispatchEvent(new Event('freeze')), ['freeze']],
    ['runs again', () => shownPage.dispatchEvent(new Event('resume')), ['look']],
  ])('is told when it %s', (_what, happen, expected) => {
    happen()

    expect(said).toEqual(expected)
  })

  test('is not told once it has ended', () => {
    ending.abort()

    for (const name of ['pagehide', 'pageshow']) for (const persisted of [true, false]) turnPage(name, persisted)
    for (const name of ['freeze', 'resume']) shownPage.dispatchEvent(new Event(name))

    expect(said).toEqual([])
  })

  test('is none where there is no page', () => {
    Reflect.deleteProperty(globalThis, 'document')

    expect(() => watchLife(life, new AbortController().signal)).not.toThrow()
  })
})
