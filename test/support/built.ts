import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
/** What the package is made of. */
const SOURCES = ['src', 'build', 'package.json', 'vite.config.ts', 'tsconfig.build.json']

/** The tabs load the built package: it is built anew where it is missing or older than what it is made of. */
export function ensureBuilt(say: (line: string) => void): void {
  const builtMs = statSync(join(ROOT, 'dist/worker.js'), { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (SOURCES.every((path) => newestMs(join(ROOT, path)) <= builtMs)) return
  say('dist/ is missing or old: it is built now')
  execFileSync('npm', ['run', '-s', 'build'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] })
}

/** When anything in there was last written; milliseconds since 1970. */
function newestMs(path: string): number {
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newestMs(join(path, name))))
}
