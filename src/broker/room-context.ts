import type { OwnPresence } from '../contract/model.ts'
import type { NotifyWhen } from '../protocol/xep-0492-notifications.ts'
import type { XmlNode } from '../protocol/xml.ts'
import type { Context, TabId } from '../rooms/room.ts'
import type { Clock } from './ports.ts'

export interface ContextSources {
  /** The own bare JID, by now. */
  readonly ownJid: () => string
  readonly isBlocked: (jid: string) => boolean
  readonly notifyWhen: (room: string) => NotifyWhen | undefined
  readonly clock: Clock
  readonly caps?: XmlNode
  readonly presence: () => OwnPresence
  readonly more: () => readonly XmlNode[]
  readonly hiddenTabs: () => ReadonlySet<TabId>
  readonly online: () => boolean
  readonly lingering: () => boolean
}

/** What a step may know, read when it is asked for: most steps want little of it, and there is one for each stanza. */
export function contextOf(sources: ContextSources): Context {
  const { clock, caps, isBlocked, notifyWhen } = sources
  return {
    newId: () => clock.newId(),
    caps,
    isBlocked,
    notifyWhen,
    get account() {
      return sources.ownJid()
    },
    get nowMs() {
      return clock.nowMs()
    },
    get chance() {
      return clock.chance()
    },
    get presence() {
      return sources.presence()
    },
    get more() {
      return sources.more()
    },
    get hiddenTabs() {
      return sources.hiddenTabs()
    },
    get online() {
      return sources.online()
    },
    get lingering() {
      return sources.lingering()
    },
  }
}
