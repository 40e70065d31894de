// What the pages say of the source is so: versions of XEPs, files, error codes, links between pages.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ErrorCode } from '../src/index.ts'

const ROOT = join(import.meta.dirname, '..')
const FOLDERS = ['build', 'demo', 'src', 'test']
const filesIn = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => join(folder, file).replaceAll('\\', '/'))
    .filter((file) => !file.includes('node_modules/'))
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8')

const pages = [
  ...readdirSync(ROOT).filter((file) => file.endsWith('.md')),
  ...filesIn('docs').filter((file) => file.endsWith('.md')),
].sort()

describe('the table of XEPs', () => {
  interface Row {
    readonly number: string
    readonly version: string
    readonly files: readonly string[]
  }

  function rowsOf(page: string): Row[] {
    const row = /^\| \[(\d{4})\]\(https:\/\/xmpp\.org\/extensions\/xep-\1\.html\)[^|]*\|([^|]*)\|[^|]*\|([^|]*)\|$/gm
    return [...page.matchAll(row)].map(([, number = '', version = '', where = '']) => ({
      number,
      version: version.trim(),
      files: [...where.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file),
    }))
  }

  /** What the head of a codec says that it is written by; there may be two in it. */
  const headOf = (source: string): { number: string; version: string }[] =>
    [
      ...source
        .split('\n', 1)
        .join()
        .matchAll(/XEP-(\d{4}): [^;]*?, version (\d+(?:\.\d+)*)/g),
    ].map(([, number = '', version = '']) => ({ number, version }))

  const rows = rowsOf(read('docs/xeps.md'))
  const sources = filesIn('src').filter((file) => file.endsWith('.ts'))
  const heads = sources.flatMap((file) =>
    headOf(read(file)).map((head) => ({ ...head, file: file.replace('src/', '') })),
  )

  test('is read, as the heads are', () => {
    expect(rows.length).toBeGreaterThan(30)
    expect(rows.find(({ number }) => number === '0045')?.files).toContain('protocol/xep-0045-muc.ts')
    expect(headOf('// XEP-0402: Bookmarks, version 1.2.0; XEP-0048: Bookmarks, version 1.2\n// XEP-1: x')).toEqual([
      { number: '0402', version: '1.2.0' },
      { number: '0048', version: '1.2' },
    ])
  })

  test('has each of them once, in order', () => {
    const numbers = rows.map(({ number }) => number)

    expect(numbers).toEqual([...new Set(numbers)].sort())
  })

  test.each(heads)('has XEP-$number in version $version, by which $file is written', ({ number, version, file }) => {
    const row = rows.find((each) => each.number === number)

    expect(row?.version).toBe(version)
    if (file.includes('xep-')) expect(row?.files).toContain(file)
  })

  test('every codec file says what it is written by', () => {
    const codecs = sources.map((file) => file.replace('src/', '')).filter((file) => file.includes('/xep-'))

    expect(codecs.filter((file) => !heads.some((head) => head.file === file))).toEqual([])
  })

  test('every file that it names is there', () => {
    const named = [...read('docs/xeps.md').matchAll(/`([\w/-]+\.ts)`/g)].map(([, file]) => file)

    expect(named.filter((file) => !sources.includes(`src/${file}`))).toEqual([])
  })

  test('is that of the README, which has numbers and versions alone', () => {
    const section = /^## Protocol\n([\s\S]*?)^## /m.exec(read('README.md'))?.[1] ?? ''
    const told = [...section.matchAll(/\b(\d{4}) \((\d+(?:\.\d+)*)\)/g)].map(([, number, version]) => [number, version])

    expect(told.sort()).toEqual(rows.map(({ number, version }) => [number, version]))
  })
})

const files = FOLDERS.flatMap(filesIn)

test.each(pages.filter((page) => page !== 'CHANGELOG.md'))('every source file that %s names is there', (page) => {
  const named = [...read(page).matchAll(/`((?:[\w.-]+\/)*[\w.-]+\.tsx?)`/g)].map(([, file = '']) => file)
  const isThere = (file: string): boolean =>
    existsSync(join(ROOT, file)) || files.some((each) => each.endsWith(`/${file}`))

  expect(named.filter((file) => !isThere(file))).toEqual([])
})

/** As GitHub makes them. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

function deadLinks(page: string, text: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, '')
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false
    const [path = '', place] = link.split('#')
    const file = path === '' ? page : normalize(join(dirname(page), path))
    if (!existsSync(join(ROOT, file))) return true
    if (place === undefined) return false
    const headings = [...(file === page ? text : read(file)).matchAll(/^#+ (.+)$/gm)]
    return !headings.some(([, heading = '']) => anchorOf(heading) === place)
  })
}

test.each(pages)('every link of %s leads somewhere', (page) => {
  expect(deadLinks(page, read(page))).toEqual([])
})

test('a link that leads nowhere is found, and so is a place in a page that is not there', () => {
  const text =
    '# On `links`\n[a](b.md) [c](rooms.md#join) [d](rooms.md#no) [e](#on-links) [f](#off) `[g](h)` [i](https://j.k/)'

  expect(deadLinks('docs/guides/errors.md', text)).toEqual(['b.md', 'rooms.md#no', '#off'])
})

/** The list is closed: the compiler says where one is missing here. */
const CODES: Readonly<Record<ErrorCode, true>> = {
  'credentials-required': true,
  'not-authorized': true,
  'service-unreachable': true,
  timeout: true,
  aborted: true,
  'worker-unavailable': true,
  'worker-gone': true,
  'worker-error': true,
  outdated: true,
  'jid-malformed': true,
  'not-joined': true,
  offline: true,
  'storage-full': true,
  'storage-closed': true,
  'room-password-required': true,
  'room-nick-conflict': true,
  'room-nick-not-acceptable': true,
  'room-banned': true,
  'room-members-only': true,
  'room-creation-forbidden': true,
  'room-locked': true,
  'room-full': true,
  'room-unreachable': true,
  'room-not-found': true,
  'room-gone': true,
  forbidden: true,
  'not-acceptable': true,
  'stanza-error': true,
}

test.each(['README.md', 'docs/guides/errors.md'])('the table of errors in %s has every code, and no other', (page) => {
  const rows = [...read(page).matchAll(/^\|((?: *`[a-z-]+`,?)+) *\|/gm)].map(([, codes = '']) => codes)
  const table = rows.filter((codes) => Object.keys(CODES).some((code) => codes.includes(`\`${code}\``)))
  const told = table.flatMap((codes) => [...codes.matchAll(/`([a-z-]+)`/g)].map(([, code]) => code))

  expect(told.sort()).toEqual(Object.keys(CODES).sort())
})
