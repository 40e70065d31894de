import { useEffect, useMemo, useState } from 'react'
import { type Account, MinimixError, type Room, type RoomPhase, type RoomSnapshot } from '../index.ts'
import { holdRoom, type RoomJoin } from './room-hold.ts'
import { useWatched } from './snapshots.ts'

export type { RoomJoin }

/** What `useRoom` gives: the room, and what it is now. */
export interface JoinedRoom extends RoomSnapshot {
  readonly room: Room | undefined
  /** Why it could not be joined. */
  readonly error: MinimixError | undefined
}

const OUT: RoomSnapshot = {
  state: 'out',
  nick: undefined,
  self: undefined,
  occupants: new Map(),
  subject: { text: '' },
  config: undefined,
  avatarHash: undefined,
  needsConfiguration: false,
  unread: 0,
  mentions: 0,
  typing: [],
  outbox: [],
}

/**
 * A room as it is now. With `join` the tab is in it while the component is there: the last one that goes leaves it, the
 * other tabs stay. Other values in `join` join anew, which is how to try another nick or password.
 *
 * @throws MinimixError `jid-malformed`, TypeError
 */
export function useRoom(account: Account | undefined, jid: string | undefined, join?: RoomJoin): JoinedRoom {
  const room = jid === undefined ? undefined : account?.room(jid)
  const snapshot = useWatched(room, OUT)
  const error = useJoin(room, join, snapshot.state)
  return useMemo(() => ({ ...snapshot, room, error }), [snapshot, room, error])
}

function useJoin(room: Room | undefined, join: RoomJoin | undefined, state: RoomPhase): MinimixError | undefined {
  const [failed, setFailed] = useState<{ readonly room: Room; readonly words: string; readonly error: MinimixError }>()
  // Once the tab is in, by whatever way, that is over.
  if (failed && state === 'in') setFailed(undefined)
  const words = join && JSON.stringify(join)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the words stand for the options, which each render writes anew
  useEffect(() => {
    if (!room || !join || words === undefined) return
    const fail = (error: unknown): void => {
      if (!(error instanceof MinimixError)) throw error
      setFailed({ room, words, error })
    }
    try {
      return holdRoom(room, join, fail)
    } catch (error) {
      fail(error)
    }
  }, [room, words])
  return failed?.room === room && failed?.words === words ? failed?.error : undefined
}
