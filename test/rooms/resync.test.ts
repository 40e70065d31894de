import { expect, test } from 'vitest'
import { inRoom, type Machine, self, sent } from '../support/fakes/room-machine.ts'

const asksAgain = (m: Machine, presence: string): boolean =>
  sent(m.hear(presence)).some(({ name }) => name === 'presence')

test.each([
  ['a role', self({ role: 'moderator' })],
  ['an affiliation', self({ role: 'moderator', affiliation: 'admin' })],
])('who becomes a moderator by %s asks for the list of occupants again', (_, presence) => {
  expect(asksAgain(inRoom(), presence)).toBe(true)
})

test('who ceases to be a moderator asks again', () => {
  const m = inRoom()
  m.hear(self({ role: 'moderator' }))

  expect(asksAgain(m, self())).toBe(true)
})

test.each([
  ['a visitor', self({ role: 'visitor' })],
  ['a member', self({ affiliation: 'member' })],
])('who becomes %s does not', (_, presence) => {
  expect(asksAgain(inRoom(), presence)).toBe(false)
})

test('nobody asks again where everybody sees the JIDs of all', () => {
  const m = inRoom()
  m.room.codes = [100, 110]

  expect(asksAgain(m, self({ role: 'moderator' }))).toBe(false)
})
