import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, expect, test } from 'vitest'
import { ensureBuilt } from './support/built.ts'

const DIST = join(import.meta.dirname, '../dist')

/** What a person's browser loads: kB (1,000 bytes) by gzip -9. `goal` is where it is to come; then the limit comes along. */
const SIZES = [
  { file: 'index.js', limit: 19, goal: 9 },
  { file: 'worker.js', limit: 85, goal: 48 },
  // The same as a module, for a worker file of the app's own.
  { file: 'broker.js', limit: 85, goal: 48 },
  // Beside React, and `index.js`.
  { file: 'react.js', limit: 3, goal: 2.5 },
] as const

const sizeOf = (file: string): number => gzipSync(readFileSync(join(DIST, file)), { level: 9 }).length / 1000

beforeAll(() => ensureBuilt((line) => process.stderr.write(`${line}\n`)), 120_000)

test.each(SIZES)('$file is at most $limit kB by gzip (the goal is $goal)', ({ file, limit }) => {
  expect(sizeOf(file)).toBeLessThanOrEqual(limit)
})

test('the README tells the sizes, but for a twentieth', () => {
  const readme = readFileSync(join(DIST, '../README.md'), 'utf8')
  const [, page, worker] = /^The page's part is ([\d.]+) kB, the worker ([\d.]+) kB/m.exec(readme) ?? []

  expect(Number(page) / sizeOf('index.js')).toBeCloseTo(1, 1)
  expect(Number(worker) / sizeOf('worker.js')).toBeCloseTo(1, 1)
})
