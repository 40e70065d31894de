import { existsSync } from 'node:fs'
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { INSTALL_SCRIPT, installBy } from '../support/install/apt.ts'
import { unpackBackports } from '../support/install/unpack.ts'
import { ensurePrograms, findProgram } from '../support/install.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'minimix-install-'))
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

async function program(name: string, script: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, `#!/bin/sh\n${script}\n`)
  await chmod(path, 0o755)
  return path
}

/** Runs the script of the installer with an apt-get of our own in front of PATH. */
async function installWith(aptGet: string): Promise<{ readonly said: string[]; readonly failure: unknown }> {
  await program('apt-get', `echo "$@" >>${folder}/calls\n${aptGet}`)
  vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`)
  const said: string[] = []
  const args = ['-c', INSTALL_SCRIPT, 'sh', join(folder, 'policy-rc.d'), 'one', 'two']
  const failure = await installBy('sh', args, (line) => said.push(line)).catch((error: unknown) => error)
  return { said, failure }
}

async function calls(): Promise<readonly string[]> {
  return (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n')
}

test('an environment variable names another program by its path', async () => {
  const path = await program('my-prosody', 'exit 0')
  vi.stubEnv('PROSODY', path)

  expect(findProgram('prosody')).toBe(path)
})

test('an environment variable names another program by its name on PATH', async () => {
  const path = await program('my-chromium', 'exit 0')
  vi.stubEnv('PATH', folder)
  vi.stubEnv('CHROMIUM', 'my-chromium')

  expect(findProgram('chromium')).toBe(path)
})

test('a variable that names nothing executable is an error, not another program', () => {
  vi.stubEnv('FIREFOX', join(folder, 'none'))

  expect(() => findProgram('firefox')).toThrow('FIREFOX names')
})

test('nothing is said and nothing is run when no program is missing', async () => {
  vi.stubEnv('PROSODY', await program('my-prosody', 'exit 0'))
  const say = vi.fn()

  const paths = await ensurePrograms(['prosody'], { say })

  expect(paths).toEqual({ prosody: join(folder, 'my-prosody') })
  expect(say).not.toHaveBeenCalled()
})

test('the lists are updated before the packages are installed, both without a question', async () => {
  const { failure } = await installWith('test ! -t 0 && test "$DEBIAN_FRONTEND" = noninteractive')

  expect(failure).toBeUndefined()
  expect(await calls()).toEqual(['update', expect.stringMatching(/^install -y --no-install-recommends .* one two$/)])
})

test('services are forbidden to start while packages are installed, and only then', async () => {
  const { said } = await installWith(`sh ${folder}/policy-rc.d; echo "policy says $?"`)

  expect(said).toContain('policy says 101')
  expect(existsSync(join(folder, 'policy-rc.d'))).toBe(false)
})

test('a policy that was there before is left as it is', async () => {
  await writeFile(join(folder, 'policy-rc.d'), 'mine')

  await installWith('exit 0')

  expect(await readFile(join(folder, 'policy-rc.d'), 'utf8')).toBe('mine')
})

test('the policy is removed after a failure too', async () => {
  const { failure } = await installWith('[ $1 = update ] || { echo "E: Unable to locate package one"; exit 100; }')

  expect(String(failure)).toContain('E: Unable to locate package one')
  expect(existsSync(join(folder, 'policy-rc.d'))).toBe(false)
})

test('a lock is tried once more', async () => {
  const busy = `[ $1 = update ] || [ -e ${folder}/free ] || { touch ${folder}/free; echo "E: Could not get lock"; exit 100; }`

  const { failure, said } = await installWith(busy)

  expect(failure).toBeUndefined()
  expect(said).toContain('a lock or a download was in the way: trying once more')
})

test('a lock that stays is a failure after the second time', async () => {
  const { failure } = await installWith('echo "E: Could not get lock"; exit 100')

  expect(String(failure)).toContain('Could not get lock')
  expect((await calls()).filter((call) => call.startsWith('install'))).toHaveLength(2)
})

test('where installing is impossible, one error says what to do by hand', async () => {
  vi.stubEnv('PATH', folder) // neither apt-get nor Homebrew, and no Xvfb, which has no other place

  const failure = await ensurePrograms(['xvfb'], { say: () => undefined }).catch((error: unknown) => String(error))

  expect(failure).toContain('apt-get install --no-install-recommends xvfb')
  expect(failure).toContain('XVFB=/path/of/xvfb')
  expect(failure).not.toContain('brew install')
})

test('packages of the backports are unpacked where they are looked for, by an apt of their own', async () => {
  await program('apt-get', `echo "$@" >>${folder}/calls\ncase "$*" in *download*) touch one.deb;; esac`)
  const script = "CFG_SOURCEDIR='/usr/lib/prosody';"
  await program('dpkg-deb', `mkdir -p "$3/usr/bin" && echo "${script}" >"$3/usr/bin/prosody"`)
  vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`)
  const target = join(folder, 'cache', 'prosody13')

  await unpackBackports(['one'], target, () => undefined)

  expect(await readFile(join(target, 'usr/bin/prosody'), 'utf8')).toContain(`'${target}/usr/lib/prosody'`)
  expect(await readdir(join(folder, 'cache'))).toEqual(['prosody13'])
  for (const call of await calls()) expect(call).toMatch(/Dir::Etc::sourcelist=.*Dir::State::lists=/)
  expect((await calls()).map((call) => call.split(' ').at(-1))).toEqual(['update', 'one'])
})

test('what cannot be unpacked leaves nothing behind', async () => {
  await program('apt-get', "echo 'E: no such suite'; exit 100")
  vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`)

  await expect(unpackBackports(['one'], join(folder, 'cache', 'prosody13'), () => undefined)).rejects.toThrow(
    'no such suite',
  )
  expect(await readdir(join(folder, 'cache'))).toEqual([])
})
