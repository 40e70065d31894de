import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findProgram } from '../install.ts'
import { launch, type Place } from './launch.ts'
import type { ChatServer, ServerOptions } from './server.ts'
import { fillTemplate, quoted } from './template.ts'

/** What can be asked of ejabberd only, besides what either server does. */
export type EjabberdOptions = ServerOptions & {
  /** How passwords are stored, `scram` unless said; by it SCRAM-SHA-1 alone is possible, by `plain` all of SCRAM. */
  readonly passwordFormat?: 'scram' | 'plain'
}

/** Without busy waiting (`sbwt`): on a machine with more work than cores its threads stand in each other's way for minutes. */
const ERL_FLAGS = '+K true +P 250000 +sbwt none +sbwtdcpu none +sbwtdio none'.split(' ')

/**
 * A running ejabberd, ready in about two seconds, on a busy machine in four.
 *
 * Erlang is started without a node name, so that no epmd and no cookie are left behind.
 *
 * @throws Error when ejabberd is not installed, or not ready within 60 s (with the last lines of its log)
 */
export async function startEjabberd(options: EjabberdOptions = {}): Promise<ChatServer> {
  const script = findProgram('ejabberd')
  if (script === undefined) throw new Error('ejabberd is not installed; EJABBERD names an ejabberdctl somewhere else')
  const { erl, env } = await readScript(script)

  return launch(
    {
      name: 'ejabberd',
      webSocketPath: '/ws',
      takenLine: 'Failed to open socket at',
      configure: (place) => configure(place, options),
      command: ({ folder }) => ({
        command: erl,
        args: [...ERL_FLAGS, '-noinput', '-mnesia', 'dir', `"${folder}/spool"`, '-s', 'ejabberd'],
        env: {
          ...env,
          HOME: folder,
          EJABBERD_CONFIG_PATH: join(folder, 'ejabberd.yml'),
          EJABBERD_LOG_PATH: join(folder, 'ejabberd.log'),
          ERL_INETRC: join(folder, 'inetrc'),
          ERL_CRASH_DUMP_SECONDS: '0',
        },
        folder,
      }),
      readyLine: ({ port }) => `Start accepting TCP connections at 127.0.0.1:${port} for ejabberd_http`,
      answers: async (place) => (await post(place, 'status', {})).text.includes('is running'),
      version: (lines) => /ejabberd (\S+) is started/.exec(lines.join('\n'))?.[1] ?? 'unknown',
      addAccount: async (place, user, password) => {
        const { status, text } = await post(place, 'register', { user, host: 'localhost', password })
        if (status !== 200) throw new Error(`ejabberd: no account ${user}: ${status} ${text}`)
      },
    },
    options.accounts ?? {},
  )
}

/** Which Erlang and which libraries belong to an `ejabberdctl`: it sets both in lines of their own. */
async function readScript(path: string): Promise<{ readonly erl: string; readonly env: Record<string, string> }> {
  const script = await readFile(path, 'utf8')
  const setting = (name: string) => new RegExp(`^${name}=["']?([^"'$\\s]+)["']?$`, 'm').exec(script)?.[1]
  const libraries = setting('ERL_LIBS')
  return { erl: setting('ERL') ?? 'erl', env: libraries === undefined ? {} : { ERL_LIBS: libraries } }
}

async function configure({ folder, port }: Place, options: EjabberdOptions): Promise<void> {
  await mkdir(join(folder, 'spool'), { recursive: true })
  await writeFile(join(folder, 'inetrc'), '{lookup,[file,native]}.\n')
  await fillTemplate('ejabberd.yml', folder, {
    DIR: quoted(folder),
    PORT: port,
    HIBERNATION_SECONDS: options.hibernationSeconds ?? 30,
    HISTORY_LENGTH: options.historyLength ?? 20,
    PASSWORD_FORMAT: options.passwordFormat ?? 'scram',
  })
}

async function post({ port }: Place, command: string, body: object) {
  const answer = await fetch(`http://127.0.0.1:${port}/api/${command}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
    signal: AbortSignal.timeout(10_000),
  })
  return { status: answer.status, text: await answer.text() }
}
