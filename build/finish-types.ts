// Last step of `npm run build`: the compiler declares every module, an application can reach those of the entries.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const TYPES = join(import.meta.dirname, '../dist/types')
const ENTRIES = ['index.d.ts', 'start-broker.d.ts', 'react.d.ts', 'testing/index.d.ts', 'worker.d.ts']
const IMPORT = /\b(?:from|import)\s*\(?\s*['"](\.[^'"]+)\.ts['"]/g

const reached = new Set<string>()

function reach(file: string): void {
  if (reached.has(file)) return
  reached.add(file)
  for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(IMPORT)) reach(`${join(dirname(file), path)}.d.ts`)
}

for (const entry of ENTRIES) reach(join(TYPES, entry))
for (const each of readdirSync(TYPES, { recursive: true, withFileTypes: true })) {
  const file = join(each.parentPath, each.name)
  if (each.isFile() && !reached.has(file)) rmSync(file)
}

// `Symbol.asyncDispose` is in no library that an application has unless it asks: what needs it says so itself.
const index = join(TYPES, 'index.d.ts')
writeFileSync(index, `/// <reference lib="esnext.disposable" />\n${readFileSync(index, 'utf8')}`)
