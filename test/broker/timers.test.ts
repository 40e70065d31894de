import { expect, test } from 'vitest'
import { Timers } from '../../src/broker/timers.ts'
import { fakeClock } from '../support/fakes/fake-clock.ts'

function stage() {
  const clock = fakeClock()
  const ran: string[] = []
  return { clock, ran, timers: new Timers(clock), note: (what: string) => () => void ran.push(what) }
}

test('a timer runs once, after its time', () => {
  const { clock, ran, timers, note } = stage()
  timers.start('a', 100, note('a'))

  clock.advance(99)
  expect(ran).toEqual([])
  clock.advance(1)
  clock.advance(1000)

  expect(ran).toEqual(['a'])
})

test('one that is started again runs only the second time', () => {
  const { clock, ran, timers, note } = stage()
  timers.start('a', 100, note('first'))
  clock.advance(50)
  timers.start('a', 100, note('second'))

  clock.advance(1000)

  expect(ran).toEqual(['second'])
})

test('one that is stopped does not run, and no other stops with it', () => {
  const { clock, ran, timers, note } = stage()
  timers.start('a', 100, note('a'))
  timers.start('b', 100, note('b'))

  timers.stop('a')
  timers.stop('never started')
  clock.advance(1000)

  expect(ran).toEqual(['b'])
})

test('one may start itself again', () => {
  const { clock, ran, timers } = stage()
  const again = (): void => {
    ran.push('a')
    if (ran.length < 3) timers.start('a', 100, again)
  }
  timers.start('a', 100, again)

  clock.advance(1000)

  expect(ran).toHaveLength(3)
})

test('all of them can be stopped', () => {
  const { clock, ran, timers, note } = stage()
  timers.start('a', 100, note('a'))
  timers.start('__proto__', 100, note('b'))

  timers.stopAll()
  clock.advance(1000)

  expect(ran).toEqual([])
  expect(clock.waiting).toBe(0)
})
