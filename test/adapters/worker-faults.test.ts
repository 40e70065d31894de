import { describe, expect, test } from 'vitest'
import { type Fault, hearFaults } from '../../src/adapters/worker-faults.ts'

function faultOf(type: string, facts: object): Fault | undefined {
  const scope = new EventTarget()
  const faults: Fault[] = []
  hearFaults(scope, (fault) => faults.push(fault))
  scope.dispatchEvent(Object.assign(new Event(type), facts))
  return faults[0]
}

/** As Firefox and WebKit write it. */
function withPlaces(error: Error): Error {
  error.stack = 'run@worker.js:7:3'
  return error
}

describe('an exception', () => {
  const where = { message: 'Uncaught Error: no', filename: 'worker.js', lineno: 7, colno: 3 }

  test('is told with its stack', () => {
    const error = new Error('no')

    expect(faultOf('error', { ...where, error })).toEqual({ message: 'Error: no', details: error.stack })
  })

  test('has its message in the log where the stack is places alone', () => {
    expect(faultOf('error', { ...where, error: withPlaces(new TypeError('no')) })?.details).toBe(
      'TypeError: no\nrun@worker.js:7:3',
    )
  })

  test('that is no Error is told with its place', () => {
    expect(faultOf('error', { ...where, error: 'no' })?.details).toBe('no (worker.js:7:3)')
  })

  test('that the browser does not hand over is told by its words', () => {
    expect(faultOf('error', { ...where, error: null })?.details).toBe('Uncaught Error: no (worker.js:7:3)')
  })

  test('of which the browser says nothing is told all the same', () => {
    expect(faultOf('error', {})).toEqual({ message: 'an error without words', details: 'an error without words' })
  })
})

describe('a promise that nobody heard fail', () => {
  test('is told with the stack of its reason', () => {
    const reason = withPlaces(new Error('no'))

    expect(faultOf('unhandledrejection', { reason })).toEqual({
      message: 'a promise was rejected: Error: no',
      details: 'a promise was rejected: Error: no\nrun@worker.js:7:3',
    })
  })

  test.each([
    ['no reason at all', undefined, 'undefined'],
    ['a text', 'no', 'no'],
    ['what cannot be made a text', Object.create(null), 'object'],
  ])('for %s is told, too', (_what, reason, words) => {
    const message = `a promise was rejected: ${words}`

    expect(faultOf('unhandledrejection', { reason })).toEqual({ message, details: message })
  })
})
