import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

test.each([
  ['bindings.md', 'examples/bindings/chat.tsx'],
  ['bindings.md', 'examples/bindings/stores.ts'],
  ['bindings.md', 'examples/bindings/vue.js'],
  ['plugins.md', 'examples/drafts/worker.ts'],
  ['plugins.md', 'examples/drafts/page.ts'],
  ['plugins.md', 'examples/polls/worker.ts'],
  ['plugins.md', 'examples/polls/page.ts'],
])('the guide %s has %s word for word', (guide, file) => {
  const code = read(file).replace(/^(?:\/\*\* @jsxImportSource \w+ \*\/|\/\/ .*)\n/, '')

  expect(read(`docs/guides/${guide}`)).toContain(code)
})
