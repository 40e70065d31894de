import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { stripVTControlCharacters } from 'node:util'
import type { Site } from './browser/site.ts'
import { ensureBuilt } from './built.ts'

const ROOT = join(import.meta.dirname, '../..')
const CONSUMERS = join(ROOT, 'test/consumers')
const TARBALL = 'minimix-web.tgz'
const COMMAND_MS = 120_000
const READY_MS = 30_000

/** The package as it would be published, as a file in that folder. @returns its path */
export async function packInto(folder: string): Promise<string> {
  ensureBuilt((line) => process.stderr.write(`${line}\n`))
  const packed = await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], ROOT)
  const tarball = join(folder, TARBALL)
  renameSync(join(folder, packed.trim()), tarball)
  return tarball
}

/** One of the small applications of `test/consumers`, with the packed package and its own bundler installed. */
export class Consumer {
  readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  /**
   * @param among a folder in which the package is packed
   * @throws Error with the output of npm where the installation fails
   */
  static async install(name: string, among: string): Promise<Consumer> {
    const folder = join(among, name)
    for (const source of ['app', name]) cpSync(join(CONSUMERS, source), folder, { recursive: true })
    await run(
      'npm',
      ['install', '--ignore-scripts', '--no-package-lock', '--prefer-offline', '--no-audit', '--silent'],
      folder,
    )
    return new Consumer(folder)
  }

  /** Builds it, where there is something to build. @returns the folder to serve */
  async build(): Promise<string> {
    const { scripts } = JSON.parse(readFileSync(join(this.folder, 'package.json'), 'utf8'))
    if (scripts?.build === undefined) return this.folder
    await run('npm', ['run', '--silent', 'build'], this.folder)
    return join(this.folder, 'dist')
  }

  /** Its bundler's own server, Vite's, at a port that is free. */
  async develop(): Promise<Site> {
    const vite = join(this.folder, 'node_modules/vite/bin/vite.js')
    const child = spawn(process.execPath, [vite, '--port', '0'], {
      cwd: this.folder,
      env: personsEnvironment(),
      stdio: ['pipe', 'pipe', 'inherit'], // it ends with its standard input, also where this process is killed
    })
    const ended = once(child, 'close')
    const lines = createInterface({ input: child.stdout })
    const origin = new Promise<string>((resolve, reject) => {
      const deadline = setTimeout(() => reject(new Error(`Vite is not ready within ${READY_MS} ms`)), READY_MS)
      lines.on('line', (line) => {
        const address = /http:\/\/localhost:\d+/.exec(stripVTControlCharacters(line))?.[0]
        if (address === undefined) return
        clearTimeout(deadline)
        resolve(address)
      })
      child.once('close', (code) => reject(new Error(`Vite has ended (${code})`)))
    })
    const end = async (): Promise<void> => {
      child.kill()
      await ended
    }
    try {
      return { origin: await origin, [Symbol.asyncDispose]: end }
    } catch (error) {
      await end()
      throw error
    }
  }

  /** What the compiler of this project says of its `tsconfig.json`. @throws Error with that where it finds errors */
  compile(): Promise<string> {
    return run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', this.folder], this.folder)
  }

  /** Runs its own tests. @throws Error with all that they printed where one fails */
  async test(): Promise<string> {
    return run('npm', ['test', '--silent'], this.folder)
  }

  /** What Node prints when it runs this module there. */
  node(module: string): Promise<string> {
    return run(process.execPath, ['--input-type=module', '--eval', module], this.folder)
  }
}

/** The environment without what the test runner says to its own children: a person's shell would not say it. */
function personsEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(?:NODE_ENV|VITEST.*|TEST|MODE|DEV|PROD)$/.test(name))
  return Object.fromEntries(kept)
}

/** What a command prints. @throws Error with all that it printed where it fails */
function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd, env: personsEnvironment(), timeout: COMMAND_MS }, (error, output, complaints) => {
      if (error) reject(new Error(`${command} ${args.join(' ')} failed (${error.code}):\n${output}${complaints}`))
      else resolve(output)
    })
  })
}
