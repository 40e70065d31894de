import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Child, type ChildCommand, RefusedError } from './child.ts'
import type { ChatServer, ServerKind } from './server.ts'

/** Where one server lives. */
export type Place = { readonly folder: string; readonly port: number }

/** What is particular to one kind of server. */
export type Recipe = {
  readonly name: ServerKind
  readonly webSocketPath: string
  /** Writes all configuration into the folder; called again with another port if the first one was taken. */
  configure(place: Place): Promise<void>
  command(place: Place): ChildCommand
  /** The log line after which the port answers. */
  readyLine(place: Place): string
  /** The log line of a server whose port is taken: neither server ends then. */
  readonly takenLine: string
  /** Whether it answers by HTTP as it should; rejects when nothing answers at all. */
  answers(place: Place): Promise<boolean>
  version(lines: readonly string[]): string
  addAccount(place: Place, name: string, password: string): Promise<void>
}

const READY_MS = 60_000
const STOP_MS = 15_000
const PORT_ATTEMPTS = 5

/** A running server with its accounts, in a fresh temporary folder on a free port. */
export async function launch(recipe: Recipe, accounts: Readonly<Record<string, string>>): Promise<ChatServer> {
  const folder = await mkdtemp(join(tmpdir(), `minimix-${recipe.name}-`))
  try {
    const { child, port } = await firstStart(recipe, folder)
    const server = new LaunchedServer(recipe, { folder, port }, child)
    try {
      for (const [name, password] of Object.entries(accounts)) await server.addAccount(name, password)
    } catch (error) {
      await server.kill()
      throw error
    }
    return server
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

class LaunchedServer implements ChatServer {
  readonly domain = 'localhost'
  readonly mucDomain = 'muc.localhost'
  readonly name: ServerKind
  readonly version: string
  readonly port: number
  readonly url: string
  readonly #recipe: Recipe
  readonly #place: Place
  readonly #earlierLines: string[] = []
  #child: Child
  #disposed = false

  constructor(recipe: Recipe, place: Place, child: Child) {
    this.name = recipe.name
    this.version = recipe.version(child.lines)
    this.port = place.port
    this.url = `ws://127.0.0.1:${place.port}${recipe.webSocketPath}`
    this.#recipe = recipe
    this.#place = place
    this.#child = child
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  addAccount(name: string, password: string): Promise<void> {
    return this.#recipe.addAccount(this.#place, name, password)
  }

  stop(): Promise<void> {
    return this.#child.end('SIGTERM', STOP_MS)
  }

  kill(): Promise<void> {
    return this.#child.end('SIGKILL', STOP_MS)
  }

  async start(): Promise<void> {
    if (this.#disposed) throw new Error(`${this.name}: cannot start after dispose`)
    if (this.pid !== undefined) throw new Error(`${this.name}: runs already as process ${this.pid}`)
    this.#earlierLines.push(...this.#child.lines)
    this.#child = new Child(this.name, this.#recipe.command(this.#place))
    await untilReady(this.#recipe, this.#place, this.#child)
  }

  log(): readonly string[] {
    return [...this.#earlierLines, ...this.#child.lines]
  }

  async dispose(): Promise<void> {
    this.#disposed = true
    await this.kill()
    await rm(this.#place.folder, { recursive: true, force: true })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose()
  }
}

async function firstStart(recipe: Recipe, folder: string): Promise<{ readonly child: Child; readonly port: number }> {
  for (let attempt = 1; ; attempt++) {
    const place = { folder, port: await freePort() }
    await recipe.configure(place)
    const child = new Child(recipe.name, recipe.command(place))
    try {
      await untilReady(recipe, place, child)
      return { child, port: place.port }
    } catch (error) {
      // taken between our look and its start: the next port will do
      if (!(error instanceof RefusedError) || attempt === PORT_ATTEMPTS) throw error
    }
  }
}

/** Resolves when the server answers; else ends the child and rejects. */
async function untilReady(recipe: Recipe, place: Place, child: Child): Promise<void> {
  const lastMs = performance.now() + READY_MS
  try {
    await child.waitForLine(recipe.readyLine(place), { refused: recipe.takenLine, deadlineMs: READY_MS })
    while (!(await recipe.answers(place)))
      if (performance.now() > lastMs) throw new Error(child.describe(`no proper answer by HTTP within ${READY_MS} ms`))
  } catch (error) {
    await child.end('SIGKILL', STOP_MS)
    throw error
  }
}

/**
 * A free loopback port below the range from which systems take ports for outgoing connections.
 *
 * From that range, a client that tries again and again while the server is down may be given the server's own port.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
