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
 * Keeps `new SharedWorker(new URL('./worker.js', import.meta.url), …)` in the built page word for word: the bundler of
 * the application is to find it there, so neither ours nor its minifier may touch it.
 */
function keepWorkerExpression(): Plugin {
  const written = /new SharedWorker\(new URL\('\.\.\/worker\.ts', import\.meta\.url\), (\{[^}]+\})\)/
  return {
    name: 'keep-worker-expression',
    apply: 'build',
    enforce: 'pre',
    transform(code, id) {
      if (!id.endsWith('/tab/spawn-worker.ts')) return undefined
      if (!written.test(code)) throw new Error('spawn-worker.ts: the expression is not as it must be')
      return { code: code.replace(written, '__SPAWN_WORKER__(name)'), map: null }
    },
    generateBundle(_options, bundle) {
      const options = "{ type: 'module', name: $1, extendedLifetime: true }"
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue
        chunk.code = chunk.code.replace(
          /__SPAWN_WORKER__\((\w+)\)/,
          `new SharedWorker(new URL('./worker.js', import.meta.url), ${options})`,
        )
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
      plugins: [keepWorkerExpression()],
      build: {
        target: 'es2023',
        emptyOutDir: false,
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
