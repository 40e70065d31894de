import { useMemo } from 'react'
import type { Room } from '../index.ts'
import { MessageList, NO_MESSAGES, type ShownMessages } from './message-list.ts'
import { useWatched } from './snapshots.ts'

export type { ShownMessages }

export interface MessagesOptions {
  /** How many are read at once: 1 to 500, 50 if left out. */
  readonly limit?: number
}

/**
 * The messages of a room, oldest first: the newest ones when the tab is in, each that comes, with all that becomes of
 * them, and older ones when `loadOlder` is called. What has not gone out yet is in the `outbox` of `useRoom`.
 *
 * A message that does not change stays the same object, and so does the list of them.
 *
 * @throws TypeError for a limit that is none
 */
export function useMessages(room: Room | undefined, { limit = 50 }: MessagesOptions = {}): ShownMessages {
  const list = useMemo(() => room && new MessageList(room, limit), [room, limit])
  return useWatched(list, NO_MESSAGES)
}
