import { useMemo } from 'react'
import type { Account } from '../index.ts'
import { steady, useWatched } from './snapshots.ts'

type Counts = { readonly unread: number; readonly mentions: number }

/** What `useUnread` gives: of all rooms together, and of each. */
export interface UnreadCounts extends Counts {
  readonly rooms: ReadonlyMap<string, Counts>
}

const NOTHING: UnreadCounts = { unread: 0, mentions: 0, rooms: new Map() }

/** How many messages nobody has seen, in whatever tab or device, and how many of them mention us. */
export function useUnread(account: Account | undefined): UnreadCounts {
  const watched = useMemo(() => {
    if (!account) return undefined
    const look = (): UnreadCounts => {
      const rooms = new Map(account.unread)
      const sum = (what: keyof Counts): number => [...rooms.values()].reduce((all, each) => all + each[what], 0)
      return { unread: sum('unread'), mentions: sum('mentions'), rooms }
    }
    return {
      subscribe: (listener: () => void) => account.on('unread', listener),
      snapshot: steady(look, (before, now) => sameCounts(before.rooms, now.rooms)),
    }
  }, [account])
  return useWatched(watched, NOTHING)
}

function sameCounts(before: UnreadCounts['rooms'], now: UnreadCounts['rooms']): boolean {
  return (
    before.size === now.size &&
    [...now].every(([room, { unread, mentions }]) => {
      const was = before.get(room)
      return was?.unread === unread && was.mentions === mentions
    })
  )
}
