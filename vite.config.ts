import { fileURLToPath } from 'node:url'
import { minify } from 'terser'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'
import { workerLater } from './build/worker-later.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** What is built, by mode: each a module that imports nothing but what is beside it. */
const ENTRIES: Record<string, { readonly entry: string; readonly file: string; readonly banner?: string }> = {
  page: { entry: 'src/index.ts', file: 'index.js' },
  worker: { entry: 'src/worker.ts', file: 'worker.js' },
  broker: { entry: 'src/start-broker.ts', file: 'broker.js' },
  // Frameworks that render on servers want to know where the browser's part begins.
  react: { entry: 'src/react.ts', file: 'react.js', banner: "'use client'" },
  testing: { entry: 'src/testing/index.ts', file: 'testing.js' },
}

/**
 * What is beside them and stays outside: bindings are of the application's React, and of the page's classes, and so is
 * the server of its tests. By the module as it is imported.
 */
const BESIDE: Record<string, string> = {
  '../index.ts': './index.js',
  '../tab/file-sending.ts': './file-sending.js',
  '../tab/pictures.ts': './pictures.js',
  react: 'react',
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
        // Of files that are loaded late not every bundler finds those that a template names.
        chunk.code = chunk.code.replace(/\bimport\(`(\.[^`$]+)`\)/g, "import('$1')")
      }
    },
  }
}

/** What of a package nobody here uses, and no bundler can know it: by the end of the module's path. */
const LEFT_OUT: Record<string, readonly RegExp[]> = {
  '/comlink/dist/esm/comlink.mjs': [
    // How a proxy is sent: only plain data crosses. It holds `wrap` in the worker.
    /\["proxy", proxyTransferHandler\],/,
    // All that a message can ask for but to call what is there.
    /case "SET"[\s\S]*?(?=case "APPLY")/,
    /case "CONSTRUCT"[\s\S]*?(?=case "RELEASE")/,
  ],
  // Reads and writes without a transaction, and cursors as async iterators: `Database` in storage/schema.ts has neither.
  '/idb/build/index.js': [/const readMethods = [\s\S]*(?=export \{)/],
}

function stayOutside(): Plugin {
  return {
    name: 'stay-outside',
    apply: 'build',
    enforce: 'pre',
    resolveId(source, importer) {
      const id = /\/src\/(?:react|testing)/.test(importer ?? '') ? BESIDE[source] : undefined
      return id === undefined ? undefined : { id, external: true }
    },
  }
}

function leaveOut(): Plugin {
  return {
    name: 'leave-out',
    apply: 'build',
    transform(code, id) {
      const [end, unused = []] = Object.entries(LEFT_OUT).find(([path]) => id.endsWith(path)) ?? []
      if (!unused.every((each) => each.test(code))) throw new Error(`${end}: what is to be left out is not there`)
      const without = (text: string, each: RegExp): string => text.replace(each, (part) => part.replace(/./g, ' '))
      return end === undefined ? undefined : { code: unused.reduce(without, code), map: null }
    },
  }
}

/** Terser finds what can be said shorter, and the bundler's own minifier behind it shorter names. */
function compress(): Plugin {
  return {
    name: 'compress',
    apply: 'build',
    async renderChunk(code) {
      const { code: compressed, map } = await minify(code, {
        module: true,
        ecma: 2020,
        compress: { passes: 2, inline: 1 }, // functions with arguments put in place are longer
        mangle: false,
        sourceMap: true,
      })
      if (compressed === undefined || typeof map !== 'string') throw new Error('terser gave no code, or no map of it')
      return { code: compressed, map }
    },
  }
}

export default defineConfig(({ mode }) => {
  const built = ENTRIES[mode]
  const isWorker = mode === 'worker' || mode === 'broker'
  return {
    base: './',
    worker: { format: 'es' },
    resolve: {
      alias: {
        'minimix-web/broker': here('src/start-broker.ts'),
        'minimix-web/react': here('src/react.ts'),
        'minimix-web/testing': here('src/testing/index.ts'),
        'minimix-web': here('src/index.ts'),
        // The parser's; Node takes its own.
        events: here('src/adapters/no-events.ts'),
      },
    },
    ...(built && {
      plugins: [stayOutside(), keepWorkerExpressions(), isWorker && workerLater(), leaveOut(), compress()],
      build: {
        target: 'es2023',
        emptyOutDir: mode === 'page', // the first one: what an earlier build left is not to be published
        sourcemap: true,
        rolldownOptions: {
          checks: { pluginTimings: false },
          ...(isWorker && { preserveEntrySignatures: 'allow-extension' as const }),
          output: {
            minify: true,
            comments: false,
            chunkFileNames: isWorker ? `${mode}-later.js` : '[name].js',
            ...(built.banner && { postBanner: built.banner }),
          },
        },
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
              'test/{protocol,rooms,account,broker,features,storage,search,adapters,tab,react,examples,testing}/**/*.test.ts',
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
            // Each has a server and a browser of its own, and mostly waits for them.
            maxWorkers: 2,
            sequence: { groupOrder: 1 },
          },
        },
      ],
    },
  }
})
