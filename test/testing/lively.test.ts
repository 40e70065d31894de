import { expect, test } from 'vitest'
import { liven } from '../../demo/memory/lively.ts'
import { orchard, ROOM } from '../../demo/memory/orchard.ts'
import { FakeRoom } from '../../src/testing/fake-room.ts'
import { MemoryServer } from '../../src/testing/memory-server.ts'
import { fakeClock } from '../support/fakes/fake-clock.ts'

const CAST = ['Romeo', 'Nurse'].map((nick) => ({
  nick,
  alias: `${nick} the other`,
  thoughts: [`${nick} thinks`],
  answers: ['indeed.'],
}))

/** @param chance what the clock says of every chance */
function stage(chance: number) {
  const clock = fakeClock({ chance })
  const server = new MemoryServer({ clock })
  server.room('r@rooms.example').settings.persistent = true
  const room = new FakeRoom('r@rooms.example', server)
  liven(room, CAST, clock)
  const said = () => room.messages.map(({ nick, body }) => `${nick}: ${body}`)
  return { clock, room, said }
}

test('nobody does anything while nobody is there to see it', () => {
  const { clock, room, said } = stage(0)

  clock.advance(3_600_000)

  expect(said()).toEqual([])
  expect(room.nicks).toEqual(['Romeo', 'Nurse'])
  expect(clock.waiting).toBe(0)
})

test('who comes is greeted, after somebody has been seen to write', () => {
  const { clock, room, said } = stage(0)
  const juliet = room.join('juliet')

  clock.advance(1_000)
  const states = juliet.person.heard.filter(({ children }) =>
    children.some((each) => typeof each !== 'string' && each.name === 'composing'),
  )
  clock.advance(1_200)

  expect(states.map(({ attrs }) => attrs['from'])).toEqual(['r@rooms.example/Romeo'])
  expect(said()).toEqual(['Romeo: Welcome, juliet!'])
})

test('who is named answers', () => {
  const { clock, room, said } = stage(0)
  const juliet = room.join('juliet')
  clock.advance(3_000)

  juliet.say('nurse, what is it?')
  clock.advance(3_000)

  expect(said().at(-1)).toBe('Nurse: juliet: indeed.')
})

test('nobody answers faster than a person can, however much is said', () => {
  const { clock, room, said } = stage(0)
  const juliet = room.join('juliet')

  for (let i = 0; i < 200; i++) {
    juliet.say(`word ${i}`)
    clock.advance(100)
  }

  expect(said().filter((each) => !each.startsWith('juliet')).length).toBeLessThanOrEqual(13)
  expect(said().filter((each) => !each.startsWith('juliet')).length).toBeGreaterThan(3)
})

test.each([
  [0, 'thinks', ({ said }: ReturnType<typeof stage>) => said().some((each) => each.endsWith('thinks'))],
  [0.6, 'has another name', ({ room }: ReturnType<typeof stage>) => room.nicks.some((nick) => nick.endsWith('other'))],
  [0.9, 'goes', ({ room }: ReturnType<typeof stage>) => room.nicks.length === 2],
])('where chance says %s one of them %s when nothing else happens', (chance, _what, seen) => {
  const all = stage(chance)
  all.room.join('juliet')

  let was = false
  for (let i = 0; i < 120 && !was; i++) {
    all.clock.advance(1_000)
    was = seen(all)
  }

  expect(was).toBe(true)
})

test('who went comes back, and leaves nothing behind that grows', () => {
  const { clock, room } = stage(0.9)
  const juliet = room.join('juliet')

  for (let i = 0; i < 500; i++) {
    clock.advance(1_000)
    if (i % 60 === 0) juliet.say('still here')
  }

  const came = juliet.heard.filter(({ kind }) => kind === 'joined').length
  expect(came).toBeGreaterThan(3)
  expect(room.nicks.length).toBeGreaterThanOrEqual(2)
  expect(clock.waiting).toBeLessThan(10)
})

test('to somebody who says nothing they fall silent, until they say something', () => {
  const { clock, room, said } = stage(0)
  const juliet = room.join('juliet')
  clock.advance(1_200_000)
  const before = said().length

  clock.advance(3_600_000)
  expect(said().length).toBe(before)
  expect(clock.waiting).toBe(0)
  juliet.say('hello')
  clock.advance(60_000)

  expect(said().length).toBeGreaterThan(before + 2)
})

test('the orchard is there before anybody comes, with its words and its people', () => {
  const clock = fakeClock()
  const room = new FakeRoom(ROOM, orchard(clock))

  expect(room.nicks).toHaveLength(3)
  expect(room.messages[0]?.body).toContain('The garden gate is open.')
  expect(room.subject).toContain('orchard')
})
