import type { Plugin } from './contract/plugin.ts'
import { notifications } from './features/notifications.ts'
import { NS_AVATAR_METADATA } from './protocol/xep-0084-user-avatar.ts'
import { NS_NICK } from './protocol/xep-0172-nick.ts'

/** What those want to hear of that are loaded later: the account says the same of itself whether they are there or not. */
const heardLater: Plugin = {
  name: 'minimix:later',
  features: [`${NS_NICK}+notify`, `${NS_AVATAR_METADATA}+notify`],
  start: () => ({}),
}

/** The plug-ins that the SDK itself brings, before those of the application. */
export function withOwn(plugins: readonly Plugin[]): readonly Plugin[] {
  return [heardLater, notifications, ...plugins]
}
