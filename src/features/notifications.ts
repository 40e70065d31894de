import {
  NOTIFICATIONS,
  type NotificationCalls,
  type NotificationEvents,
  type NotifyWhen,
} from '../contract/notifications.ts'
import type { Plugin } from '../contract/plugin.ts'
import type { Bookmark } from '../protocol/xep-0402-bookmarks.ts'
import { readNotify, withNotify } from '../protocol/xep-0492-notifications.ts'

/** What is kept for the default; rooms have an `@`. */
const DEFAULT = 'default'

/**
 * Which messages the person wants to be notified of: of a room that has a bookmark it stands there, for all devices
 * (XEP-0492). Of one that has none it is kept in this browser, since a bookmark would be news to other devices; so is the
 * default.
 */
export const notifications: Plugin<NotificationCalls, NotificationEvents> = {
  name: NOTIFICATIONS,
  start({ kept, tell, setBookmark, log }) {
    const bookmarks = new Map<string, Bookmark>()
    const here = new Map<string, NotifyWhen>()
    const loaded = kept.all().then(
      (all) => {
        for (const [key, when] of all) here.set(key, when as NotifyWhen) // as `keep` wrote it
      },
      (error: unknown) => log('error', `the settings cannot be read (${String(error)})`),
    )
    const shared = (room: string): NotifyWhen | undefined => readNotify(bookmarks.get(room)?.extensions)

    async function keep(key: string, when: NotifyWhen | undefined): Promise<void> {
      await kept.set(key, when)
      if (when) here.set(key, when)
      else here.delete(key)
    }

    return {
      bookmark(room, bookmark) {
        const before = shared(room)
        if (bookmark) bookmarks.set(room, bookmark)
        else bookmarks.delete(room)
        if (shared(room) === before) return
        const when = shared(room) ?? here.get(room)
        tell('notifications', { room, ...(when && { when }) })
      },
      notifyWhen: (room) => shared(room) ?? here.get(room) ?? here.get(DEFAULT),
      calls: {
        async get({ room }) {
          await loaded
          return room === undefined ? here.get(DEFAULT) : (shared(room) ?? here.get(room))
        },
        async set({ room, when }) {
          await loaded
          const bookmark = room === undefined ? undefined : bookmarks.get(room)
          if (bookmark) {
            // All tabs are told when the server has it, by `bookmark`.
            await setBookmark({ ...bookmark, extensions: withNotify(bookmark.extensions, when) })
            if (here.has(bookmark.room)) await keep(bookmark.room, undefined)
            return
          }
          await keep(room ?? DEFAULT, when)
          tell('notifications', { ...(room !== undefined && { room }), ...(when && { when }) })
        },
      },
    }
  },
}
