import type { Failure } from '../contract/errors.ts'
import type { Effect } from './effects.ts'
import type { Room } from './room.ts'

/** Nothing more will be heard of what is under way: each caller is told so. Messages have an outbox of their own. */
export function abandonCalls(room: Room, error: Failure, out: Effect[]): void {
  const fail = (call: number | undefined): void => {
    if (call !== undefined) out.push({ do: 'fail', call, error })
  }
  for (const { call } of room.posts.values()) fail(call)
  for (const { id, call } of room.subjects) {
    out.push({ do: 'stop-waiting', name: `subject ${id}` })
    fail(call)
  }
  for (const { call } of room.renames) fail(call)
  if (room.renames.length > 0) out.push({ do: 'stop-waiting', name: 'rename' })
  room.posts.clear()
  room.subjects = []
  room.renames = []
}
