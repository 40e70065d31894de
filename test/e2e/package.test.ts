import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Consumer, packInto } from '../support/consumer.ts'

const folder = mkdtempSync(join(tmpdir(), 'minimix-package-'))
let tarball: Uint8Array<ArrayBuffer>
let consumer: Consumer

beforeAll(async () => {
  tarball = new Uint8Array(readFileSync(await packInto(folder)))
  consumer = await Consumer.install('plain', folder)
}, 300_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the package is made of its five modules and six late files with their maps, the types that can be reached, and five texts', () => {
  const packed = createPackageFromTarballData(tarball)
  const files = packed.listFiles().map((file) => file.replace('/node_modules/minimix-web/', ''))
  const late = ['broker-later', 'file-sending', 'other-ways', 'pictures', 'reload', 'worker-later']
  const modules = ['broker', 'index', 'react', 'testing', 'worker', ...late].flatMap((name) => [
    `dist/${name}.js`,
    `dist/${name}.js.map`,
  ])
  const texts = ['CHANGELOG.md', 'LICENSE', 'README.md', 'dist/THIRD-PARTY-LICENSES.md', 'package.json']

  expect(files.filter((file) => !file.startsWith('dist/types/')).sort()).toEqual([...texts, ...modules].sort())
  expect(files.filter((file) => /^dist\/types\/(?:adapters|search)\//.test(file))).toEqual([])
  expect(files.filter((file) => file.startsWith('dist/types/') && !file.endsWith('.d.ts'))).toEqual([])
})

test('publint finds nothing', async () => {
  const { messages, pkg } = await publint({ pack: { tarball: tarball.buffer }, strict: true })

  expect(pkg).toBeDefined()
  expect(messages.map((message) => formatMessage(message, pkg ?? {}, { color: false }))).toEqual([])
})

test('every entry has types, wherever modules are modules', async () => {
  const analysis = await checkPackage(createPackageFromTarballData(tarball))
  if (!analysis.types) throw new Error('the package has no types')

  // A package of modules alone is nothing for resolution as it was before exports, nor for CommonJS.
  const problems = analysis.problems.filter(
    (problem) => !('resolutionKind' in problem && ['node10', 'node16-cjs'].includes(problem.resolutionKind)),
  )
  expect(Object.keys(analysis.entrypoints)).toEqual(['.', './broker', './react', './testing', './worker.js'])
  expect(problems).toEqual([])
})

test('what is bundled is named with its licence', () => {
  const packed = createPackageFromTarballData(tarball)
  const folder = '/node_modules/minimix-web/dist/'
  const bundled = ['broker', 'index', 'react', 'worker'].flatMap((name) =>
    [...packed.readFile(`${folder}${name}.js.map`).matchAll(/node_modules\/((?:@[^/"]+\/)?[^/"]+)\//g)].map(
      ([, of]) => of,
    ),
  )
  const text = packed.readFile(`${folder}THIRD-PARTY-LICENSES.md`)

  expect([...text.matchAll(/^## (\S+) \S+ \(\S+\)$/gm)].map(([, name]) => name)).toEqual([...new Set(bundled)].sort())
  for (const word of ['Apache License', 'Permission is hereby granted', 'ISC License']) expect(text).toContain(word)
})

test('the hooks hold neither React nor the SDK: they have those of the application', () => {
  const packed = createPackageFromTarballData(tarball)
  const code = packed.readFile('/node_modules/minimix-web/dist/react.js')

  expect([...code.matchAll(/(?:from|import)\s*\(?["']([^"']+)["']/g)].map(([, path]) => path).sort()).toEqual([
    './index.js',
    'react',
  ])
  expect(code.startsWith("'use client'")).toBe(true)
})

/** Compiles only where the types are there and say what they must. */
const APPLICATION = `
import { connect, type Account, type Message } from 'minimix-web'
import { startBroker } from 'minimix-web/broker'
import { useAccount, useMessages, useRoom } from 'minimix-web/react'
import { type FakeOccupant, fakeServer } from 'minimix-web/testing'
import 'minimix-web/worker.js'

const server = fakeServer({ accounts: { 'juliet@capulet.example': 'secret' } })
const bob: FakeOccupant = server.room('garden@rooms.capulet.example').join('bob')
const tested: Account = await server.connect({ jid: 'juliet@capulet.example' })
await tested.room(bob.room).join({ nick: 'juliet' })
// @ts-expect-error a room has an address
server.room()

const account: Account = await connect({ jid: 'juliet@capulet.example', worker: new URL('https://capulet.example/w.js') })
const sent: Message = await account.room('garden@rooms.capulet.example').send('Hello')
const id: string = sent.id
startBroker({ retention: { days: 7 }, log: ({ atMs, level, text }) => console.log(atMs, level, text) })
export function useGarden(): readonly Message[] {
  const room = useRoom(useAccount(account).account, 'garden@rooms.capulet.example', { nick: 'Juliet' }).room
  return useMessages(room, { limit: 20 }).messages
}
// @ts-expect-error an account has an address
await connect({})
// @ts-expect-error a time is a number
startBroker({ retention: { days: id } })
`

test.each([
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
])(
  'an application is compiled strictly with module %s, the declarations of the package as well',
  async (module, how) => {
    writeFileSync(join(consumer.folder, 'application.ts'), APPLICATION)
    const compilerOptions = {
      module,
      moduleResolution: how,
      target: 'es2022',
      lib: ['ES2023', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'],
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedSideEffectImports: true,
      skipLibCheck: false,
      noEmit: true,
    }
    writeFileSync(
      join(consumer.folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, include: ['application.ts'] }),
    )

    expect(await consumer.compile()).toBe('')
  },
)

/** What comes of an import and a call in Node. */
const IN_NODE = `
  const before = Reflect.ownKeys(globalThis)
  const { connect } = await import('minimix-web')
  const { startBroker } = await import('minimix-web/broker')
  await import('minimix-web/testing')
  const made = Reflect.ownKeys(globalThis).filter((key) => !before.includes(key))
  const call = () => connect({ jid: 'juliet@capulet.example', service: 'wss://capulet.example/', password: 'secret' })
  const came = (error) => error.name + ' ' + error.code
  let outcome
  try { outcome = await call().then(() => 'connected', came) } catch (error) { outcome = 'thrown: ' + error }
  console.log(JSON.stringify({ made, broker: typeof startBroker, outcome }))
`

test.each([
  ['as it is', ''],
  ['without a navigator', 'delete globalThis.navigator'],
  ['with a SharedWorker and no navigator', 'delete globalThis.navigator; globalThis.SharedWorker = class {}'],
  ['with a navigator that has no locks', "Object.defineProperty(globalThis, 'navigator', { value: {} })"],
])('in Node %s an import does nothing, and connect rejects', async (_what, before) => {
  const printed = await consumer.node(`${before}\n${IN_NODE}`)

  // Nothing else is printed, and the process ends by itself.
  expect(JSON.parse(printed)).toEqual({ made: [], broker: 'function', outcome: 'MinimixError worker-unavailable' })
})
