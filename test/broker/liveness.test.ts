import { describe, expect, test } from 'vitest'
import { Liveness } from '../../src/broker/liveness.ts'
import { fakeClock } from '../support/fakes/fake-clock.ts'

function stage() {
  const clock = fakeClock()
  const happened: string[] = []
  const begunMs = clock.nowMs()
  const note = (what: string) => () => happened.push(`${what} ${clock.nowMs() - begunMs}`)
  const liveness = new Liveness({ clock, ask: note('asks'), onDead: note('dead') })
  liveness.begin()
  return { clock, happened, liveness }
}

describe('what was sent', () => {
  test('is asked about a second later, once for all of it', () => {
    const { clock, happened, liveness } = stage()

    liveness.sent()
    clock.advance(500)
    liveness.sent()
    clock.advance(500)

    expect(happened).toEqual(['asks 1000'])
  })

  test('after a question that has no answer yet needs no other', () => {
    const { clock, happened, liveness } = stage()
    liveness.sent()
    clock.advance(1_000)

    liveness.sent()
    clock.advance(5_000)

    expect(happened).toEqual(['asks 1000'])
  })

  test('after an answer is asked about again', () => {
    const { clock, happened, liveness } = stage()
    liveness.sent()
    clock.advance(1_000)
    liveness.heard()

    liveness.sent()
    clock.advance(1_000)

    expect(happened).toEqual(['asks 1000', 'asks 2000'])
  })
})

describe('a question', () => {
  test('that has no answer within 8 seconds means that nobody is there', () => {
    const { clock, happened, liveness } = stage()

    liveness.askNow()
    clock.advance(7_999)
    expect(happened).toEqual(['asks 0'])
    clock.advance(1)

    expect(happened).toEqual(['asks 0', 'dead 8000'])
  })

  test('is answered by anything that comes', () => {
    const { clock, happened, liveness } = stage()
    liveness.askNow()
    clock.advance(7_999)

    liveness.heard()
    clock.advance(10_000)

    expect(happened).toEqual(['asks 0'])
  })

  test('asked twice is one', () => {
    const { happened, liveness } = stage()

    liveness.askNow()
    liveness.askNow()

    expect(happened).toEqual(['asks 0'])
  })

  test('takes the place of the one that was to come', () => {
    const { clock, happened, liveness } = stage()
    liveness.sent()

    liveness.askNow()
    liveness.heard()
    clock.advance(5_000)

    expect(happened).toEqual(['asks 0'])
  })
})

describe('a connection on which nothing comes', () => {
  test('is asked after half a minute', () => {
    const { clock, happened } = stage()

    clock.advance(29_999)
    expect(happened).toEqual([])
    clock.advance(1)

    expect(happened).toEqual(['asks 30000'])
  })

  test('but now and then is asked half a minute after the last of it', () => {
    const { clock, happened, liveness } = stage()
    clock.advance(20_000)
    liveness.heard()

    clock.advance(29_999)
    expect(happened).toEqual([])
    clock.advance(1)

    expect(happened).toEqual(['asks 50000'])
  })

  test('is asked again and again, as long as it answers', () => {
    const { clock, happened, liveness } = stage()

    for (let i = 0; i < 3; i++) {
      clock.advance(30_000)
      liveness.heard()
    }

    expect(happened).toEqual(['asks 30000', 'asks 60000', 'asks 90000'])
  })
})

test('when it has ended nothing is asked, and nobody dies', () => {
  const { clock, happened, liveness } = stage()
  liveness.sent()
  liveness.askNow()

  liveness.end()
  clock.advance(600_000)

  expect(happened).toEqual(['asks 0'])
  expect(clock.waiting).toBe(0)
})

test('when it begins again what was asked before is forgotten', () => {
  const { clock, happened, liveness } = stage()
  liveness.askNow()
  clock.advance(7_000)

  liveness.begin()
  clock.advance(5_000)

  expect(happened).toEqual(['asks 0'])
})

test('a system clock that is put back or forward kills nobody', () => {
  const { clock, happened, liveness } = stage()
  for (const ms of [-3_600_000, 3_600_000]) {
    clock.setNowMs(clock.nowMs() + ms)
    for (let i = 0; i < 20; i++) {
      clock.advance(10_000)
      liveness.heard()
    }
  }

  expect(happened.filter((what) => what.startsWith('dead'))).toEqual([])
})

test('who waits to hear that all has been handled: it is asked until it is', () => {
  const { happened, liveness } = stage()

  liveness.want()
  for (const left of [2, 1, 0, 1]) {
    liveness.heard()
    liveness.answered(left)
  }

  expect(happened).toEqual(['asks 0', 'asks 0', 'asks 0'])
})
