import { ensurePrograms } from '../install.ts'
import { startEjabberd } from './ejabberd.ts'
import { startProsody } from './prosody.ts'
import type { ChatServer, ServerKind, ServerOptions } from './server.ts'

export { type EjabberdOptions, startEjabberd } from './ejabberd.ts'
export { type ProsodyOptions, startProsody } from './prosody.ts'
export type { ChatServer, ServerKind, ServerOptions } from './server.ts'

/** A running server of that kind, installed first if it is missing: the first call may take minutes then. */
export async function startServer(kind: ServerKind, options: ServerOptions = {}): Promise<ChatServer> {
  await ensurePrograms([kind], { say: (line) => process.stderr.write(`${line}\n`) })
  return kind === 'prosody' ? startProsody(options) : startEjabberd(options)
}
