import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'vite'

const ROOT = join(import.meta.dirname, '../..')
const WRITTEN = /CONTRACT_VERSION = (\d+)/

/** The address under which a deploy is served, by how its contract differs from ours. */
export type Deploy = 'newer' | 'older'

const built = new Map<Deploy, Promise<string>>()

/** The package as another version of it is built: all the same, but for the version of its contract. @returns its path */
export function deployed(deploy: Deploy): Promise<string> {
  const known = built.get(deploy) ?? buildDeploy(deploy)
  built.set(deploy, known)
  return known
}

async function buildDeploy(deploy: Deploy): Promise<string> {
  const api = await readFile(join(ROOT, 'src/contract/api.ts'), 'utf8')
  const ours = Number(WRITTEN.exec(api)?.[1])
  const contract = deploy === 'newer' ? ours + 1 : ours - 1
  const path = `test/.deploys/${deploy}`
  for (const mode of ['page', 'worker']) {
    await build({
      root: ROOT,
      configFile: join(ROOT, 'vite.config.ts'),
      mode,
      logLevel: 'silent',
      plugins: [
        {
          name: 'another-contract',
          enforce: 'pre',
          transform(code, id) {
            if (!id.endsWith('/src/contract/api.ts')) return undefined
            if (!WRITTEN.test(code)) throw new Error('contract/api.ts: there is no version')
            return { code: code.replace(WRITTEN, `CONTRACT_VERSION = ${contract}`), map: null }
          },
        },
      ],
      build: { outDir: join(ROOT, path), emptyOutDir: false },
    })
  }
  return path
}
