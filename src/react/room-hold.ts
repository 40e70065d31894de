import type { JoinOptions, Room } from '../index.ts'

/** How a component joins; its own life is the signal. */
export type RoomJoin = Omit<JoinOptions, 'signal'>

interface Hold {
  users: number
  /** How it was joined, as text. */
  words: string
  /** By us: what the application has joined itself, it leaves itself. */
  ours: boolean
  /** Ends a join that is under way. */
  life: AbortController
  joining: Promise<unknown>
}

/** Rooms that components hold: several may hold one, and the last one that goes leaves it. */
const HOLDS = new WeakMap<Room, Hold>()

const isOut = ({ state }: Room): boolean => state === 'out' || state === 'removed' || state === 'destroyed'

/**
 * Joins the room, where nobody has.
 *
 * @param onFailed is told where the join fails, until the hold is released
 * @returns releases it
 */
export function holdRoom(room: Room, options: RoomJoin, onFailed: (error: unknown) => void): () => void {
  const words = JSON.stringify(options)
  const known = HOLDS.get(room)
  const hold = known ?? { users: 0, words, ours: false, life: new AbortController(), joining: Promise.resolve() }
  if (isOut(room) || (known && known.words !== words)) {
    const life = new AbortController()
    const wasOut = isOut(room)
    hold.joining = room.join({ ...options, signal: life.signal })
    hold.life = life
    hold.words = words
    hold.ours ||= wasOut
  }
  HOLDS.set(room, hold)
  hold.users += 1
  let released = false
  hold.joining.catch((error: unknown) => {
    if (!released) onFailed(error)
  })
  return () => {
    if (released) return
    released = true
    hold.users -= 1
    // Another one may take it over at once, as in strict mode.
    queueMicrotask(() => letGo(room, hold))
  }
}

function letGo(room: Room, hold: Hold): void {
  if (hold.users > 0 || HOLDS.get(room) !== hold) return
  HOLDS.delete(room)
  if (!hold.ours) return
  if (room.state === 'joining') hold.life.abort()
  // Where the tab has been detached before, nobody is left to hear it.
  else if (!isOut(room)) room.leave().catch(() => undefined)
}
