import type { Failure } from '../contract/errors.ts'
import type { Effect } from './effects.ts'
import type { CallId } from './room.ts'

/** Ends a call, where somebody waits for one. */
export function fail(call: CallId | undefined, error: Failure, out: Effect[]): void {
  if (call !== undefined) out.push({ do: 'fail', call, error })
}
