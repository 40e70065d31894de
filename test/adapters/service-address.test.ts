import { describe, expect, test } from 'vitest'
import { addressRefusal, isLoopback, mayLeadTo } from '../../src/adapters/service-address.ts'

describe('isLoopback', () => {
  test.each([
    'ws://localhost/x',
    'ws://localhost:5280/',
    'wss://127.0.0.1/',
    'ws://127.9.9.9:1/',
    'ws://[::1]:5280/',
    'ws://LOCALHOST/',
  ])('%s is this machine', (url) => {
    expect(isLoopback(url)).toBe(true)
  })

  test.each([
    'wss://capulet.example/',
    'wss://localhost.evil.example/',
    'wss://127.0.0.1.evil.example/',
    'wss://127.evil.example/',
    'wss://10.0.0.1/',
    'wss://user:127.0.0.1@evil.example/',
    'wss://[::2]/',
    'wss://evil.example/127.0.0.1',
  ])('%s is not', (url) => {
    expect(isLoopback(url)).toBe(false)
  })
})

describe('addressRefusal', () => {
  test.each([
    'wss://capulet.example/x',
    'WSS://capulet.example',
    'ws://localhost:5280/',
    'ws://127.0.0.1/',
    'wss://[::1]/',
  ])('there is none of %s', (url) => {
    expect(addressRefusal(url)).toBeUndefined()
  })

  test.each([
    ['ws://capulet.example/x', 'wss:'],
    ['ws://localhost.evil.example/', 'wss:'],
    ['ws://10.0.0.1/', 'wss:'],
    ['https://capulet.example/', 'https:'],
    ['javascript:alert(1)', 'javascript:'],
    ['capulet.example', 'no address'],
    ['', 'no address'],
    ['wss://', 'no address'],
  ])('%j is refused, and %s is in the reason', (url, reason) => {
    expect(addressRefusal(url)).toContain(reason)
  })
})

describe('mayLeadTo', () => {
  test.each([
    ['wss://a.example/x', 'wss://b.example:5443/y'],
    ['ws://127.0.0.1:1/', 'ws://localhost:2/'],
    ['wss://localhost/', 'wss://[::1]/'],
  ])('from %s to %s', (from, to) => {
    expect(mayLeadTo(from, to)).toBe(true)
  })

  test.each([
    ['wss://a.example/', 'ws://b.example/'],
    ['wss://a.example/', 'ws://localhost/'],
    ['wss://a.example/', 'wss://localhost/'],
    ['wss://localhost/', 'wss://a.example/'],
    ['wss://localhost/', 'ws://localhost/'],
    ['ws://localhost/', 'wss://localhost/'],
    ['wss://a.example/', 'https://a.example/http-bind'],
    ['wss://a.example/', 'b.example'],
    ['wss://a.example/', ''],
  ])('not from %s to %s', (from, to) => {
    expect(mayLeadTo(from, to)).toBe(false)
  })
})
