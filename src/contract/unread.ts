import type { SharedMessage } from './api.ts'

/** What of a room nobody has seen yet, as the store has it. */
export interface UnreadRow {
  readonly room: string
  readonly count: number
  readonly mentions: number
  /** The place of the last message that was displayed. */
  readonly readUpTo: number
}

/** So many messages of a room has nobody seen. */
export interface UnreadTabEvent {
  readonly kind: 'unread'
  readonly room: string
  readonly unread: number
  readonly mentions: number
}

/** It mentions us, is for us alone, or is in a room of which the person wants to hear everything. */
export type NotifyReason = 'mention' | 'private' | 'message'

/** A message is worth a notification. To one tab alone: whichever the person was at last. */
export interface NotifyTabEvent {
  readonly kind: 'notify'
  readonly message: SharedMessage
  readonly reason: NotifyReason
}
