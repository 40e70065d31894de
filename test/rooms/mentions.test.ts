import { expect, test } from 'vitest'
import { mentions } from '../../src/rooms/mentions.ts'

test.each([
  ['juliet: good night', 'juliet'],
  ['good night, Juliet!', 'juliet'],
  ['@JULIET', 'juliet'],
  ['juliet', 'Juliet'],
  ['"juliet"', 'juliet'],
  ['juliets and juliet', 'juliet'],
  ['hello Ana María', 'ana maría'],
  ['привет, Юля', 'юля'],
  ['c++ is hard', 'c++'],
  ['🎉juliet🎉', 'juliet'],
  ['(.*)', '.*'],
  ['__proto__!', '__proto__'],
])('%j names %j', (text, nick) => {
  expect(mentions(text, nick)).toBe(true)
})

test.each([
  ['juliets', 'juliet'],
  ['mejuliet', 'juliet'],
  ['juliet2', 'juliet'],
  ['juliet_', 'juliet'],
  ['julietё', 'juliet'],
  ['𝐀juliet', 'juliet'],
  ['juliet𝐀', 'juliet'],
  ['jul iet', 'juliet'],
  ['', 'juliet'],
  ['anything', ''],
  ['x', '.'],
])('%j does not name %j', (text, nick) => {
  expect(mentions(text, nick)).toBe(false)
})
