import { describe, expect, test } from 'vitest'
import type { Clock } from '../../src/broker/ports.ts'

/** A clock, and the way to let time pass for it. */
export interface ClockUnderTest {
  readonly clock: Clock
  pass(ms: number): void
}

/** What every filling of `Clock` promises. */
export function clockContract(name: string, create: () => ClockUnderTest): void {
  describe(`${name}, as a clock,`, () => {
    test('goes on as time passes', () => {
      const { clock, pass } = create()
      const before = clock.nowMs()

      pass(1500)

      expect(clock.nowMs() - before).toBe(1500)
    })

    test('gives whole milliseconds since the epoch', () => {
      const { clock } = create()

      expect(Number.isInteger(clock.nowMs())).toBe(true)
      expect(clock.nowMs()).toBeGreaterThan(Date.UTC(2020, 0, 1))
    })

    test('runs what waits once, when its time has come and not before', () => {
      const { clock, pass } = create()
      const ran: number[] = []
      clock.after(100, () => ran.push(clock.nowMs()))

      pass(99)
      expect(ran).toEqual([])
      pass(1)
      pass(1000)

      expect(ran).toHaveLength(1)
    })

    test('never runs anything within the call', () => {
      const { clock, pass } = create()
      const ran: string[] = []

      clock.after(0, () => ran.push('later'))
      ran.push('now')
      pass(1)

      expect(ran).toEqual(['now', 'later'])
    })

    test('runs in the order of the times, and where they are equal in the order of the calls', () => {
      const { clock, pass } = create()
      const ran: string[] = []
      clock.after(20, () => ran.push('c'))
      clock.after(10, () => ran.push('a'))
      clock.after(10, () => ran.push('b'))

      pass(50)

      expect(ran).toEqual(['a', 'b', 'c'])
    })

    test('takes back what has not run, and does not mind being asked twice or too late', () => {
      const { clock, pass } = create()
      const ran: string[] = []
      const takeBack = clock.after(10, () => ran.push('taken back'))
      const late = clock.after(10, () => ran.push('ran'))

      takeBack()
      takeBack()
      pass(20)
      late()
      pass(20)

      expect(ran).toEqual(['ran'])
    })

    test('lets one run start the next', () => {
      const { clock, pass } = create()
      const ran: number[] = []
      clock.after(10, () => {
        ran.push(1)
        clock.after(10, () => ran.push(2))
      })

      pass(19)
      expect(ran).toEqual([1])
      pass(1)

      expect(ran).toEqual([1, 2])
    })

    test('gives ids that nobody else has', () => {
      const { clock } = create()

      expect(new Set(Array.from({ length: 1000 }, () => clock.newId())).size).toBe(1000)
    })

    test('gives chances from 0 to 1', () => {
      const { clock } = create()

      for (let i = 0; i < 100; i++) {
        const chance = clock.chance()
        expect(chance).toBeGreaterThanOrEqual(0)
        expect(chance).toBeLessThanOrEqual(1)
      }
    })
  })
}
