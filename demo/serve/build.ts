import { join, resolve } from 'node:path'
import { build } from 'vite'
import { MEMORY_CONFIG } from './memory.ts'
import { policyInPage } from './policy.ts'

const ROOT = join(import.meta.dirname, '../..')

/**
 * Writes the demonstration without a server as a static site: any web server can have it, in any folder.
 *
 * @returns where it is
 */
export async function buildSite(folder: string): Promise<string> {
  const outDir = resolve(ROOT, folder)
  await build({
    configFile: join(ROOT, 'vite.config.ts'),
    root: join(ROOT, 'demo'),
    base: './',
    logLevel: 'warn',
    plugins: [
      policyInPage(),
      {
        name: 'demo-config',
        // The package says of itself that importing it does nothing, and bundlers believe it; the page's own files do.
        transform: (code, id) => (id.includes('/demo/') ? { code, map: null, moduleSideEffects: true } : undefined),
        generateBundle() {
          this.emitFile({ type: 'asset', fileName: 'demo/config.json', source: JSON.stringify(MEMORY_CONFIG) })
        },
      },
    ],
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2023',
      assetsInlineLimit: 0, // a worker as a data: URL is nobody's worker under the policy
      rolldownOptions: { input: ['index.html', 'debug.html'].map((page) => join(ROOT, 'demo', page)) },
    },
  })
  return outDir
}
