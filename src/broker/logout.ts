import { failure } from '../contract/errors.ts'
import type { CallId, TabId } from '../rooms/room.ts'
import type { Store } from '../storage/store.ts'
import type { CommitQueue } from './commit-queue.ts'
import type { Rooms } from './rooms.ts'
import type { Session } from './session.ts'
import type { Tabs } from './tabs.ts'

export interface Leaving {
  readonly rooms: Rooms
  readonly tabs: Tabs
  readonly session: Session
  readonly commits: CommitQueue
  readonly store: Store
  /** The store is gone for good. */
  readonly onWiped: () => void
}

/** Takes the account out of every room and ends its session; with `wipe` nothing of it stays in this browser. */
export function logout(leaving: Leaving, tab: TabId, call: CallId, wipe: boolean): void {
  const { tabs, session, commits, store, onWiped } = leaving
  const signOut = (): void => {
    session.signOut()
    const forgotten = session.forget()
    // Whatever the end of the session has to write down is not written behind the wipe.
    commits.after(() => void end(forgotten))
  }
  const end = async (forgotten: Promise<void>): Promise<void> => {
    if (wipe) onWiped()
    try {
      await forgotten
      if (wipe) await store.wipe()
      tabs.answer(call, null)
    } catch (error) {
      tabs.fail(call, failure('storage-closed', `wipe: ${String(error)}`))
    }
  }
  leaveAll(leaving, tab, () => commits.after(signOut))
}

/** Calls back when all rooms have said that we are out: ejabberd may lose what comes right before the end of a stream. */
function leaveAll({ rooms, tabs }: Leaving, tab: TabId, onLeft: () => void): void {
  const waiting = new Set<string>()
  for (const { jid, occupancy, holds } of rooms.all) if (occupancy.at !== 'out' || holds.size > 0) waiting.add(jid)
  if (waiting.size === 0) onLeft()
  for (const room of [...waiting]) {
    const left = tabs.openCall(tab, () => {
      if (waiting.delete(room) && waiting.size === 0) onLeft()
    })
    rooms.step(room, { on: 'tab-leaves', tab, call: left, status: undefined, everywhere: true })
  }
}
