import type { Bookmark, BookmarkChange } from '../protocol/xep-0402-bookmarks.ts'

/** The account's bookmarks, as far as they are known. */
export interface Bookmarks {
  /** By room. */
  readonly known: ReadonlyMap<string, Bookmark>
  /** They have been read; until then only those are known that the server told of. That is never the same as none. */
  readonly complete: boolean
  /** Rooms that threw us out: their bookmarks bring us back in no earlier than with the next session. */
  readonly suppressed: ReadonlySet<string>
}

export const NO_BOOKMARKS: Bookmarks = { known: new Map(), complete: false, suppressed: new Set() }

/** What a change asks of the rooms, and what the tabs are told. */
export type BookmarkEffect =
  | {
      readonly do: 'keep'
      readonly room: string
      readonly nick: string | undefined
      readonly password: string | undefined
    }
  | { readonly do: 'let-go'; readonly room: string }
  | { readonly do: 'tell'; readonly change: BookmarkChange }

/** Everything has been read: rooms with autojoin are wanted, those that lost it meanwhile are not any more. */
export function bookmarksRead(was: Bookmarks, read: readonly Bookmark[]): [Bookmarks, BookmarkEffect[]] {
  const known = new Map(read.map((bookmark) => [bookmark.room, bookmark]))
  const gone = [...was.known.keys()].filter((room) => !known.has(room))
  const changes: BookmarkChange[] = [
    ...gone.map((room) => ({ removed: room })),
    ...read.filter((bookmark) => !same(was.known.get(bookmark.room), bookmark)).map((set) => ({ set })),
  ]
  const [next, effects] = bookmarksChanged(was, changes)
  return [{ ...next, known, complete: true }, effects]
}

/** Some of them changed, here or on another device. One that says nothing new asks nothing: that ends every loop. */
export function bookmarksChanged(was: Bookmarks, changes: readonly BookmarkChange[]): [Bookmarks, BookmarkEffect[]] {
  const known = new Map(was.known)
  const effects: BookmarkEffect[] = []
  for (const change of changes) {
    for (const single of 'purged' in change ? [...known.keys()].map((room) => ({ removed: room })) : [change]) {
      if ('removed' in single) remove(known, single.removed, effects)
      else set(known, single.set, was.suppressed, effects)
    }
  }
  return [{ ...was, known }, effects]
}

function set(
  known: Map<string, Bookmark>,
  bookmark: Bookmark,
  suppressed: ReadonlySet<string>,
  out: BookmarkEffect[],
): void {
  const before = known.get(bookmark.room)
  if (same(before, bookmark)) return
  known.set(bookmark.room, bookmark)
  out.push({ do: 'tell', change: { set: bookmark } })
  const { room, nick, password, autojoin } = bookmark
  if (autojoin && !suppressed.has(room)) out.push({ do: 'keep', room, nick, password })
  else if (before?.autojoin && !autojoin) out.push({ do: 'let-go', room })
}

function remove(known: Map<string, Bookmark>, room: string, out: BookmarkEffect[]): void {
  const before = known.get(room)
  if (!before) return
  known.delete(room)
  out.push({ do: 'tell', change: { removed: room } })
  if (before.autojoin) out.push({ do: 'let-go', room })
}

/** The room threw us out: its bookmark is not to bring us back in this session. */
export function suppressed(was: Bookmarks, room: string): Bookmarks {
  return { ...was, suppressed: new Set([...was.suppressed, room]) }
}

/** A new session: the rooms that threw us out before may be tried again. The bookmarks are as they were. */
export function newSession(was: Bookmarks): Bookmarks {
  return { ...was, suppressed: new Set() }
}

/** Whether both say the same, whoever wrote their fields in whatever order. */
const same = (a: Bookmark | undefined, b: Bookmark): boolean => a !== undefined && inOrder(a) === inOrder(b)

const inOrder = ({ room, name = '', nick = '', password = '', autojoin, extensions }: Bookmark): string =>
  JSON.stringify([room, name, nick, password, autojoin, extensions])
