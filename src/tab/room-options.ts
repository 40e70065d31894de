import type { HistoryWish, Message } from '../contract/model.ts'

export interface JoinOptions {
  readonly nick: string
  readonly password?: string
  readonly history?: HistoryWish
  /** Where the account is in under another nick, change it to this one first: for everybody to see. */
  readonly takeover?: boolean
  /** Gives the join up: the promise rejects with `aborted`, and the room is let go of. */
  readonly signal?: AbortSignal
}

export interface SendOptions {
  /** Milliseconds until the message is given back in the state that it has then; 20,000 if left out. */
  readonly timeoutMs?: number
  /** `false`: do not wait for the room. */
  readonly wait?: boolean
}

export interface HistoryOptions {
  readonly before?: string
  readonly after?: string
  readonly around?: string
  /** 50 if left out, 500 at most. */
  readonly limit?: number
}

export interface History {
  /** Oldest first. */
  readonly messages: readonly Message[]
  /** Nothing is before the first. */
  readonly atStart: boolean
  /** Nothing is behind the last, but for what comes live. */
  readonly atEnd: boolean
}
