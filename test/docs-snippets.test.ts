// Each example of the README and of docs/ is compiled as an application would be: what it shows is there, of those types.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const COMPILE_MS = 120_000

interface Snippet {
  /** With the line where it begins, which is its line in the compiled file, too. */
  readonly file: string
  readonly source: string
}

/** What a page may take as given: most examples are of an account that is online, and of a room of it. */
const GIVEN = `
declare global {
  const account: import('minimix-web').Account
  const room: import('minimix-web').Room
}
export {}
`

/** A comment before the example, which no reader sees, says what else it takes as given: `<!-- ts: const id: string -->` */
const EXAMPLE = /(?:<!-- ts: ([^\n]*?) -->\n+)?^```ts\n([\s\S]*?)^```$/gm

function snippetsOf(page: string, text: string): Snippet[] {
  return [...text.matchAll(EXAMPLE)].map(({ 0: all, 1: given = '', 2: source = '', index }) => {
    const line = text.slice(0, index + all.indexOf('```ts\n')).split('\n').length
    const before = given === '' ? '' : `declare ${given.replaceAll('; ', '; declare ')};`
    return {
      file: `${page.replaceAll('/', '_')}.${line + 1}.ts`,
      source: `${before}${'\n'.repeat(line)}${source}\nexport {}\n`,
    }
  })
}

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .map((file) => join('docs', file))
    .sort(),
].filter((file) => file.endsWith('.md'))
const snippets = pages.flatMap((page) => snippetsOf(page, readFileSync(join(ROOT, page), 'utf8')))

/** What can be imported, and the source of each. */
function imports(): Record<string, [string]> {
  const { name, exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const entries = Object.entries<{ readonly types?: string }>(exports).flatMap(([path, { types }]) => {
    if (types === undefined) return []
    const source = join(ROOT, types.replace('./dist/types/', 'src/').replace(/\.d\.ts$/, ''))
    return [[`${name}${path.slice(1)}`, [existsSync(`${source}.tsx`) ? `${source}.tsx` : `${source}.ts`]]]
  })
  return Object.fromEntries(entries)
}

/** What the compiler says of them: a line an error, each with the line of the page. */
function compile(all: readonly Snippet[]): string[] {
  mkdirSync(join(ROOT, '.cache'), { recursive: true })
  const folder = mkdtempSync(join(ROOT, '.cache/snippets-'))
  try {
    const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false, types: [], paths: imports() }
    const files = [
      ...all.map(({ file }) => file),
      'given.ts',
      ...['adapters/ltx.d.ts', 'tab/dom.d.ts'].map((file) => join(ROOT, 'src', file)),
    ]
    for (const { file, source } of [...all, { file: 'given.ts', source: GIVEN }])
      writeFileSync(join(folder, file), source)
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: join(ROOT, 'tsconfig.json'), compilerOptions, files, include: [] }),
    )
    execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder, '--pretty', 'false'], {
      cwd: folder,
    })
    return []
  } catch (error) {
    const { stdout } = error as { readonly stdout?: Buffer } // of a process that ended with a code
    if (stdout === undefined) throw error
    return stdout.toString().trim().split('\n')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test('every page with examples is read', () => {
  expect(pages).toEqual(expect.arrayContaining(['README.md', join('docs', 'guides', 'getting-started.md')]))
  expect(snippets.length).toBeGreaterThan(30)
})

test('each example compiles', { timeout: COMPILE_MS }, () => {
  expect(compile(snippets)).toEqual([])
})

test('what is not there is found, with its line in the page', { timeout: COMPILE_MS }, () => {
  const page = [
    '# A page',
    '',
    '```ts',
    'await room.join({ nick: 7 })',
    '```',
    '',
    '<!-- ts: const id: string; const at: number -->',
    '',
    '```ts',
    'room.markDisplayed(id)',
    'room.markDisplayed(at)',
    '```',
    '',
    '```js',
    'nonsense(',
    '```',
    '',
  ].join('\n')

  const found = compile(snippetsOf('a/page.md', page)).map((line) => /^\S+ error TS\d+/.exec(line)?.[0])

  expect(found.sort()).toEqual(['a_page.md.10.ts(11,20): error TS2345', 'a_page.md.4.ts(4,19): error TS2322'])
})
