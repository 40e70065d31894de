import type { Plugin } from '../contract/plugin.ts'
import { ROOM_ACTIVITY, type RoomActivityEvents } from '../contract/room-activity.ts'
import { domainOf } from '../protocol/jid.ts'
import { NS_DISCO_INFO, readDiscoInfo } from '../protocol/xep-0030-disco.ts'
import { activityPresence, NS_RAI, readActivity } from '../protocol/xep-0437-activity.ts'
import { el } from '../protocol/xml.ts'

/** How many services are asked. */
const MOST_SERVICES = 50

/** In which bookmarked rooms that the account is not in something was said, where their service says so (XEP-0437). */
export const roomActivity: Plugin<Record<string, never>, RoomActivityEvents> = {
  name: ROOM_ACTIVITY,
  start(worker) {
    const bookmarked = new Set<string>()
    /** Whether the service tells us, in this session. */
    const services = new Map<string, boolean>()
    const active = new Set<string>()

    async function subscribe(service: string): Promise<void> {
      if (services.has(service) || services.size === MOST_SERVICES) return
      services.set(service, false)
      try {
        const answer = await worker.request({ to: service, type: 'get', payload: el(NS_DISCO_INFO, 'query') })
        if (!services.has(service) || !readDiscoInfo(answer)?.features.has(NS_RAI)) return
        services.set(service, true)
        worker.send(activityPresence(service, worker.newId()))
      } catch (error) {
        worker.log('debug', `${service} says nothing of itself (${String(error)})`)
      }
    }

    function consider(room: string): void {
      if (worker.online && bookmarked.has(room) && !worker.isIn(room)) void subscribe(domainOf(room))
    }

    return {
      online(resumed) {
        if (!resumed) services.clear()
        for (const room of bookmarked) consider(room)
      },
      lost: () => services.clear(),
      attached(tab) {
        for (const room of active) worker.tell('activity', { room }, tab)
      },
      bookmark(room, bookmark) {
        if (bookmark) bookmarked.add(room)
        else for (const each of [bookmarked, active]) each.delete(room)
        // One that is to be joined is on its way in.
        if (bookmark && !bookmark.autojoin) consider(room)
      },
      membership(room, isIn) {
        if (isIn) active.delete(room)
        else consider(room)
      },
      stanza(stanza, { kind, from = '', type }) {
        if (services.get(from) !== true) return false
        if (kind === 'presence') {
          if (type === 'error' || type === 'unavailable') services.set(from, false)
          return true
        }
        const rooms = type === 'error' ? undefined : readActivity(stanza, from)
        for (const room of rooms ?? []) {
          if (!bookmarked.has(room) || active.has(room) || worker.isIn(room)) continue
          active.add(room)
          worker.tell('activity', { room })
        }
        return rooms !== undefined
      },
    }
  },
}
