import { useMemo } from 'react'
import type { Occupant, Room } from '../index.ts'
import { steady, useWatched } from './snapshots.ts'

const NOBODY: ReadonlyMap<string, Occupant> = new Map()

/** Everybody in the room, ourselves included, as the room named them; another list only where somebody changed. */
export function useOccupants(room: Room | undefined): readonly Occupant[] {
  const watched = useMemo(
    () =>
      room && {
        subscribe: (listener: () => void) => room.subscribe(listener),
        snapshot: steady(() => room.occupants, sameEntries),
      },
    [room],
  )
  const occupants = useWatched(watched, NOBODY)
  return useMemo(() => [...occupants.values()], [occupants])
}

function sameEntries(before: typeof NOBODY, now: typeof NOBODY): boolean {
  return before.size === now.size && [...now].every(([nick, occupant]) => before.get(nick) === occupant)
}
