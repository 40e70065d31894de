import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** What is built, by mode: each a module that imports nothing. */
const ENTRIES: Record<string, { readonly entry: string; readonly file: string }> = {
  page: { entry: 'src/index.ts', file: 'index.js' },
  worker: { entry: 'src/worker.ts', file: 'worker.js' },
  broker: { entry: 'src/start-broker.ts', file: 'broker.js' },
}

/**
 * Keeps `new SharedWorker(new URL('./worker.js', import.meta.url), …)` in the built page word for word, and the same
 * with `Worker`: the bundler of the application is to find it there, so neither ours nor its minifier may touch it.
 */
function keepWorkerExpressions(): Plugin {
  const written = /new (SharedWorker|Worker)\(new URL\('\.\.\/worker\.ts', import\.meta\.url\), (\{[^}]+\})\)/g
  /** What follows the URL, by kind. */
  const kept: Record<string, string> = {}
  return {
    name: 'keep-worker-expressions',
    apply: 'build',
    enforce: 'pre',
    transform(code, id) {
      if (!id.endsWith('/tab/spawn-worker.ts')) return undefined
      const marked = code.replace(written, (_all, kind: string, options: string) => {
        kept[kind] = options
        return `__SPAWN_${kind}__(name)`
      })
      if (Object.keys(kept).length !== 2) throw new Error('spawn-worker.ts: the expressions are not as they must be')
      return { code: marked, map: null }
    },
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue
        chunk.code = chunk.code.replace(/__SPAWN_(\w+?)__\((\w+)\)/g, (_all, kind: string, name: string) => {
          const options = kept[kind]?.replace(/\bname\b/, `name: ${name}`)
          return `new ${kind}(new URL('./worker.js', import.meta.url), ${options})`
        })
      }
    },
  }
}

export default defineConfig(({ mode }) => {
  const built = ENTRIES[mode]
  return {
    base: './',
    worker: { format: 'es' },
    resolve: {
      alias: {
        'minimix-web': here('src/index.ts'),
        // The parser's; Node takes its own.
        events: here('src/adapters/no-events.ts'),
      },
    },
    ...(built && {
      plugins: [keepWorkerExpressions()],
      build: {
        target: 'es2023',
        emptyOutDir: mode === 'page', // the first one: what an earlier build left is not to be published
        sourcemap: true,
        rolldownOptions: { output: { minify: true } },
        lib: { entry: here(built.entry), formats: ['es'], fileName: () => built.file },
      },
    }),
    test: {
      projects: [
        {
          extends: true,
          test: {
            name: 'logic',
            // Pure code and fakes of ours: nothing of one file can reach another, and starting anew for each costs 20 s.
            isolate: false,
            pool: 'threads',
            include: [
              'test/{protocol,rooms,account,broker,storage,search,adapters,tab}/**/*.test.ts',
              'test/*.test.ts',
            ],
          },
        },
        { extends: true, test: { name: 'fuzz', include: ['test/fuzz/**/*.test.ts'] } },
        {
          extends: true,
          test: {
            name: 'support',
            include: ['test/support-tests/**/*.test.ts'],
            testTimeout: 60_000,
            hookTimeout: 60_000,
          },
        },
        {
          extends: true,
          test: {
            name: 'e2e',
            include: ['test/e2e/**/*.test.ts'],
            testTimeout: 60_000,
            hookTimeout: 120_000,
            fileParallelism: false,
          },
        },
      ],
    },
  }
})
