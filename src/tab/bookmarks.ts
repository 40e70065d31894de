import type { Bookmark } from '../protocol/xep-0402-bookmarks.ts'
import { bareJid, optional } from './check.ts'
import type { Call } from './remote.ts'

/** The account's bookmarks, shared by all devices (XEP-0402). */
export interface BookmarkCalls {
  /** @throws MinimixError rejects with `offline` where the server has not said yet, or cannot */
  list(): Promise<readonly Bookmark[]>
  /** What other clients keep with it stays. With `autojoin` the account enters the room, without any tab. */
  set(bookmark: Omit<Bookmark, 'autojoin'> & { readonly autojoin?: boolean }): Promise<void>
  /** A room that was to be joined by itself is left, in every tab. */
  remove(room: string): Promise<void>
}

export function bookmarkCalls(call: Call): BookmarkCalls {
  return {
    list: () => call('bookmarks', null),
    set: ({ autojoin = false, ...bookmark }) => {
      optional(autojoin, 'boolean', 'bookmarks.set({ autojoin })')
      const room = bareJid(bookmark.room, 'bookmarks.set({ room })')
      return call('setBookmark', { ...bookmark, room, autojoin }).then(() => undefined)
    },
    remove: (room) => call('removeBookmark', { room: bareJid(room, 'bookmarks.remove(room)') }).then(() => undefined),
  }
}
