import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Emitter } from '../../src/tab/emitter.ts'
import { browserGlobals } from '../support/fakes/tab-pair.ts'

interface Events {
  readonly one: number
  readonly two: string
}

const reported: unknown[] = []
let restore = (): void => undefined
beforeEach(() => {
  reported.length = 0
  restore = browserGlobals(reported).restore
})
afterEach(() => restore())

function stage() {
  const heard: unknown[] = []
  return { emitter: new Emitter<Events>(), heard, note: (event: unknown) => void heard.push(event) }
}

test('a listener hears what it listens to, and nothing else', () => {
  const { emitter, heard, note } = stage()
  emitter.on('one', note)

  emitter.emit('one', 1)
  emitter.emit('two', 'x')

  expect(heard).toEqual([1])
})

test('an event that nobody listens to is nobody’s', () => {
  expect(() => stage().emitter.emit('one', 1)).not.toThrow()
})

test('listeners hear in the order in which they were put on', () => {
  const { emitter, heard } = stage()
  for (const n of [1, 2, 3]) emitter.on('one', () => heard.push(n))

  emitter.emit('one', 0)

  expect(heard).toEqual([1, 2, 3])
})

describe('a listener', () => {
  test('can be taken off by what `on` gave, once and again', () => {
    const { emitter, heard, note } = stage()
    const off = emitter.on('one', note)

    off()
    off()
    emitter.emit('one', 1)

    expect(heard).toEqual([])
  })

  test('that was put on twice hears twice, and is taken off one by one', () => {
    const { emitter, heard, note } = stage()
    const off = emitter.on('one', note)
    emitter.on('one', note)

    emitter.emit('one', 1)
    off()
    emitter.emit('one', 2)

    expect(heard).toEqual([1, 1, 2])
  })

  test('is taken off by its signal', () => {
    const { emitter, heard, note } = stage()
    const ending = new AbortController()
    emitter.on('one', note, { signal: ending.signal })

    emitter.emit('one', 1)
    ending.abort()
    emitter.emit('one', 2)

    expect(heard).toEqual([1])
  })

  test('whose signal was aborted before never hears', () => {
    const { emitter, heard, note } = stage()
    emitter.on('one', note, { signal: AbortSignal.abort() })

    emitter.emit('one', 1)

    expect(heard).toEqual([])
  })

  test('that throws is reported, and the others hear', () => {
    const { emitter, heard, note } = stage()
    const broken = new Error('broken')
    emitter.on('one', () => {
      throw broken
    })
    emitter.on('one', note)

    emitter.emit('one', 1)

    expect(heard).toEqual([1])
    expect(reported).toEqual([broken])
  })

  test('that is put on while an event is told does not hear that one', () => {
    const { emitter, heard, note } = stage()
    emitter.on('one', () => emitter.on('one', note))

    emitter.emit('one', 1)

    expect(heard).toEqual([])
  })

  test('that is taken off by one before it does not hear any more', () => {
    const { emitter, heard, note } = stage()
    emitter.on('one', () => off())
    const off = emitter.on('one', note)

    emitter.emit('one', 1)

    expect(heard).toEqual([])
  })

  test.each([undefined, null, 'f', {}])('that is %j is no function: it throws at once', (nonsense) => {
    expect(() => stage().emitter.on('one', nonsense as never)).toThrow(TypeError)
  })
})
