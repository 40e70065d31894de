import { expect, test } from 'vitest'
import { given } from '../../src/tab/given.ts'

test('a field without a value is left out', () => {
  expect(Object.keys(given({ nick: 'juliet', password: undefined }))).toEqual(['nick'])
})

test('a field with a value is kept, whatever the value', () => {
  const fields = { room: '', count: 0, hidden: false, chosen: null }

  expect(given(fields)).toEqual(fields)
})
