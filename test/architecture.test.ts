import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const SRC = join(ROOT, 'src')

interface Permission {
  /** A folder of src/, one file of it, or a package as `npm:name`: may be imported for what it does. */
  readonly code?: readonly string[]
  /** May be imported by `import type` alone, which leaves nothing of it in the bundle. */
  readonly types?: readonly string[]
}

/** What each folder of src/ may import besides itself. */
const FOLDERS: Readonly<Record<string, Permission>> = {
  protocol: {},
  contract: { types: ['protocol'] },
  account: { code: ['contract', 'protocol'] },
  rooms: { code: ['contract', 'protocol'] },
  chats: { code: ['contract', 'protocol', 'rooms'] },
  broker: { code: ['account', 'chats', 'contract', 'protocol', 'rooms'], types: ['storage/store.ts'] },
  features: { code: ['account', 'contract', 'protocol', 'rooms'], types: ['broker/ports.ts'] },
  search: {},
  storage: { code: ['search', 'rooms/gaps.ts'], types: ['account', 'contract', 'protocol', 'rooms'] },
  adapters: {
    code: [
      'protocol',
      'contract/broadcasts.ts',
      'contract/handshake.ts',
      'account/fast-token.ts',
      'account/sasl.ts',
      'account/saslprep.ts',
      'account/scram.ts',
    ],
    types: ['broker/ports.ts', 'contract'],
  },
  tab: {
    code: [
      'contract',
      'adapters/call-port.ts',
      'adapters/service-address.ts',
      'adapters/web-locks.ts',
      'protocol/emoji.ts',
      'protocol/jid.ts',
      'rooms/roster-diff.ts',
    ],
    types: ['protocol/invites.ts', 'protocol/xep-0402-bookmarks.ts'],
  },
  // What an application has, and nothing else.
  react: { code: ['index.ts', 'npm:react'] },
  // A composition root of its own: tabs, worker and a server in one thread. Nothing else may import it.
  testing: {
    code: [
      'account',
      'adapters',
      'broker',
      'contract',
      'index.ts',
      'later.ts',
      'own-plugins.ts',
      'protocol',
      'storage',
      'tab/file-sending.ts',
      'tab/pictures.ts',
    ],
  },
}

/** What some files may import besides that: the composition roots, and one outside thing a file. */
const FILES: Readonly<Record<string, Permission>> = {
  'index.ts': { code: ['contract', 'protocol/xep-0393-styling.ts', 'tab'], types: ['protocol'] },
  'own-plugins.ts': { code: ['features', 'protocol'], types: ['contract'] },
  'later.ts': { code: ['adapters', 'broker', 'features', 'storage'] },
  'start-broker.ts': {
    code: [
      'adapters',
      'broker',
      'contract',
      'later.ts',
      'later.ts',
      'own-plugins.ts',
      'protocol/jid.ts',
      'protocol/xml.ts',
      'storage',
    ],
  },
  'react.ts': { code: ['react'] },
  'worker.ts': { code: ['start-broker.ts'] },
  'adapters/comlink.ts': { code: ['npm:comlink'] },
  'adapters/frame-reader.ts': { code: ['npm:ltx'] },
  'storage/idb-store.ts': { code: ['npm:idb'] },
  'storage/trim.ts': { types: ['npm:idb'] },
  'storage/schema.ts': { code: ['npm:idb'] },
  'storage/search-index.ts': { code: ['npm:idb'] },
  'storage/search-query.ts': { types: ['npm:idb'] },
}

interface Import {
  readonly target: string
  readonly typeOnly: boolean
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
  .map((file) => file.replaceAll('\\', '/'))
  .sort()
const sourceOf = (file: string): string => readFileSync(join(SRC, file), 'utf8')
const folderOf = (file: string): string => (file.includes('/') ? (dirname(file).split('/')[0] ?? '') : '')

const STATEMENT = /^(?:import|export)(\s+type)?\s(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]/gm
const CALL = /\bimport\s*\(\s*['"]([^'"]+)['"]/g

function importsOf(file: string, source = sourceOf(file)): Import[] {
  const resolve = (path: string): string =>
    path.startsWith('.') ? normalize(join(dirname(file), path)).replaceAll('\\', '/') : `npm:${path}`
  return [
    ...[...source.matchAll(STATEMENT)].map(([, type, path = '']) => ({
      target: resolve(path),
      typeOnly: type !== undefined,
    })),
    ...[...source.matchAll(CALL)].map(([, path = '']) => ({ target: resolve(path), typeOnly: false })),
  ]
}

const within = (target: string, allowed: readonly string[] = []): boolean =>
  allowed.some((each) => target === each || target.startsWith(`${each}/`))

test('the imports of a file are found, whatever they look like', () => {
  expect(importsOf('tab/link.ts').map(({ target }) => target)).toEqual([
    'adapters/web-locks.ts',
    'contract/api.ts',
    'contract/errors.ts',
    'contract/handshake.ts',
    'tab/attachment.ts',
    'tab/ways.ts',
  ])
  expect(importsOf('contract/errors.ts')).toEqual([{ target: 'protocol/xep-0045-muc.ts', typeOnly: true }])
  expect(importsOf('worker.ts')).toEqual([{ target: 'start-broker.ts', typeOnly: false }])
})

/** What a file imports and may not. */
function refused(file: string, imports: readonly Import[]): string[] {
  const permissions = [FOLDERS[folderOf(file)], FILES[file]]
  const beside = (target: string): boolean => dirname(file) !== '.' && dirname(target) === dirname(file)
  const allowed = ({ target, typeOnly }: Import): boolean =>
    beside(target) ||
    permissions.some(
      (permission) => within(target, permission?.code) || (typeOnly && within(target, permission?.types)),
    )
  return imports.filter((each) => !allowed(each)).map(({ target }) => target)
}

test.each([
  ['rooms/x.ts', "import { readFileSync } from 'node:fs'", ['npm:node:fs']],
  ['rooms/x.ts', "import { Broker } from '../broker/broker.ts'", ['broker/broker.ts']],
  ['rooms/x.ts', "import { el } from '../protocol/xml.ts'", []],
  ['contract/x.ts', "import { el } from '../protocol/xml.ts'", ['protocol/xml.ts']],
  ['contract/x.ts', "import type { XmlNode } from '../protocol/xml.ts'", []],
  ['contract/x.ts', "import { type XmlNode } from '../protocol/xml.ts'", ['protocol/xml.ts']],
  ['protocol/x.ts', "export * from '../rooms/step.ts'", ['rooms/step.ts']],
  ['protocol/x.ts', "import '../tab/emitter.ts'", ['tab/emitter.ts']],
  ['tab/x.ts', "import { readInvite } from '../protocol/invites.ts'", ['protocol/invites.ts']],
  ['tab/x.ts', "import type { Invite } from '../protocol/invites.ts'", []],
  ['tab/x.ts', "import type { XmlNode } from '../protocol/xml.ts'", ['protocol/xml.ts']],
  ['tab/x.ts', "import { step } from '../rooms/step.ts'", ['rooms/step.ts']],
  ['tab/x.ts', "import {\n  rosterDiff,\n} from '../rooms/roster-diff.ts'", []],
  ['tab/x.ts', "const x = await import('../storage/idb-store.ts')", ['storage/idb-store.ts']],
  ['search/x.ts', "import { openDB } from 'idb'", ['npm:idb']],
  ['storage/x.ts', "import { wordsOf } from '../search/words.ts'", []],
  ['broker/x.ts', "import { memoryStore } from '../storage/memory-store.ts'", ['storage/memory-store.ts']],
  ['broker/x.ts', "import { RoomRow } from '../storage/store.ts'", ['storage/store.ts']],
  ['adapters/x.ts', "import { Element } from '@xmpp/xml'", ['npm:@xmpp/xml']],
  ['react/x.ts', "import { Room } from '../tab/room.ts'", ['tab/room.ts']],
  ['react/x.ts', "import { useMemo } from 'react'\nimport { connect } from '../index.ts'", []],
  ['index.ts', "import { Broker } from './broker/broker.ts'", ['broker/broker.ts']],
  ['worker.ts', "import { connect } from './index.ts'", ['index.ts']],
])('in %s, of %j these are refused: %j', (file, source, expected) => {
  expect(refused(file, importsOf(file, source))).toEqual(expected)
})

test.each(files)('%s imports only what its folder may', (file) => {
  expect(refused(file, importsOf(file))).toEqual([])
})

test('every folder has its row in the table, and only the composition roots stand above them', () => {
  const folders = [...new Set(files.map(folderOf))].filter((folder) => folder !== '')

  expect(folders.filter((folder) => !(folder in FOLDERS))).toEqual([])
  expect(files.filter((file) => folderOf(file) === '')).toEqual([
    'index.ts',
    'later.ts',
    'own-plugins.ts',
    'react.ts',
    'start-broker.ts',
    'worker.ts',
  ])
})

test('every file that the table names is there', () => {
  expect(Object.keys(FILES).filter((file) => !files.includes(file))).toEqual([])
})

test('no file imports itself by way of others', () => {
  const graph = new Map(
    files.map((file) => [file, importsOf(file).flatMap(({ target, typeOnly }) => (typeOnly ? [] : [target]))]),
  )
  const cycles: string[] = []
  const walk = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      cycles.push([...path.slice(path.indexOf(file)), file].join(' > '))
      return
    }
    for (const next of graph.get(file) ?? []) walk(next, [...path, file])
    // What has been walked to its end has no cycle that is not known.
    graph.set(file, [])
  }
  for (const file of files) walk(file, [])

  expect(cycles).toEqual([])
})

const MOST_LINES = 340
/** All that crosses the ports, and what apps call: to be split. */
const LONGER: Readonly<Record<string, number>> = {
  'broker/session.ts': 400,
  'contract/api.ts': 370,
  'tab/account.ts': 400,
}

test.each(files)('%s can be read in one go', (file) => {
  expect(sourceOf(file).trimEnd().split('\n').length).toBeLessThanOrEqual(LONGER[file] ?? MOST_LINES)
})

describe('the pure folders', () => {
  const PURE = ['protocol', 'rooms', 'chats', 'account', 'contract', 'search']
  const pure = JSON.parse(readFileSync(join(ROOT, 'tsconfig.pure.json'), 'utf8'))
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))

  test('are compiled without anything that a browser or Node has', () => {
    expect(pure.compilerOptions.types).toEqual([])
    expect(pure.compilerOptions.lib.filter((lib: string) => !/^ES\d+$/.test(lib))).toEqual([])
    expect(pure.include).toEqual(expect.arrayContaining(PURE.map((folder) => `src/${folder}`)))
  })

  test('are compiled so by the script that checks the types', () => {
    expect(manifest.scripts.types).toContain('tsc -p tsconfig.pure.json')
  })

  test.each(files.filter((file) => PURE.includes(folderOf(file)) && folderOf(file) !== 'contract'))(
    '%s takes time, chance and ids as data, and waits for nothing',
    (file) => {
      const code = sourceOf(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')

      expect(code).not.toMatch(
        /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bcrypto\b|\basync\b|\bawait\b|\bPromise\b/,
      )
    },
  )
})

test('XML is read in one file only', () => {
  const readers = files.filter((file) => importsOf(file).some(({ target }) => target.startsWith('npm:ltx')))

  expect(readers).toEqual(['adapters/frame-reader.ts'])
})

test('only one file of the page calls the worker', () => {
  const callers = files.filter((file) => folderOf(file) === 'tab' && /\bapi\.call\(/.test(sourceOf(file)))

  expect(callers).toEqual(['tab/remote.ts'])
})

test.each(['file-sending', 'other-ways', 'pictures', 'reload'])(
  'tab/%s.ts, which is loaded late, shares no code with what is loaded at once',
  (name) => {
    const late = `tab/${name}.ts`
    const needed = (file: string): string[] =>
      importsOf(file).flatMap(({ target, typeOnly }) => (typeOnly ? [] : [target, ...needed(target)]))
    const importers = (target: string): string[] =>
      files.filter((file) => importsOf(file).some((each) => each.target === target && !each.typeOnly))

    const shared = needed(late).filter((file) =>
      importers(file).some((each) => folderOf(each) === 'tab' && each !== late),
    )

    expect(shared).toEqual([])
  },
)
