import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
/** What it needs may have to be installed first. */
const BUILD_MS = 300_000
const folder = mkdtempSync(join(tmpdir(), 'minimix-site-'))
let built: Outcome

interface Outcome {
  readonly code: number
  readonly output: string
}

function run(command: string, args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) =>
    execFile(command, args, { cwd: ROOT }, (error, output, complaints) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, output: output + complaints }),
    ),
  )
}

beforeAll(async () => {
  built = await run('npm', ['run', '--silent', 'docs'])
}, BUILD_MS)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const titlesIn = (kind: string): string[] =>
  readdirSync(join(ROOT, 'docs-site', kind))
    .filter((file) => file.endsWith('.html'))
    .map(
      (file) => /<title>([^|<]*?) *[|<]/.exec(readFileSync(join(ROOT, 'docs-site', kind, file), 'utf8'))?.[1] ?? file,
    )

test('the site is built, and no link in it is dead', () => {
  expect(built).toEqual({ code: 0, output: expect.stringMatching(/\d\d pages, 0 dead links\n$/) })
})

test('it has a page for each guide, by its heading, without anybody naming it', () => {
  const guides = readdirSync(join(ROOT, 'docs/guides')).map(
    (file) => /^# (.+)$/m.exec(readFileSync(join(ROOT, 'docs/guides', file), 'utf8'))?.[1],
  )

  expect(guides.length).toBeGreaterThan(10)
  expect(titlesIn('documents')).toEqual(expect.arrayContaining(guides))
})

test('it has a page for each name that can be imported', () => {
  const source = readFileSync(join(ROOT, 'src/index.ts'), 'utf8')
  const names = [...source.matchAll(/export\s+(?:type\s+)?\{([^}]*)\}/g)].flatMap(([, list = '']) =>
    list.split(',').map((name) => name.replace(/\btype\b/, '').trim()),
  )
  const pages = ['classes', 'functions', 'interfaces', 'types'].flatMap(titlesIn)

  expect(names.filter((name) => name !== '' && !pages.includes(name))).toEqual([])
})

test('a dead link is found, to a page as to a place in one', async () => {
  const links =
    '<a id="here" href="#here">1</a> <a href="#there">2</a> <a href="gone.html">3</a> <a href="https://x.example/">4</a>'
  writeFileSync(join(folder, 'index.html'), links)

  const { code, output } = await run(process.execPath, [join(ROOT, 'site/check-links.js'), folder])

  expect(code).toBe(1)
  expect(output.split('\n').filter((line) => line.includes('dead link '))).toEqual([
    'index.html: dead link #there',
    'index.html: dead link gone.html',
  ])
})
