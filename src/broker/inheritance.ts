import type { StreamRow } from '../account/managed-stream.ts'
import type { LogLevel } from '../contract/model.ts'
import type { Store } from '../storage/store.ts'
import type { Identity } from './identity.ts'
import type { Rooms } from './rooms.ts'
import type { Seeking } from './seeking.ts'

export interface Heir {
  readonly store: Store
  readonly rooms: Rooms
  readonly seeking: Pick<Seeking, 'restore'>
  readonly identity: Identity
  readonly log: (level: LogLevel, text: string) => void
}

/**
 * Reads what the worker before left behind. Without it the session cannot go on, and the rooms are joined anew.
 *
 * @returns the session that may go on
 */
export async function takeOver({ store, rooms, seeking, identity, log }: Heir): Promise<StreamRow | undefined> {
  try {
    await seeking.restore()
    const left = await store.left()
    identity.restored(left.strongest)
    if (left.session) await rooms.inherit(left)
    return left.session
  } catch (error) {
    log('error', `what the worker before left cannot be read (${String(error)})`)
    return undefined
  }
}
