import type { Failure } from '../contract/errors.ts'
import type { Effect } from './effects.ts'
import { fail } from './fail.ts'
import type { Room } from './room.ts'

/** Nothing more will be heard of what is under way: each caller is told so. Messages have an outbox of their own. */
export function abandonCalls(room: Room, error: Failure, out: Effect[]): void {
  for (const { call } of room.posts.values()) fail(call, error, out)
  for (const { id, call } of room.subjects) {
    out.push({ do: 'stop-waiting', name: `subject ${id}` })
    fail(call, error, out)
  }
  for (const { call } of room.renames) fail(call, error, out)
  if (room.renames.length > 0) out.push({ do: 'stop-waiting', name: 'rename' })
  room.posts.clear()
  room.subjects = []
  room.renames = []
}
