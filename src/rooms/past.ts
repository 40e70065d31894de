import type { Past } from './inputs.ts'
import { restoreOutbox } from './outbox.ts'
import type { Room } from './room.ts'
import { timelineOf } from './timeline.ts'
import { restoreUnread } from './unread.ts'

/** What the store has of a room: from here on it is as the worker before knew it. */
export function remember(room: Room, past: Past): void {
  room.loaded = true
  room.timeline = timelineOf(past.messages, past.gaps, past.next)
  restoreOutbox(room, past.outbox)
  if (past.subject) room.subject = past.subject
  restoreUnread(room, past)
}
