import type { ConnectionInput } from '../account/connection.ts'
import type { StreamRow } from '../account/managed-stream.ts'
import type { Failure } from '../contract/errors.ts'
import type { AccountStatus, LogLevel } from '../contract/model.ts'
import type { XmlNode } from '../protocol/xml.ts'
import type { Clock, Stream, Upstream } from './ports.ts'
import type { Remembered } from './remembered.ts'

/** What a session needs of the broker, and tells it. */
export interface SessionWorld {
  readonly account: string
  readonly upstream: Upstream
  readonly clock: Clock
  readonly log: (level: LogLevel, text: string) => void
  /** Puts what happened on the broker's queue; it comes back by `step`. */
  readonly happened: (input: ConnectionInput, stream: Stream | undefined) => void
  readonly onStanza: (stanza: XmlNode, stream: Stream) => void
  /** Reads what the worker before left behind. @returns the session that may go on */
  readonly restore: () => Promise<StreamRow | undefined>
  readonly remembered: Remembered
  /** Writes down the session (`undefined`: there is none to resume), with all that its stanzas made of the rooms. */
  readonly save: (row: StreamRow | undefined) => void
  /** Runs once everything saved so far is stored. */
  readonly afterSaved: (run: () => void) => void
  /** The server has handled these of ours, in this order. */
  readonly onHandled: (stanzas: readonly XmlNode[]) => void
  readonly onOnline: () => void
  /** The connection is gone, and the session may go on: what is under way there is not lost yet. */
  readonly onSuspended: () => void
  /** The session goes on: what came meanwhile is coming now. */
  readonly onResumed: (restored: boolean) => void
  /** The session is over. */
  readonly onLost: () => void
  readonly onStatus: (status: AccountStatus, error: Failure | undefined) => void
}
