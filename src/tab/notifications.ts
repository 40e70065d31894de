import { NOTIFICATIONS, type NotifyWhen } from '../contract/notifications.ts'
import { bareJid, oneOf } from './check.ts'
import { given } from './given.ts'
import type { Call } from './remote.ts'

/** Which messages the person wants to be notified of (XEP-0492), by the event `notify`. */
export interface NotificationSettings {
  /** What was set for the room, or for a person; `undefined`: the default counts. */
  get(room: string): Promise<NotifyWhen | undefined>
  /**
   * For all devices where the room has a bookmark, else for this browser. `null` leaves it to the default.
   *
   * @throws MinimixError rejects with `stanza-error` where the server does not take it, `timeout`
   */
  set(room: string, when: NotifyWhen | null): Promise<void>
  /** `undefined`: all of rooms for members only, of others what is for us. */
  default(): Promise<NotifyWhen | undefined>
  /** For all rooms where nothing else is set, in this browser. */
  setDefault(when: NotifyWhen | null): Promise<void>
}

export function notificationSettings(call: Call): NotificationSettings {
  const ask = (method: 'get' | 'set', args: object): Promise<unknown> =>
    call('plugin', { plugin: NOTIFICATIONS, method, args })
  // The worker gives one of the words, or nothing, which crosses as `null`.
  const get = (args: object) => ask('get', args).then((when) => (when ?? undefined) as NotifyWhen | undefined)
  const set = (room: string | undefined, when: NotifyWhen | null): Promise<void> => {
    if (when !== null) oneOf(when, ['always', 'on-mention', 'never'], 'notifications: when')
    return ask('set', given({ room, when: when ?? undefined })).then(() => undefined)
  }
  return {
    get: (room) => get({ room: bareJid(room, 'notifications.get(room)') }),
    set: (room, when) => set(bareJid(room, 'notifications.set(room)'), when),
    default: () => get({}),
    setDefault: (when) => set(undefined, when),
  }
}
