import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { ensureBuilt } from './support/built.ts'

const DIST = join(import.meta.dirname, '../dist')
const LATE = ['file-sending', 'other-ways', 'pictures', 'reload']

beforeAll(() => ensureBuilt((line) => process.stderr.write(`${line}\n`)), 120_000)

const sourceOf = (file: string): string => readFileSync(join(DIST, file), 'utf8')

test('what a page loads late is named as a text, which every bundler finds, and is all that it imports', () => {
  const source = sourceOf('index.js')
  const named = [...source.matchAll(/\bimport\(([^)]*)\)/g)].map(([, name]) => name)

  expect(new Set(named)).toEqual(new Set(LATE.map((name) => `'./${name}.js'`)))
  expect(source).not.toMatch(/\bimport\s*[{*"'`\w]|\bfrom\s*["'`]/)
})

test.each(LATE)('%s.js imports nothing: a page that needs it loads one file', (name) => {
  expect(sourceOf(`${name}.js`)).not.toMatch(/\bimport\b|\bfrom\s*["'`]/)
})

test.each(['worker', 'broker'])('%s.js names the file that it loads later as a URL, which bundlers copy', (name) => {
  const source = sourceOf(`${name}.js`)

  expect([...source.matchAll(/new URL\(([^)]*)\)/g)].map(([, args]) => args)).toContain(
    `'./${name}-later.js', import.meta.url`,
  )
  expect(/(?:^|[;}])import\b/.test(sourceOf(`${name}-later.js`))).toBe(false)
})

test('broker.js exports what its source does, and nothing of what the later file has of it', async () => {
  const source = await import('../src/start-broker.ts')
  const built = await import(join(DIST, 'broker.js'))

  expect(Object.keys(built).sort()).toEqual(Object.keys(source).sort())
})

test('what a worker loads later is nothing without the worker that it was built with', async () => {
  await expect(import(join(DIST, 'worker-later.js'))).rejects.toThrow(TypeError)
})

test('nothing else is built beside the modules that the package exports', () => {
  const exported = ['broker', 'index', 'react', 'testing', 'worker']
  const built = readdirSync(DIST).filter((file) => file.endsWith('.js'))

  expect(built.sort()).toEqual(
    [...exported, ...LATE, 'broker-later', 'worker-later'].map((name) => `${name}.js`).sort(),
  )
})

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'minimix-late-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** In a folder with the page's part alone: what `run` gives, with `account` and `room`, and what nobody has caught. */
async function alone(run: string, ...more: readonly string[]): Promise<unknown> {
  for (const file of ['index.js', 'testing.js', ...more]) cpSync(join(DIST, file), join(folder, file))
  mkdirSync(join(folder, 'lost'))
  for (const name of LATE) cpSync(join(DIST, `${name}.js`), join(folder, 'lost', `${name}.js`))
  const script = `
    import { cpSync } from 'node:fs'
    const uncaught = []
    process.on('unhandledRejection', (error) => uncaught.push(String(error)))
    const { connect, MinimixError } = await import('./index.js')
    const { fakeServer } = await import('./testing.js')
    const server = fakeServer()
    const jid = 'juliet@capulet.example'
    const account = await server.connect({ jid, reloadWhenHidden: true })
    const room = account.room('garden@rooms.capulet.example')
    await room.join({ nick: 'Juliet' })
    const found = (name) => cpSync('lost/' + name + '.js', name + '.js')
    const outcome = (promise) => promise.then(
      (value) => value ?? 'nothing',
      (error) => [error instanceof MinimixError, error.code, error.message],
    )
    const thrown = (call) => { try { return call() } catch (error) { return error.name } }
    ${run}
    await server.close()
    console.log(JSON.stringify({ result, uncaught }))
    process.exit()
  `
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: folder,
    timeout: 30_000,
  })
  return JSON.parse(stdout)
}

test('a picture whose file is lost is an error that names it, and the next call tries again', async () => {
  const { result, uncaught } = (await alone(`
    const wrong = thrown(() => account.avatars.url(1))
    const before = await outcome(account.avatars.url({ jid }))
    const said = (await room.send('still here')).body
    found('pictures')
    const result = [wrong, before, said, await outcome(account.avatars.url({ jid }))]
  `)) as { result: unknown; uncaught: unknown }

  const lost = [true, 'worker-error', expect.stringMatching(/^pictures\.js could not be loaded: /)]
  expect(result).toEqual(['TypeError', lost, 'still here', 'nothing'])
  expect(uncaught).toEqual([])
})

test('a file that is sent where the SDK has lost its own is an error that names it, and the next call tries again', async () => {
  const { result, uncaught } = (await alone(`
    const wrong = thrown(() => room.sendFile('a text'))
    const before = await outcome(room.sendFile(new Blob(['x'])))
    const cancelled = await outcome(account.cancelUpload('nobody knows it'))
    const said = (await room.send('still here')).body
    found('file-sending')
    const after = await outcome(room.sendFile(new Blob(['x'])))
    const result = [wrong, before, cancelled, said, account.uploads.size, after[0], after[1]]
  `)) as { result: unknown; uncaught: unknown }

  const lost = [true, 'worker-error', expect.stringMatching(/^file-sending\.js could not be loaded: /)]
  expect(result).toEqual(['TypeError', lost, lost, 'still here', 0, true, 'stanza-error'])
  expect(uncaught).toEqual([])
})

test('a page without a shared worker that has lost its other ways cannot connect, and says why', async () => {
  const { result, uncaught } = (await alone(`
    globalThis.Worker = class {}
    const result = await outcome(connect({ jid, service: 'wss://capulet.example/', password: 'x', sharedWorker: 'never' }))
  `)) as { result: unknown; uncaught: unknown }

  expect(result).toEqual([true, 'worker-error', expect.stringMatching(/^other-ways\.js could not be loaded: /)])
  expect(uncaught).toEqual([])
})

test('what is done by a file that is loaded late is done when the server of a test has settled', async () => {
  const run = `
    let isDone = false
    account.avatars.url({ jid }).then(() => { isDone = true })
    await server.settled()
    const result = isDone
  `

  expect(await alone(run, 'pictures.js')).toEqual({ result: true, uncaught: [] })
})
