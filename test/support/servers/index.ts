import { ensurePrograms } from '../install.ts'
import { startEjabberd } from './ejabberd.ts'
import { type ProsodyOptions, startProsody, startProsody13 } from './prosody.ts'
import type { ChatServer, ServerKind } from './server.ts'

export { type EjabberdOptions, startEjabberd } from './ejabberd.ts'
export { type ProsodyOptions, startProsody, startProsody13 } from './prosody.ts'
export { type ChatServer, SERVER_KINDS, type ServerKind, type ServerOptions } from './server.ts'

const START = { prosody: startProsody, prosody13: startProsody13, ejabberd: startEjabberd } as const

/**
 * A running server of that kind, installed first if it is missing: the first call may take minutes then.
 *
 * @param options what a server of another kind does not know is left out
 */
export async function startServer(kind: ServerKind, options: ProsodyOptions = {}): Promise<ChatServer> {
  await ensurePrograms([kind], { say: (line) => process.stderr.write(`${line}\n`) })
  return START[kind](options)
}
