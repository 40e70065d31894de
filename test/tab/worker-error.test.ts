import { expect, test } from 'vitest'
import { workerNotLoaded } from '../../src/tab/worker-error.ts'

test.each(['/minimix-worker.js', new URL('https://capulet.example/minimix-worker.js')])(
  'says that the worker could not be loaded from %s',
  (url) => {
    expect(workerNotLoaded(url)).toMatch(new RegExp(`^the worker could not be loaded from ${url}: `))
  },
)

test('says so also where only the bundler knows from where', () => {
  expect(workerNotLoaded()).toMatch(/^the worker could not be loaded from \.\/worker\.js beside the SDK: /)
})

test.each([
  ['that a bundler must find the worker', 'bundler must find it'],
  ["what Vite's development server needs", "optimizeDeps.exclude: ['minimix-web']"],
  ['the option for a copied file', '`worker`'],
  ['what there is to copy', 'minimix-web/worker.js'],
  ['the policy of the page', 'worker-src'],
])('names %s', (_remedy, words) => {
  expect(workerNotLoaded('/x.js')).toContain(words)
})
