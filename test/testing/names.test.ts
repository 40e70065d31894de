import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as testing from '../../src/testing/index.ts'

/** Every exported name is a promise for years, as those of the page are. */
test('the tests of an application can import these names', () => {
  const source = readFileSync(new URL('../../src/testing/index.ts', import.meta.url), 'utf8')
  const names = [...source.matchAll(/export\s+(?:type\s+)?\{([^}]*)\}/g)].flatMap(([, list = '']) =>
    list.split(',').map((name) => name.replace(/\btype\b/, '').trim()),
  )

  expect(Object.keys(testing)).toEqual(['fakeServer'])
  expect(names.filter((name) => name !== '').sort()).toEqual([
    'FakeOccupant',
    'FakePerson',
    'FakeRoom',
    'FakeServer',
    'FakeServerOptions',
    'Heard',
    'JoinWords',
    'RoomHappening',
    'RoomSettings',
    'Said',
    'Shown',
    'fakeServer',
  ])
})
