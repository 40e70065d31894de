import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'
import { beforeAll, expect, test } from 'vitest'
import { ensureBuilt } from './support/built.ts'

const DIST = join(import.meta.dirname, '../dist')

/** What a person's browser loads: kB (1,000 bytes) by gzip -9. `goal` is where it is to come; then the limit comes along. */
const SIZES = [
  // All of the page's part, with what few pages use. `the start of a page` below is what one loads at least.
  { file: 'index.js', limit: 16.4, goal: 9 },
  { file: 'worker.js', limit: 70, goal: 48 },
  // What it loads when it first needs it.
  { file: 'worker-later.js', limit: 22.5, goal: 20 },
  // The same as modules, for a worker file of the app's own.
  { file: 'broker.js', limit: 70, goal: 48 },
  { file: 'broker-later.js', limit: 22.5, goal: 20 },
  // Beside React, and `index.js`.
  { file: 'react.js', limit: 3, goal: 2.5 },
] as const

const gzipped = (code: string | Buffer): number => gzipSync(code, { level: 9 }).length / 1000
const sizeOf = (file: string): number => gzipped(readFileSync(join(DIST, file)))

/** What a bundler makes of an application that uses rooms alone: what is loaded when it starts. */
async function startOfPage(): Promise<string> {
  const page = 'a page'
  const source = `import { connect } from ${JSON.stringify(join(DIST, 'index.js'))}\nglobalThis.start = connect`
  const bundle = await rolldown({
    input: page,
    plugins: [
      {
        name: page,
        resolveId: (id) => (id === page ? id : undefined),
        load: (id) => (id === page ? source : undefined),
      },
    ],
  })
  const { output } = await bundle.generate({ minify: true, comments: false })
  const [start] = output
  if (start.imports.length > 0) throw new Error(`the start is more than one file: ${start.imports}`)
  return start.code
}

beforeAll(() => ensureBuilt((line) => process.stderr.write(`${line}\n`)), 120_000)

test.each(SIZES)('$file is at most $limit kB by gzip (the goal is $goal)', ({ file, limit }) => {
  expect(sizeOf(file)).toBeLessThanOrEqual(limit)
})

test('a page that uses rooms only loads at most 16.0 kB of ours when it starts', async () => {
  const start = await startOfPage()

  expect(start).toContain('minimix:tab:')
  expect(gzipped(start)).toBeLessThanOrEqual(16)
})

test('the README tells the sizes, but for a twentieth', () => {
  const readme = readFileSync(join(DIST, '../README.md'), 'utf8')
  const [, page, worker] = /^The page's part is ([\d.]+) kB, the worker ([\d.]+) kB/m.exec(readme) ?? []

  expect(Number(page) / sizeOf('index.js')).toBeCloseTo(1, 1)
  expect(Number(worker) / sizeOf('worker.js')).toBeCloseTo(1, 1)
})
