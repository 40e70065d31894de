import type { JoinRefusal } from '../protocol/xep-0045-muc.ts'

/** Every reason for which a call can fail. Switch on it: the message is for logs. */
export type ErrorCode =
  | 'credentials-required'
  | 'not-authorized'
  | 'service-unreachable'
  | 'timeout'
  | 'aborted'
  | 'worker-unavailable'
  | 'worker-gone'
  | 'worker-error'
  | 'outdated'
  | 'jid-malformed'
  | 'not-joined'
  | 'offline'
  | 'storage-full'
  | 'storage-closed'
  | `room-${JoinRefusal}`
  | 'room-not-found'
  | 'forbidden'
  | 'not-acceptable'
  | 'stanza-error'

/** Whether the same call can succeed later without anybody changing anything. */
const RETRY: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'service-unreachable',
  'timeout',
  'worker-gone',
  'offline',
  'room-locked',
  'room-full',
  'room-unreachable',
])

/** What more is known of a failure; each field only where it applies. */
export interface FailureFacts {
  /** The stanza error's condition and text (RFC 6120 section 8.3). */
  readonly condition?: string
  readonly text?: string
  /** The nick that was asked for, with `room-nick-conflict` and `room-nick-not-acceptable`. */
  readonly nick?: string
  /** Where the room went, with `room-gone`. */
  readonly alternate?: string
}

/** An error as plain data: the class and the fields of an `Error` do not survive the way between worker and tab. */
export interface Failure extends FailureFacts {
  readonly code: ErrorCode
  readonly message: string
  readonly retry: boolean
}

export function failure(code: ErrorCode, message: string, facts: FailureFacts = {}): Failure {
  return { code, message, retry: RETRY.has(code), ...facts }
}

/**
 * The outcome of a call. It holds once the tab has handled its events up to `afterSeq`: calls and events come by two
 * ports, and a join must not seem done before its occupants are there.
 */
export type Reply<T> =
  | { readonly ok: true; readonly value: T; readonly afterSeq: number }
  | { readonly ok: false; readonly error: Failure; readonly afterSeq: number }

/** The one error class of the SDK. */
export class MinimixError extends Error implements FailureFacts {
  override readonly name = 'MinimixError'
  readonly code: ErrorCode
  readonly retry: boolean
  declare readonly condition?: string
  declare readonly text?: string
  declare readonly nick?: string
  declare readonly alternate?: string

  constructor({ message, ...facts }: Failure) {
    super(message)
    this.code = facts.code
    this.retry = facts.retry
    Object.assign(this, facts)
  }
}
