import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { isHidden } from '../../src/tab/activity.ts'
import { reloadOnceHidden as reloadPageOnceHidden } from '../../src/tab/reload.ts'

const RELOAD_MS = 60_000
const NAMES = ['document', 'sessionStorage', 'location'] as const

let shownPage: EventTarget & { visibilityState: 'visible' | 'hidden' }
const before = NAMES.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const)
const put = (name: (typeof NAMES)[number], value: unknown): void =>
  void Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  shownPage = Object.assign(new EventTarget(), { visibilityState: 'visible' as const })
  put('document', shownPage)
})
afterEach(() => {
  for (const [name, descriptor] of before) {
    if (descriptor) Object.defineProperty(globalThis, name, descriptor)
    else Reflect.deleteProperty(globalThis, name)
  }
  vi.useRealTimers()
})

const reloadOnceHidden = (): void => reloadPageOnceHidden(isHidden)
const show = (visibilityState: 'visible' | 'hidden'): boolean => {
  shownPage.visibilityState = visibilityState
  return shownPage.dispatchEvent(new Event('visibilitychange'))
}

describe('a page that is to be loaded anew', () => {
  let kept: Map<string, string>
  let reloads: number
  beforeEach(() => {
    kept = new Map()
    reloads = 0
    put('sessionStorage', {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
    })
    put('location', {
      reload() {
        reloads += 1
      },
    })
  })

  test('is once nobody looks at it, and not before', () => {
    reloadOnceHidden()
    vi.advanceTimersByTime(10 * RELOAD_MS)
    expect(reloads).toBe(0)

    show('hidden')

    expect(reloads).toBe(1)
  })

  test('is at once where nobody looks at it', () => {
    show('hidden')

    reloadOnceHidden()

    expect(reloads).toBe(1)
  })

  test('is loaded once', () => {
    reloadOnceHidden()

    show('hidden')
    show('visible')
    show('hidden')
    vi.advanceTimersByTime(10 * RELOAD_MS)

    expect(reloads).toBe(1)
  })

  test('and finds itself outdated again waits twice as long each time: what helps nothing must not go round for ever', () => {
    show('hidden')
    reloadOnceHidden()

    for (const [n, pauseMs] of [RELOAD_MS, 2 * RELOAD_MS, 4 * RELOAD_MS].entries()) {
      reloadOnceHidden()
      vi.advanceTimersByTime(pauseMs - 1)
      expect(reloads).toBe(n + 1)
      vi.advanceTimersByTime(1)
      expect(reloads).toBe(n + 2)
    }
  })

  test('and waits is not loaded while somebody looks at it', () => {
    show('hidden')
    reloadOnceHidden()
    reloadOnceHidden()
    show('visible')
    vi.advanceTimersByTime(2 * RELOAD_MS)
    expect(reloads).toBe(1)

    show('hidden')

    expect(reloads).toBe(2)
  })

  test('is loaded once, too, where it waited and was looked at in between', () => {
    show('hidden')
    reloadOnceHidden()
    reloadOnceHidden()
    for (const state of ['visible', 'hidden', 'visible', 'hidden'] as const) show(state)

    vi.advanceTimersByTime(10 * RELOAD_MS)

    expect(reloads).toBe(2)
  })

  test('waits for nothing where the last time is long enough ago', () => {
    show('hidden')
    reloadOnceHidden()
    vi.advanceTimersByTime(RELOAD_MS)

    reloadOnceHidden()

    expect(reloads).toBe(2)
  })

  test('where there is no page is none', () => {
    Reflect.deleteProperty(globalThis, 'document')

    reloadOnceHidden()

    expect(reloads).toBe(0)
  })
})
