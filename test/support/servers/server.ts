/** Which chat server: `prosody` is 0.12, as Debian 12 has it; `prosody13` can SASL2, Bind 2 and FAST. */
export const SERVER_KINDS = ['prosody', 'prosody13', 'ejabberd'] as const

export type ServerKind = (typeof SERVER_KINDS)[number]

/** What can be asked of either server. */
export type ServerOptions = {
  /** Names and passwords of accounts at `localhost`; they are there when the server is ready. */
  readonly accounts?: Readonly<Record<string, string>>
  /** How long a stream that broke off stays resumable (XEP-0198); 30 unless said. */
  readonly hibernationSeconds?: number
  /** How many messages a room sends to one who joins; 20 unless said. */
  readonly historyLength?: number
}

/**
 * A chat server of our own: a child process on a loopback port, with its data in a temporary folder.
 *
 * It ends with the process that started it. `port`, `url` and data stay the same over `stop` or `kill` and `start`.
 */
export interface ChatServer extends AsyncDisposable {
  readonly name: ServerKind
  readonly version: string
  readonly domain: 'localhost'
  readonly mucDomain: 'muc.localhost'
  readonly port: number
  /** Where a client connects by WebSocket (RFC 7395). */
  readonly url: string
  /** The process id, or `undefined` while it does not run. */
  readonly pid: number | undefined

  /** A new account, usable at once. ejabberd must be running for it; @throws Error if it exists there already. */
  addAccount(name: string, password: string): Promise<void>
  /**
   * An orderly end by SIGTERM; nothing to do is no error. Waits until the process is gone, with clients about 1 s.
   *
   * Clients get `system-shutdown`, but Prosody just breaks off about one time in ten.
   */
  stop(): Promise<void>
  /** An end by SIGKILL, without a word to anybody. Waits until the process is gone; nothing to do is no error. */
  kill(): Promise<void>
  /** Runs it again after `stop` or `kill`; resolves when it is ready. @throws Error if it runs. */
  start(): Promise<void>
  /** All lines of its log since the first start. */
  log(): readonly string[]
  /** Ends it at once and deletes its temporary folder. Afterwards it cannot be started again. */
  dispose(): Promise<void>
}
