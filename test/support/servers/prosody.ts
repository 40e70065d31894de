import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findProgram } from '../install.ts'
import { launch, type Place } from './launch.ts'
import type { ChatServer, ServerOptions } from './server.ts'
import { fillTemplate, quoted } from './template.ts'

/** What can be asked of Prosody only, besides what either server does. */
export type ProsodyOptions = ServerOptions & {
  /** Whether a new room stays locked until its owner has sent a configuration (XEP-0045 §10.1.2); not unless said. */
  readonly roomLocking?: boolean
  /**
   * For each bare room JID, how many occupants without connection the room is filled with once it is made.
   *
   * The one whose join makes the room is not told of them; whoever joins after that gets their presences. What is sent
   * to them (at `fake.localhost`) is lost.
   */
  readonly fakeOccupants?: Readonly<Record<string, number>>
  /** Lua for the global section, after the settings of the template: a later setting wins over an earlier one. */
  readonly extraConfig?: string
}

/**
 * A running Prosody, ready in less than a second.
 *
 * A module that is not installed is only a line in its log (`Unable to load module`), not a failure.
 *
 * @throws Error when Prosody is not installed, or not ready within 60 s (with the last lines of its log)
 */
export async function startProsody(options: ProsodyOptions = {}): Promise<ChatServer> {
  const program = findProgram('prosody')
  if (program === undefined) throw new Error('prosody is not installed; PROSODY names one that is somewhere else')
  return start({ name: 'prosody', program, modules: [], roomModules: ['vcard_muc'] }, options)
}

const SASL2_MODULES = ['sasl2', 'sasl2_bind2', 'sasl2_sm', 'sasl2_fast']

/**
 * A running Prosody 13, which can SASL2 (XEP-0388), Bind 2 (XEP-0386) and FAST (XEP-0484).
 *
 * @throws Error as `startProsody`
 */
export async function startProsody13(options: ProsodyOptions = {}): Promise<ChatServer> {
  const program = findProgram('prosody13')
  if (program === undefined) throw new Error('prosody 13 is not there; PROSODY13 names one that is somewhere else')
  return start({ name: 'prosody13', program, modules: SASL2_MODULES, roomModules: [] }, options)
}

/** What differs from one version to the other. */
type Version = {
  readonly name: 'prosody' | 'prosody13'
  readonly program: string
  readonly modules: readonly string[]
  readonly roomModules: readonly string[]
}

function start(version: Version, options: ProsodyOptions): Promise<ChatServer> {
  return launch(
    {
      name: version.name,
      webSocketPath: '/xmpp-websocket',
      takenLine: 'Failed to open server port',
      configure: (place) => configure(place, version, options),
      command: ({ folder }) => ({
        command: version.program,
        args: ['-F', '--config', join(folder, 'prosody.cfg.lua')],
        folder,
      }),
      readyLine: ({ port }) => `Activated service 'http' on [127.0.0.1]:${port}`,
      answers: async ({ port }) => {
        const answer = await fetch(`http://127.0.0.1:${port}/xmpp-websocket`, { signal: AbortSignal.timeout(5_000) })
        await answer.text()
        return answer.status === 200
      },
      version: (lines) => /Prosody version (\S+)/.exec(lines.join('\n'))?.[1] ?? 'unknown',
      addAccount,
    },
    options.accounts ?? {},
  )
}

async function configure({ folder, port }: Place, version: Version, options: ProsodyOptions): Promise<void> {
  const fakes = Object.entries(options.fakeOccupants ?? {})
  await Promise.all(['data', 'certs'].map((name) => mkdir(join(folder, name), { recursive: true })))
  await fillTemplate('prosody.cfg.lua', folder, {
    DIR: quoted(folder),
    PORT: port,
    PLUGINS: quoted(import.meta.dirname),
    HIBERNATION_SECONDS: options.hibernationSeconds ?? 30,
    HISTORY_LENGTH: options.historyLength ?? 20,
    ROOM_LOCKING: options.roomLocking ?? false,
    EXTRA_CONFIG: options.extraConfig ?? '',
    MODULES: luaList(version.modules),
    MUC_MODULES: luaList([...version.roomModules, ...(fakes.length > 0 ? ['fake_occupants'] : [])]),
    FAKE_OCCUPANTS: fakes.map(([roomJid, count]) => `["${quoted(roomJid)}"] = ${count};`).join(' '),
    FAKE_COMPONENT: fakes.length > 0 ? 'Component "fake.localhost" "sink"' : '',
  })
}

const luaList = (names: readonly string[]): string => names.map((name) => `"${name}";`).join(' ')

/** Prosody's internal storage reads an account's file whenever it is asked for, so a new file is a new account. */
async function addAccount({ folder }: Place, name: string, password: string): Promise<void> {
  const accounts = join(folder, 'data', 'localhost', 'accounts')
  const path = join(accounts, `${fileName(name)}.dat`)
  await mkdir(accounts, { recursive: true })
  await writeFile(`${path}.new`, `return { ["password"] = "${quoted(password)}" };\n`)
  await rename(`${path}.new`, path)
}

function fileName(name: string): string {
  const bytes = [...Buffer.from(name, 'utf8')]
  return bytes
    .map((byte) => String.fromCharCode(byte))
    .map((char) => (/[A-Za-z0-9]/.test(char) ? char : `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`))
    .join('')
}
