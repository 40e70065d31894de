import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ensurePrograms } from '../../test/support/install.ts'
import { type ChatServer, startProsody } from '../../test/support/servers/index.ts'
import { startWireProxy } from '../../test/support/wire-proxy.ts'
import { buildSite } from './build.ts'
import { type Ending, said } from './ending.ts'
import { MEMORY_CONFIG } from './memory.ts'
import { takePort } from './port.ts'
import { ROOM, seedRoom } from './seed.ts'
import { type SiteOptions, startSite } from './site.ts'
import { Tally } from './tally.ts'

/** Everybody may know it: the server is thrown away with the demo, and nobody else can reach it. */
const PASSWORD = 'demo'
const ACCOUNTS = ['juliet', 'romeo'] as const
const WATCH_MS = 500
const REMOVAL = { recursive: true, force: true, maxRetries: 3 } as const

const say = (line: string): void => void process.stdout.write(`${line}\n`)

/**
 * Starts everything, and says where it is.
 *
 * @param args `--port 8080` wants that port, and no other; `--memory` does without a server, and so does a machine on
 *   which none can be installed; `--build` writes that as a static site, and ends
 * @throws Error that says in words for a person what is in the way
 */
export async function run(ending: Ending, args: readonly string[]): Promise<void> {
  const { wanted, memory, build } = optionsIn(args)
  if (build !== undefined) {
    say(`\n  The demo without a server is a static site now:  ${await buildSite(build)}\n`)
    return ending.end({ code: 0 })
  }
  const withServer = !memory && (await install(ending))
  const folder = await ending.begin(mkdtemp(join(tmpdir(), 'minimix-demo-')), (path) => rm(path, REMOVAL))
  process.once('exit', () => rmSync(folder, REMOVAL)) // also where the end is cut short
  process.env['TMPDIR'] = folder // what the chat server keeps goes there, too
  const place = { port: await takePort(wanted), cache: join(folder, 'vite') }

  if (!withServer) {
    say('Starting the page …')
    await ending.begin(startSite({ ...place, config: MEMORY_CONFIG }), (it) => it[Symbol.asyncDispose]())
    say(greetingWithout(place.port))
    return
  }
  say('Starting the chat server …')
  const server = await startChat(ending)
  say('Starting the page …')
  await startPage(ending, server, place)
  say(greeting(place.port, server))
}

/** A chat server with the accounts, and with some life in its first room. Should it end by itself, the demo does. */
async function startChat(ending: Ending): Promise<ChatServer> {
  const nurse = crypto.randomUUID()
  const accounts = { ...Object.fromEntries(ACCOUNTS.map((name) => [name, PASSWORD])), nurse }
  const server = await ending.begin(startProsody({ accounts, hibernationSeconds: 600 }), (it) => it.dispose())
  const watch = setInterval(() => {
    if (server.pid !== undefined || ending.signal.aborted) return
    const lines = server.log().slice(-10).join('\n  | ')
    void ending.end({ code: 1, message: `The chat server has ended by itself, so the demo ends, too.\n  | ${lines}` })
  }, WATCH_MS)
  ending.undo(() => clearInterval(watch))
  await seedRoom(server, nurse)
  return server
}

type Place = Pick<SiteOptions, 'port' | 'cache'>

async function startPage(ending: Ending, { url, domain, mucDomain }: ChatServer, place: Place): Promise<void> {
  const proxy = await ending.begin(startWireProxy({ target: url }), (it) => it.close())
  const tally = new Tally(proxy)
  const config = {
    accounts: ACCOUNTS.map((name) => ({ jid: `${name}@${domain}`, password: PASSWORD })),
    mucDomain,
    room: `${ROOM}@${mucDomain}`,
  }
  const site = startSite({ ...place, proxyUrl: proxy.url, config, figures: () => tally.figures() })
  await ending.begin(site, (it) => it[Symbol.asyncDispose]())
}

const greeting = (port: number, { domain }: ChatServer): string => `
  The demo is ready:  http://localhost:${port}/

  Open it in as many tabs as you like. Two accounts are ready to sign in with one click:
${ACCOUNTS.map((name) => `    ${name}@${domain}   password: ${PASSWORD}`).join('\n')}

  Ctrl-C ends the demo; nothing of it stays behind.
`

const greetingWithout = (port: number): string => `
  The demo is ready:  http://localhost:${port}/

  There is no server: it is in the worker that the tabs share. Open the page in as many tabs as you like.

  Ctrl-C ends the demo; nothing of it stays behind.
`

/**
 * Waits for the installation no longer than for the end: the installer takes care of itself.
 *
 * @returns whether there is a server now
 */
async function install({ signal }: Ending): Promise<boolean> {
  const ended = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason))
  })
  try {
    await Promise.race([ensurePrograms(['prosody'], { say: (line) => say(`  ${line}`) }), ended])
    return true
  } catch (error) {
    signal.throwIfAborted()
    say(`  ${said(error)}\n  So the demo goes on without a server.`)
    return false
  }
}

interface Options {
  readonly wanted: number | undefined
  readonly memory: boolean
  /** The folder to write to. */
  readonly build: string | undefined
}

function optionsIn(args: readonly string[]): Options {
  const options = { port: { type: 'string' }, memory: { type: 'boolean' }, build: { type: 'boolean' } } as const
  const { values } = parseArgs({ args: [...args], options })
  const { port, memory = false, build = false } = values
  const wanted = port === undefined ? undefined : Number(port)
  if (wanted !== undefined && (!Number.isInteger(wanted) || wanted < 1 || wanted > 65_535))
    throw new Error(`--port ${port}: not a port number`)
  return { wanted, memory, build: build ? 'dist-demo' : undefined }
}
