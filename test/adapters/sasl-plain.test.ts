import { describe, expect, test } from 'vitest'
import { Plain } from '../../src/adapters/sasl-plain.ts'

/** The bytes that the library puts on the wire for what a mechanism gives it: one a character, by `btoa`. */
const wire = (response: string): string => Buffer.from(btoa(response), 'base64').toString('utf8')

describe('PLAIN', () => {
  test.each([
    ['juliet', 'r0m30myr0m30'],
    ['juliet', 'pässwörd'],
    ['juliet', 'пароль'],
    ['juliet', '🔑'],
    ['jülïet', ''],
  ])('sends %s and %s in UTF-8', (username, password) => {
    expect(wire(new Plain().response({ username, password }))).toBe(`\0${username}\0${password}`)
  })

  test('sends nothing where nothing is given, instead of the word null', () => {
    expect(wire(new Plain().response({ username: null, password: null }))).toBe('\0\0')
  })

  test('speaks first', () => {
    expect(new Plain().clientFirst).toBe(true)
  })
})
