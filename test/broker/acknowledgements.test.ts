import { expect, test } from 'vitest'
import { Acknowledgements } from '../../src/broker/acknowledgements.ts'
import type { Stream } from '../../src/broker/ports.ts'

const someStream = (): Stream => ({ send: () => undefined, close: () => undefined, drop: () => undefined })

/** A store that is done when the test says so. */
function stage() {
  const waiting: (() => void)[] = []
  const sent: number[] = []
  const world = { taken: 0, saves: 0, current: someStream() }
  const acknowledgements = new Acknowledgements({
    saved: () => {
      world.saves += 1
      return world.taken
    },
    afterSaved: (run) => waiting.push(run),
    isCurrent: (stream) => stream === world.current,
    send: (_stream, taken) => sent.push(taken),
  })
  const stored = (): void => {
    for (const run of waiting.splice(0)) run()
  }
  return { acknowledgements, world, sent, stored }
}

test('however often the server asks while that is stored, it is told once, and once more behind it', () => {
  const { acknowledgements, world, sent, stored } = stage()
  world.taken = 3
  for (let at = 0; at < 1_000; at++) acknowledgements.asked(world.current)
  expect(sent).toEqual([])

  world.taken = 5
  stored()
  expect(sent).toEqual([3])
  stored()
  stored()

  expect(sent).toEqual([3, 5])
  expect(world.saves).toBe(2)
})

test('a stream that is gone is told nothing, and the next one is told at once', () => {
  const { acknowledgements, world, sent, stored } = stage()
  acknowledgements.asked(world.current)
  acknowledgements.asked(world.current)
  world.current = someStream()
  world.taken = 7
  acknowledgements.asked(world.current)

  stored()

  expect(sent).toEqual([7])
  acknowledgements.asked(world.current)
  stored()
  expect(sent).toEqual([7, 7])
})
